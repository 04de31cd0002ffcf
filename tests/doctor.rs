//! `pgsql-state doctor` on hosts with real servers, daemons and HAProxy. The tools of the host are scripts that
//! print what real ones do: they are not everywhere, and nobody's firewall is to be touched.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddrV4;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::Output;
use std::thread;
use std::time::Duration;

use support::haproxy::installed;
use support::postgres::{MONITOR, ORDINARY, SUPERUSER, TRUST};
use support::scratch::Scratch;
use support::{Daemon, Haproxy, Postgres, Trouble, ports};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(30);

/// Three nodes: a primary, the standby that is looked at, and one that is not there.
struct Hosts {
    /// Where the daemons answer, all on one port.
    state: Vec<SocketAddrV4>,
    /// Where they would answer HTTP, and do not.
    http_port: u16,
    primary: Postgres,
    standby: Postgres,
    daemons: Vec<Daemon>,
    scratch: Scratch,
}

impl Hosts {
    /// The standby with these settings more, and this `pg_hba.conf`.
    fn start(name: &str, settings: &[(&str, &str)], hba: &str) -> Result<Self, Trouble> {
        let primary = Postgres::primary().tcp(ports::free()?).start()?;
        let standby = primary.standby().name(name).tcp(ports::free()?).hba(hba);
        let standby = settings.iter().fold(standby, |standby, (name, value)| {
            standby.setting(name, value)
        });
        let hosts = Self {
            state: ports::alike(3)?,
            http_port: ports::free()?.port(),
            standby: standby.start()?,
            primary,
            daemons: Vec::new(),
            scratch: Scratch::new()?,
        };
        fs::create_dir(hosts.scratch.path().join("tools")).unwrap();
        Ok(hosts)
    }

    /// Starts the daemons beside the first servers.
    fn daemons(mut self, count: usize) -> Result<Self, Trouble> {
        let servers = [(&self.primary, "production"), (&self.standby, "standby")];
        for ((server, answer), state) in servers.into_iter().zip(&self.state).take(count) {
            let daemon = Daemon::binding(PROGRAM, *state)
                .asking(&server.conninfo(MONITOR))
                .start()?;
            daemon.wait_for(SECONDS, answer)?;
            self.daemons.push(daemon);
        }
        Ok(self)
    }

    /// A tool of the host that prints this and ends so.
    fn tool(&self, name: &str, prints: &str, status: u8) {
        let path = self.scratch.path().join("tools").join(name);
        let script = format!("#!/bin/sh\n/bin/cat <<'END'\n{prints}\nEND\nexit {status}\n");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }

    /// Looks at the standby, which is the second node.
    fn doctor(&self, nodes: usize, role: &str, more: &[&str]) -> Output {
        let named = (1..).zip(&self.state).take(nodes);
        let named = named.map(|(number, state)| {
            format!(
                "{{ name = \"srv{number}\", address = \"{}\" }},",
                state.ip()
            )
        });
        let config = format!(
            "[postgres]\nconninfo = \"{}\"\n[listen]\nstate = [\"[::]:{}\"]\n[cluster]\nhttp_port = {}\nnodes = [{}]\n{}",
            self.standby.conninfo(role),
            self.state[0].port(),
            self.http_port,
            named.collect::<String>(),
            if nodes == 0 {
                ""
            } else {
                "[admission]\ntrusted = [\"@haproxy\"]\n"
            }
        );
        let path = self.scratch.path().join("pgsql-state.toml");
        fs::write(&path, config).unwrap();
        let mut command = self.scratch.command(PROGRAM);
        command
            .env("PATH", self.scratch.path().join("tools"))
            .args(["doctor", "--config", path.to_str().unwrap()])
            .args(more);
        command.output().unwrap()
    }

    /// A HAProxy before the first two servers, with lines more for each, and its own socket.
    fn haproxy(&self, block: &str, server: &str) -> Result<(Haproxy, String), Trouble> {
        let mut socket = String::new();
        let bind = ports::free()?;
        let addresses = self.state.iter().map(SocketAddrV4::ip).take(2);
        let servers = (1_u8..).zip(addresses);
        let servers = servers.fold(String::new(), |text, (number, address)| {
            text + &format!("    server srv{number} {address}:5432 {server}\n")
        });
        let haproxy = Haproxy::start_whole(|admin| {
            admin.to_str().unwrap().clone_into(&mut socket);
            format!(
                "global\n    log stdout format raw local0 notice\n    stats socket {socket} level admin\n\
                 defaults\n    mode tcp\n    timeout connect 2s\n    timeout client 1m\n    timeout server 1m\n\
                 listen prod\n    bind {bind}\n{block}{servers}"
            )
        })?;
        Ok((haproxy, socket))
    }
}

fn said(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The names of the findings, each at the beginning of a line.
fn found(output: &Output) -> Vec<String> {
    let said = said(output);
    let lines = said.lines().filter_map(|line| line.split_once(": "));
    let ids = lines.map(|(id, _)| id);
    let ids = ids.filter(|id| !id.starts_with(' ') && *id != "not looked at");
    ids.map(str::to_owned).collect()
}

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
fn what_mends_it_does() -> Result<(), Trouble> {
    let mut hosts = Hosts::start("standby", &[("wal_keep_size", "0")], TRUST)?;
    let output = hosts.doctor(3, SUPERUSER, &["--node", "srv2", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&said(&output)).unwrap();
    let findings = document["findings"].as_array().unwrap();
    for id in ["wal-keep", "application-name"] {
        let finding = findings.iter().find(|finding| finding["id"] == id).unwrap();
        let mut shell = hosts.scratch.command("/bin/sh");
        shell
            .env("PGUSER", SUPERUSER)
            .args(["-euc", finding["remedy"].as_str().unwrap()]);
        let mended = shell.output().unwrap();
        assert!(mended.status.success(), "{finding}: {mended:?}");
    }
    hosts.standby.reload()?;
    let again = hosts.doctor(3, SUPERUSER, &["--node", "srv2"]);
    let left = found(&again);
    assert!(!left.contains(&"wal-keep".to_owned()), "{left:?}");
    assert!(!left.contains(&"application-name".to_owned()), "{left:?}");
    assert!(left.contains(&"daemon-unreachable".to_owned()), "{left:?}");
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
fn the_faults_of_the_haproxy_that_runs_are_looked_for_in_its_file() -> Result<(), Trouble> {
    let hosts = Hosts::start("srv2", &[], TRUST)?;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/haproxy/2.6/safe.cfg");
    for (version, line) in [("3.0.11-1+deb13u5", Some(61)), ("2.6.12-1+deb12u4", None)] {
        let socket = hosts.scratch.path().join(version);
        let listener = UnixListener::bind(&socket).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut command = String::new();
                BufReader::new(&stream).read_line(&mut command).unwrap();
                if command == "show info\n" {
                    let said = format!("Name: HAProxy\nVersion: {version}\n");
                    stream.write_all(said.as_bytes()).unwrap();
                }
            }
        });
        let socket = socket.to_str().unwrap();
        let asked = [
            "--node",
            "srv2",
            "--haproxy-config",
            file,
            "--haproxy-socket",
            socket,
        ];
        let output = hosts.doctor(2, SUPERUSER, &asked);
        let said = said(&output);
        let expected = format!(
            "haproxy-file: {file}:{}: ended-sessions-stay: ",
            line.unwrap_or_default()
        );
        assert_eq!(said.contains(&expected), line.is_some(), "{said}");
        assert_eq!(
            said.matches("ended-sessions-stay").count(),
            2 * usize::from(line.is_some()),
            "{said}"
        );
    }
    // Nobody knows which one reads it.
    let asked = [
        "--node",
        "srv2",
        "--haproxy-config",
        file,
        "--haproxy-socket",
        "nowhere",
    ];
    let said = said(&hosts.doctor(2, SUPERUSER, &asked));
    let told = "not looked at: the faults of HAProxy's release: nowhere: No such file or directory";
    assert!(said.contains(told), "{said}");
    Ok(())
}

#[test]
fn a_quoted_keyword_in_the_rules_is_a_name() -> Result<(), Trouble> {
    let rules = include_str!("fixtures/hba-quoted-keywords.conf");
    let rules = format!("local all all trust\n{rules}");
    let hosts = Hosts::start("srv2", &[], &rules)?;
    let found_of = |output: &Output| found(output).contains(&"hba-self".to_owned());
    assert!(found_of(&hosts.doctor(3, SUPERUSER, &["--node", "srv2"])));
    let mut hosts = hosts;
    hosts
        .standby
        .set_hba("local \"replication\" all trust\nlocal all all trust\n")?;
    assert!(!found_of(&hosts.doctor(3, SUPERUSER, &["--node", "srv2"])));
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

#[test]
fn an_address_that_leads_to_another_server_is_found() -> Result<(), Trouble> {
    let hosts = Hosts::start("srv2", &[], TRUST)?;
    let server = hosts.standby.tcp_conninfo(SUPERUSER);
    let asking = || hosts.doctor(0, SUPERUSER, &["--server", &server]);
    assert!(!found(&asking()).contains(&"other-server".to_owned()));
    let file = hosts.standby.data_dir().join("postmaster.pid");
    let text = fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "1500000000";
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    let output = asking();
    fs::write(&file, &text).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(found(&output).contains(&"other-server".to_owned()));
    assert!(said(&output).contains("another server answers"));
    Ok(())
}
