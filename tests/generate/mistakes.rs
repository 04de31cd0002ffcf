//! What the pieces for systemd, Corosync, keepalived, Pacemaker, Consul and Kubernetes are not printed for.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use support::Trouble;

use crate::Program;
use crate::refused::complaint;

/// A piece, arguments, and which of them is wrong.
type Mistake = (&'static str, String, &'static str);

fn are_named(mistakes: &[Mistake]) -> Result<(), Trouble> {
    let program = Program::new("")?;
    for (piece, args, field) in mistakes {
        let words: Vec<&str> = args.split(' ').collect();
        let said = complaint(&program, piece, &words, 64);
        assert!(said.contains(field), "{piece} {args}: {said}");
    }
    Ok(())
}

#[test]
fn no_check_is_printed_that_the_daemon_refuses() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let token = program.scratch.path().join("token");
    fs::write(&token, "geheim-geheim-geheim\n").map_err(Trouble::io("write a token"))?;
    fs::set_permissions(&token, Permissions::from_mode(0o600))
        .map_err(Trouble::io("close a token"))?;
    let config = format!("[admission]\ntoken_file = \"{}\"\n", token.display());
    fs::write(&program.config, config).map_err(Trouble::io("write a configuration"))?;
    let lvs = "lvs --node a=10.0.0.1 --node b=10.0.0.2 --virtual 10.0.0.9";
    for (piece, args, instead) in [
        ("consul", "", Some("--check script")),
        ("keepalived", lvs, Some("--check plugin")),
        ("kubernetes", "inside", None),
    ] {
        let words: Vec<&str> = args.split_ascii_whitespace().collect();
        let said = complaint(&program, piece, &words, 78);
        assert!(
            said.contains("admission.token_file: the daemon requires a token"),
            "{said}"
        );
        if let Some(instead) = instead {
            assert!(said.contains(instead), "{said}");
            let words: Vec<&str> = words.into_iter().chain(instead.split(' ')).collect();
            program.generate(piece, &words);
        }
    }
    Ok(())
}

#[test]
fn what_would_break_units_or_the_files_of_corosync_and_keepalived_is_named() -> Result<(), Trouble>
{
    let lvs = "lvs --node a=10.0.0.1 --node b=10.0.0.2 --virtual";
    let vrrp = "vrrp --node a=10.0.0.1 --node b=10.0.0.2 --virtual 10.0.0.9 --on";
    are_named(&[
        ("systemd", "--state 0".to_owned(), "--state"),
        ("systemd", "--state srv1:5431".into(), "--state"),
        ("systemd", "--http 5431".into(), "--http"),
        ("systemd", "--program bin/x".into(), "--program"),
        ("systemd", "--variant daemon --state 1".into(), "--state"),
        ("systemd", "--variant accept --http 1".into(), "--http"),
        ("corosync", "--profile fast".into(), "--node"),
        (
            "corosync",
            "--node a=10.0.0.1 --node b=10.0.0.2 --second-link a=10.1.0.1".into(),
            "--second-link",
        ),
        (
            "corosync",
            "--node a=10.0.0.1 --cluster-name {".into(),
            "--cluster-name",
        ),
        ("keepalived", "lvs --virtual 10.0.0.9".into(), "--node"),
        ("keepalived", "lvs --node a=10.0.0.1".into(), "--virtual"),
        ("keepalived", format!("{lvs} 10.0.0.2"), "--virtual"),
        ("keepalived", format!("{lvs} 2001:db8::1"), "--virtual"),
        ("keepalived", format!("{lvs} 0.0.0.0"), "--virtual"),
        (
            "keepalived",
            format!("{lvs} 10.0.0.9 --forward dr"),
            "--forward",
        ),
        (
            "keepalived",
            format!("{lvs} 10.0.0.9 --read-only-port 5432"),
            "--read-only-port",
        ),
        (
            "keepalived",
            format!("{lvs} 10.0.0.9 --check plugin --max-lag 1MB"),
            "--max-lag",
        ),
        (
            "keepalived",
            format!("{lvs} 10.0.0.9 --script-user A"),
            "--script-user",
        ),
        ("keepalived", format!("{vrrp} c --interface eth0"), "--on"),
        ("keepalived", format!("{vrrp} a"), "--interface"),
        (
            "keepalived",
            format!("{vrrp} a --interface a;b"),
            "--interface",
        ),
        (
            "keepalived",
            format!("{vrrp} a --interface e --router-id 0"),
            "--router-id",
        ),
        (
            "keepalived",
            "vrrp --node a=10.0.0.1 --virtual 10.0.0.9 --on a --interface e".into(),
            "--node",
        ),
    ])
}

#[test]
fn what_would_break_commands_or_services_is_named() -> Result<(), Trouble> {
    let servers = "--node a=10.0.0.1 --bindir /b --pgdata";
    are_named(&[
        ("pacemaker", "--bindir /b --pgdata /d".into(), "--node"),
        (
            "pacemaker",
            "--node a=10.0.0.1 --pgdata /d".into(),
            "--bindir",
        ),
        ("pacemaker", format!("{servers} $HOME"), "--pgdata"),
        (
            "pacemaker",
            format!("{servers} /d --datadir /d;x"),
            "--datadir",
        ),
        (
            "pacemaker",
            format!("{servers} /d --agent pgsqlms"),
            "--agent",
        ),
        (
            "pacemaker",
            format!("{servers} /d --resource 1a"),
            "--resource",
        ),
        (
            "pacemaker",
            format!("{servers} /d --pacemaker-version 1.1"),
            "--pacemaker-version",
        ),
        (
            "pacemaker",
            format!("{servers} /d --postgres-port 0"),
            "--postgres-port",
        ),
        ("consul", "--name Db".into(), "--name"),
        ("consul", "--on srv1".into(), "--node"),
        ("consul", "--on b --node a=10.0.0.1".into(), "--on"),
        ("consul", "--node a=10.0.0.1".into(), "--on"),
        ("consul", "--max-lag 16mb".into(), "--max-lag"),
        ("consul", "--check script --max-lag 1MB".into(), "--max-lag"),
        ("kubernetes", "outside".into(), "--node"),
        ("kubernetes", "outside --node a=127.0.0.1".into(), "--node"),
        ("kubernetes", "outside --node a=fe80::1".into(), "--node"),
        (
            "kubernetes",
            "outside --node a=10.0.0.1 --read-only-port 5432".into(),
            "--read-only-port",
        ),
        ("kubernetes", "inside --name pgsql-state".into(), "--name"),
        (
            "kubernetes",
            "inside --http-port 5432".into(),
            "--postgres-port",
        ),
    ])
}

#[test]
fn a_configuration_that_no_piece_can_follow_is_named() -> Result<(), Trouble> {
    let twins = "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.0.0.1\" }, \
                 { name = \"SRV1\", address = \"10.0.0.2\" } ]\n";
    let loopback = "[admission]\nproxy_protocol = [\"127.0.0.1\"]\n";
    let low = "[listen]\nstate = [\"[::]:80\"]\n";
    let unknown = "[listen]\nstate = [\"[::]:0\"]\n";
    let hidden = "[postgres]\nconninfo = \"host=@here\"\n";
    let link = "[cluster]\nnodes = [ { name = \"srv1\", address = \"169.254.0.1\" } ]\n";
    for (config, piece, args, field) in [
        (loopback, "consul", &[][..], "admission.proxy_protocol"),
        (low, "systemd", &["--variant", "daemon"], "listen"),
        (unknown, "systemd", &[], "listen"),
        (hidden, "systemd", &[], "postgres.conninfo"),
        (link, "kubernetes", &["outside"], "cluster.nodes"),
        (
            twins,
            "pacemaker",
            &["--bindir", "/b", "--pgdata", "/d"],
            "cluster.nodes",
        ),
    ] {
        let said = complaint(&Program::new(config)?, piece, args, 78);
        assert!(said.contains(&format!("pgsql-state: {field}: ")), "{said}");
    }
    Ok(())
}
