//! A node comes back under Pacemaker, whose tools are a script: a ban stops the server, and its end starts it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use support::Postgres;
use support::scratch::Scratch;

use crate::pair::{PROGRAM, Pair, Parting, become_standby, bindir, open, stop_by_program};

const CIB: &str = include_str!("../fixtures/cib/three-nodes.xml");

/// Under each name of a tool.
const TOOLS: &str = r#"#!/bin/sh
set -eu
here=${0%/*}
case ${0##*/} in
crm_node) echo srv1 ;;
cibadmin) exec cat "$here/cib.xml" ;;
crm_resource)
    echo "$*" >>"$here/calls"
    case $1 in
    --ban) AS_OWNER 'BINDIR/pg_ctl' stop -D 'DATA' -m fast >&2 || : ;;
    --clear) AS_OWNER 'BINDIR/pg_ctl' start -D 'DATA' -l 'DATA/../server.log' >&2 || : ;;
    esac
    ;;
esac
"#;

struct Cluster {
    scratch: Scratch,
}

impl Cluster {
    fn of(server: &Postgres) -> Self {
        open(server);
        let scratch = Scratch::new().unwrap();
        let owner = Postgres::owner().unwrap();
        let as_owner = match uzers::get_current_uid() {
            0 => format!("runuser -u {owner} --"),
            _ => "env".into(),
        };
        let data = server.data_dir().display().to_string();
        let tools = TOOLS
            .replace("AS_OWNER", &as_owner)
            .replace("BINDIR", bindir().to_str().unwrap())
            .replace("DATA", &data);
        let script = scratch.path().join("tools");
        fs::write(&script, tools).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        for tool in ["crm_node", "cibadmin", "crm_resource"] {
            symlink(&script, scratch.path().join(tool)).unwrap();
        }
        let parameters = [
            ("system_user", owner),
            ("pghost", server.socket_dir().display().to_string()),
            ("pgport", server.port().to_string()),
        ];
        let more = parameters.map(|(name, value)| {
            format!(r#"<nvpair id="p-{name}" name="{name}" value="{value}"/>"#)
        });
        let begin = r#"<instance_attributes id="pgsqld-instance_attributes">"#;
        let cib = CIB
            .replace("/var/lib/postgresql/15/main", &data)
            .replace("/usr/lib/postgresql/15/bin", bindir().to_str().unwrap())
            .replace(begin, &format!("{begin}{}", more.concat()));
        fs::write(scratch.path().join("cib.xml"), cib).unwrap();
        Self { scratch }
    }

    fn rejoin(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = std::process::Command::new(PROGRAM);
        command.arg("rejoin").args(arguments);
        command
            .env("HA_SBIN_DIR", self.scratch.path())
            .output()
            .unwrap()
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.scratch.path().join("calls"));
        calls
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

#[test]
fn the_resource_is_banned_while_files_are_replaced_and_freed_afterwards() {
    let mut pair = Pair::parted(Parting::Crash);
    // Pacemaker has started it as a standby, which cannot follow.
    become_standby(&pair.old);
    pair.old.start().unwrap();
    let cluster = Cluster::of(&pair.old);
    let plan = cluster.rejoin(&["--plan"]);
    let text = String::from_utf8(plan.stdout).unwrap();
    assert!(text.contains("Pacemaker stops the server"), "{text}");
    assert!(cluster.calls().is_empty());
    let output = cluster.rejoin(&["--yes"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let options = "--resource pgsqld-clone --node srv1";
    let expected = ["--ban", "--clear", "--cleanup"].map(|command| format!("{command} {options}"));
    assert_eq!(cluster.calls(), expected);
    let row = "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'old'";
    assert_eq!(pair.new.query(row).unwrap(), "1");
    stop_by_program(&pair.old);
}

#[test]
fn a_node_that_does_not_come_back_after_all_is_freed() {
    let mut pair = Pair::parted(Parting::Clean);
    become_standby(&pair.old);
    pair.old.start().unwrap();
    let cluster = Cluster::of(&pair.old);
    // Once the server is stopped, its control file cannot be read any more.
    let script = cluster.scratch.path().join("tools");
    let text = fs::read_to_string(&script).unwrap();
    let control = pair.old.data_dir().join("global/pg_control");
    let spoilt = format!("-m fast >&2 && : >'{}'", control.display());
    fs::write(&script, text.replace("-m fast >&2", &spoilt)).unwrap();
    let output = cluster.rejoin(&["--rewind", "--yes"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("the facts have changed"), "{told}");
    assert!(
        cluster
            .calls()
            .iter()
            .any(|call| call.starts_with("--clear"))
    );
}
