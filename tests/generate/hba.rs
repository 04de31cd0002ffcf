//! The rules for `pg_hba.conf`, as a real server reads and applies them.

use std::fs;
use std::net::SocketAddrV4;
use std::os::unix::fs::{MetadataExt, symlink};
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use support::postgres::{ORDINARY, SUPERUSER, TRUST};
use support::{Postgres, Trouble, ports, until};

use crate::{PROGRAM, Program, SECONDS};

/// The rules of the file, and what is wrong with each.
const AS_READ: &str = "\
SELECT type, array_to_string(database, ','), array_to_string(user_name, ','),
       concat_ws('/', address, netmask), auth_method, error
  FROM pg_hba_file_rules ORDER BY line_number";

#[test]
fn the_server_reads_them_as_they_are_meant() -> Result<(), Trouble> {
    let program = Program::new(
        "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.20.30.51\" }, \
         { name = \"srv2\", address = \"2001:db8::52\" } ]\n\
         [admission]\ntrusted = [\"@haproxy\"]\n",
    )?;
    let rules = program.generate("pg-hba", &["--node", "srv2", "--replication-role", "repl"]);
    let server = Postgres::primary().hba(&(rules + TRUST)).start()?;
    let read = server.query(AS_READ)?;
    let own: Vec<&str> = read.lines().take(9).collect();
    let full = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    assert_eq!(
        own,
        [
            "local|replication|all||reject|",
            &format!("host|replication|all|2001:db8::52/{full}|reject|"),
            "host|replication|all|127.0.0.0/255.0.0.0|reject|",
            &format!("host|replication|all|::1/{full}|reject|"),
            "host|replication|all|samehost|reject|",
            "host|replication|repl|10.20.30.51/255.255.255.255|scram-sha-256|",
            "host|replication|all|srv2|reject|",
            "local|postgres|pgsql-state||peer|",
            "local|all|all||trust|",
        ]
    );
    Ok(())
}

#[test]
fn they_are_put_into_a_file_and_taken_out_again() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let file = program.scratch.path().join("pg_hba.conf");
    let old = format!("# Of the package.\n\n# Do not disable!\n{TRUST}");
    fs::write(&file, &old).map_err(Trouble::io("write a file"))?;
    let path = file.to_str().unwrap();
    let install = [
        "--node",
        "srv1",
        "--member",
        "srv1=10.20.30.51",
        "--install",
        path,
    ];
    let read = || fs::read_to_string(&file).unwrap();

    let said = program.generate("pg-hba", &install);
    assert!(
        said.starts_with(&format!("{path}: changed; the old file is {path}.")),
        "{said}"
    );
    let rules = program.generate("pg-hba", &install[..4]);
    assert_eq!(
        read(),
        format!("# Of the package.\n\n{rules}# Do not disable!\n{TRUST}")
    );
    let kept = file.with_file_name("pg_hba.conf.before-pgsql-state");
    assert_eq!(fs::read_to_string(&kept).unwrap(), old);
    let installed = read();
    let server = Postgres::primary().hba(&installed).start()?;
    assert_eq!(
        server.query("SELECT count(error) FROM pg_hba_file_rules")?,
        "0"
    );

    assert_eq!(
        program.generate("pg-hba", &install),
        format!("{path}: nothing to change\n")
    );
    assert_eq!(read(), installed);
    program.generate("pg-hba", &["--remove", path]);
    assert_eq!(read(), old);

    fs::write(&file, "locals all all peer\n").map_err(Trouble::io("write a file"))?;
    let output = program.run("pg-hba", &install);
    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said,
        format!("pgsql-state: {path}: line 1: \"locals\" is not the type of a rule\n")
    );
    assert_eq!(read(), "locals all all peer\n");
    Ok(())
}

#[test]
fn a_server_does_not_replicate_from_itself() -> Result<(), Trouble> {
    let own = ports::free()?;
    let member = format!("srv1={}", own.ip());
    let rules = Program::new("")?.generate("pg-hba", &["--node", "srv1", "--member", &member]);
    let rules = rules + TRUST;
    let primary = Postgres::primary().tcp(ports::free()?).start()?;
    // As HAProxy would lead it, where it takes this server for the primary.
    let itself = primary
        .backup()
        .streaming_from(own)
        .setup()
        .tcp(own)
        .hba(&rules)
        .start()?;
    until(SECONDS, "the refusal", || {
        itself
            .log()
            .contains("pg_hba.conf rejects replication connection")
    })?;
    assert_eq!(
        itself.query("SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'")?,
        "0"
    );

    let on_socket = itself.conninfo(SUPERUSER);
    let over_tcp = itself.tcp_conninfo(SUPERUSER);
    for conninfo in [on_socket, over_tcp] {
        let scratch = support::scratch::Scratch::new()?;
        let mut psql = scratch.command(Postgres::program("psql")?);
        psql.args(["--no-psqlrc", "--command", "IDENTIFY_SYSTEM"]);
        psql.args(["--dbname", &format!("{conninfo} replication=true")]);
        let output = psql.output().map_err(Trouble::io("run psql"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("pg_hba.conf rejects replication connection"),
            "{said}"
        );
    }
    Ok(())
}

/// What `--verify` finds, asking as this role, with these arguments more.
fn verified(server: &Postgres, role: &str, more: &[&str]) -> Result<Output, Trouble> {
    let member = format!("srv1={}", server.tcp().unwrap().ip());
    let conninfo = server.conninfo(role);
    let args = [
        "--node", "srv1", "--member", &member, "--verify", "--server", &conninfo,
    ];
    Ok(Program::new("")?.run("pg-hba", &[&args, more].concat()))
}

fn rules_for(address: SocketAddrV4) -> Result<String, Trouble> {
    let member = format!("srv1={}", address.ip());
    Ok(Program::new("")?.generate("pg-hba", &["--node", "srv1", "--member", &member]))
}

/// The lines of what is wrong.
fn wrong(output: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stdout);
    let lines = said.lines().filter_map(|line| line.strip_prefix("WRONG: "));
    lines.map(str::to_owned).collect()
}

#[test]
fn rules_are_proven_once_the_server_goes_by_them() -> Result<(), Trouble> {
    let mut server = Postgres::primary().tcp(ports::free()?).start()?;
    let file = server.data_dir().join("pg_hba.conf");
    let install = ["--install", file.to_str().unwrap()];

    let early = verified(&server, SUPERUSER, &install)?;
    assert_eq!(early.status.code(), Some(1), "{early:?}");
    let said = String::from_utf8_lossy(&early.stdout);
    assert!(said.contains("changed; the old file is"), "{said}");
    assert!(
        said.contains("PostgreSQL reads these 7 rules first"),
        "{said}"
    );
    let found = wrong(&early);
    assert!(
        found[0].contains("SELECT pg_reload_conf(), then --verify again"),
        "{found:?}"
    );
    let socket = "the Unix socket: replication from itself as \"postgres\" is not rejected: another rule \
                  lets the role in, or asks it to authenticate";
    assert_eq!(found[1], socket);
    let address = server.tcp().unwrap().ip().to_string();
    assert!(found[2].starts_with(&format!("{address}: ")), "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");

    server.reload()?;
    let proven = verified(&server, SUPERUSER, &["--replication-role", "repl"])?;
    assert_eq!(proven.status.code(), Some(0), "{proven:?}");
    let said = String::from_utf8_lossy(&proven.stdout);
    for way in ["the Unix socket", &address] {
        for role in ["postgres", "repl"] {
            let line = format!("{way}: replication from itself as \"{role}\" is rejected\n");
            assert!(said.contains(&line), "{said}");
        }
    }
    Ok(())
}

#[test]
fn a_proof_of_who_one_is_that_fails_is_no_rejection() -> Result<(), Trouble> {
    for rule in [
        "local replication all peer\n",
        "local replication all scram-sha-256\n",
        "local replication postgres md5\n",
        "local replication +pg_monitor,postgres trust\n",
    ] {
        let address = ports::free()?;
        let rules = rule.to_owned() + &rules_for(address)? + TRUST;
        let server = Postgres::primary().tcp(address).hba(&rules).start()?;
        let output = verified(&server, SUPERUSER, &[])?;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let found = wrong(&output);
        assert!(found[0].contains("has others before them"), "{found:?}");
        assert!(found[1].starts_with("the Unix socket: "), "{found:?}");
        assert_eq!(found.len(), 2, "{rule}: {found:?}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_verified_is_one_sentence() -> Result<(), Trouble> {
    let server = Postgres::primary().tcp(ports::free()?).start()?;
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let ordinary = verified(&server, ORDINARY, &[])?;
    assert_eq!(ordinary.status.code(), Some(1));
    assert!(
        said(&ordinary).contains("which requires a superuser"),
        "{ordinary:?}"
    );
    let nobody = verified(&server, "nobody", &[])?;
    assert_eq!(nobody.status.code(), Some(1));
    assert!(
        said(&nobody).starts_with("pgsql-state: cannot connect to "),
        "{nobody:?}"
    );
    let scratch = support::scratch::Scratch::new()?;
    let other = scratch.path().join("pg_hba.conf");
    fs::write(&other, TRUST).map_err(Trouble::io("write a file"))?;
    let other = verified(&server, SUPERUSER, &["--install", other.to_str().unwrap()])?;
    assert_eq!(other.status.code(), Some(1));
    assert!(said(&other).contains(", not "), "{other:?}");
    Ok(())
}

/// The server's user owns the folder, and swaps the file for a link while root installs the rules.
#[test]
fn who_swaps_the_file_for_a_link_meanwhile_has_nothing_outside_the_folder_overwritten()
-> Result<(), Trouble> {
    const RACES: usize = 40;
    // A link of one's own is followed.
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return Ok(());
    }
    let program = Program::new("")?;
    let folder = program.scratch.path().join("folder");
    let (file, link) = (folder.join("pg_hba.conf"), folder.join("link"));
    let outside = program.scratch.path().join("outside");
    fs::create_dir(&folder).unwrap();
    fs::write(&outside, TRUST).unwrap();
    let before = fs::metadata(&outside).unwrap();
    let over = AtomicBool::new(false);
    let (mut installed, mut refused) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                fs::write(folder.join("real"), TRUST).unwrap();
                fs::rename(folder.join("real"), &file).unwrap();
                fs::remove_file(&link).ok();
                symlink("../outside", &link).unwrap();
                fs::rename(&link, &file).unwrap();
            }
        });
        while !file.exists() {
            thread::yield_now();
        }
        for _ in 0..RACES {
            let mut command = program.scratch.command(PROGRAM);
            command
                .args(["generate", "pg-hba", "--node", "srv1"])
                .args(["--member", "srv1=10.20.30.51", "--install"])
                .arg(&file);
            let count = if command.output().unwrap().status.success() {
                &mut installed
            } else {
                &mut refused
            };
            *count += 1;
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(installed + refused, RACES);
    let after = fs::metadata(&outside).unwrap();
    assert_eq!(after.ino(), before.ino());
    assert_eq!(fs::read_to_string(&outside).unwrap(), TRUST);
    assert!(
        !outside
            .with_file_name("outside.before-pgsql-state")
            .exists()
    );
    Ok(())
}
