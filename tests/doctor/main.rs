//! `pgsql-state doctor` on hosts with real servers, daemons and HAProxy. The tools of the host are scripts that
//! print what real ones do: they are not everywhere, and nobody's firewall is to be touched.
//!
//! - [`hosts`]: the hosts, their tools, and what is found on one.
//! - [`haproxy`]: the faults of the HAProxy that runs.
//! - [`postgresql`]: the server's settings, rules and address, and the commands that mend them.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod haproxy;
mod hosts;
mod postgresql;

use std::fs;
use std::net::SocketAddrV4;

use support::Trouble;
use support::haproxy::installed;
use support::postgres::{ORDINARY, SUPERUSER, TRUST};

use hosts::{Hosts, PROGRAM, SECONDS, found, said};

const CIB: &str = r#"<cib validate-with="pacemaker-3.9"><configuration><crm_config>
  <cluster_property_set id="o"><nvpair id="s" name="stonith-enabled" value="false"/></cluster_property_set>
</crm_config><nodes/><resources>
  <clone id="pgsqld-clone"><primitive id="pgsqld" class="ocf" provider="heartbeat" type="pgsqlms"><operations>
    <op id="m" name="monitor" interval="15s" timeout="10s" role="Promoted"/>
    <op id="n" name="monitor" interval="15s" timeout="10s" role="Unpromoted"/></operations></primitive>
  <meta_attributes id="a"><nvpair id="p" name="promotable" value="true"/></meta_attributes></clone>
</resources><constraints/></configuration></cib>"#;

#[test]
fn everything_that_is_wrong_is_found() -> Result<(), Trouble> {
    let settings = [
        ("recovery_target_timeline", "current"),
        ("wal_keep_size", "0"),
    ];
    let hosts = Hosts::start("standby", &settings, TRUST)?.daemons(2)?;
    let (haproxy, socket) = hosts.haproxy("", "")?;
    hosts.tool("cibadmin", CIB, 0);
    hosts.tool("crm_node", "srv2", 0);
    hosts.tool("timedatectl", "no", 0);
    hosts.tool("getenforce", "Enforcing", 0);
    hosts.tool("getsebool", "haproxy_connect_any --> off", 0);

    let file = haproxy.directory().join("haproxy.cfg");
    let asked = [
        "--node",
        "srv2",
        "--haproxy-socket",
        &socket,
        "--haproxy-config",
        file.to_str().unwrap(),
    ];
    let output = hosts.doctor(3, SUPERUSER, &asked);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let ids = found(&output);
    let (of_file, others): (Vec<String>, Vec<_>) =
        ids.into_iter().partition(|id| id == "haproxy-file");
    assert!(!of_file.is_empty(), "{output:?}");
    assert_eq!(
        others,
        [
            "recovery-target-timeline",
            "restart-after-crash",
            "wal-keep",
            "application-name",
            "hba-self",
            "node-unreachable",
            "haproxy-unchecked",
            "haproxy-unchecked",
            "haproxy-two-writers",
            "haproxy-wrong-writer",
            "fencing-off",
            "fencing-device",
            "notify-off",
            "monitor-intervals",
            "operation-timeout",
            "clock",
            "selinux-haproxy",
        ],
        "{}",
        said(&output)
    );
    let text = said(&output);
    assert!(
        text.contains("prod/srv2 takes writers, and its daemon answers `standby`"),
        "{text}"
    );
    let mut unseen = text
        .lines()
        .filter(|line| line.starts_with("not looked at: "));
    assert!(
        unseen.all(|line| line
            .starts_with("not looked at: whether others reach this host: the daemon of ")),
        "{text}"
    );

    let json = hosts.doctor(3, SUPERUSER, &[&asked[..], &["--json"]].concat());
    let document: serde_json::Value = serde_json::from_str(&said(&json)).unwrap();
    assert_eq!(
        document["findings"].as_array().unwrap().len(),
        17 + of_file.len()
    );
    assert_eq!(document["findings"][0]["id"], "recovery-target-timeline");
    Ok(())
}

#[test]
fn a_sound_host_has_no_findings() -> Result<(), Trouble> {
    let rules = "local replication all reject\nhost replication all 127.0.0.0/8 reject\n\
                 host replication all ::1/128 reject\nhost replication all samehost reject\n";
    let hosts = Hosts::start("srv2", &[], &(rules.to_owned() + TRUST))?.daemons(2)?;
    let check = format!(
        "    option tcp-check\n    tcp-check connect port {}\n    tcp-check expect rstring ^production\n    \
         default-server inter 200ms fall 1\n",
        hosts.state[0].port()
    );
    let (haproxy, socket) = hosts.haproxy(&check, "check")?;
    haproxy.wait_for_view(SECONDS, &["prod/srv1 Up L7OK", "prod/srv2 Down L7RSP"])?;
    hosts.tool("cibadmin", "no", 102);
    hosts.tool("timedatectl", "yes", 0);
    hosts.tool("getenforce", "Permissive", 0);
    // As it is generated, whatever the one that runs has been made of.
    let mut generator = hosts.scratch.command(PROGRAM);
    let (major, minor) = installed()?;
    let version = format!("{major}.{minor}");
    generator.args(["generate", "haproxy", "--profile", "safe"]);
    generator.args(["--haproxy-version", &version]);
    for (number, state) in (1..).zip(&hosts.state) {
        generator.args(["--node", &format!("srv{number}={}", state.ip())]);
    }
    let generated = generator.output().unwrap();
    assert!(generated.status.success(), "{generated:?}");
    let file = hosts.scratch.path().join("generated.cfg");
    fs::write(&file, generated.stdout).unwrap();
    let output = hosts.doctor(
        2,
        SUPERUSER,
        &[
            "--node",
            "srv2",
            "--haproxy-socket",
            &socket,
            "--haproxy-config",
            file.to_str().unwrap(),
        ],
    );
    let other = SocketAddrV4::new(*hosts.state[0].ip(), hosts.http_port);
    assert_eq!(
        said(&output),
        format!(
            "not looked at: whether others reach this host: the daemon of srv1: {other}: Connection refused (os error 111)\n\
             not looked at: Pacemaker: cibadmin failed (exit status: 102): \nnothing found\n"
        )
    );
    assert_eq!(output.status.code(), Some(0));
    Ok(())
}

#[test]
fn what_could_not_be_looked_at_is_told_with_the_reason() -> Result<(), Trouble> {
    let hosts = Hosts::start("srv2", &[], TRUST)?;
    let output = hosts.doctor(
        0,
        ORDINARY,
        &[
            "--haproxy-socket",
            "nowhere",
            "--haproxy-config",
            "nowhere.cfg",
        ],
    );
    let said = said(&output);
    for line in [
        "not looked at: primary_conninfo: it is for superusers and members of pg_read_all_settings\n",
        "not looked at: pg_hba.conf: ",
        "not looked at: the other nodes' daemons: cluster.nodes is empty\n",
        "not looked at: HAProxy's file: nowhere.cfg: ",
        "not looked at: HAProxy's view: nowhere: ",
        "not looked at: Pacemaker: cibadmin is not installed\n",
        "not looked at: the clock: timedatectl is not installed\n",
        "not looked at: SELinux: getenforce is not installed\n",
        "not looked at: whether others reach this host: cluster.nodes has no node with an address of this host\n",
    ] {
        assert!(said.contains(line), "{line}{said}");
    }
    let absent = hosts.doctor(0, "nobody", &[]);
    let said = String::from_utf8_lossy(&absent.stdout);
    assert!(
        said.contains("not looked at: PostgreSQL: cannot connect to "),
        "{said}"
    );
    let stranger = hosts.doctor(1, SUPERUSER, &["--node", "srv9"]);
    assert_eq!(stranger.status.code(), Some(64));
    Ok(())
}
