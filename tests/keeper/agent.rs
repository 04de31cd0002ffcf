//! The resource agent beside the keeper: what it stops is not told.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use pgsql_state::agent::pgsqlms::action_lock::{AgentActivity, activity};
use support::running::Running;
use support::{Postgres, Trouble, until};

use crate::cluster::{Cluster, SECONDS};

const AGENT: &str = env!("CARGO_BIN_EXE_pgsqlms");

#[test]
fn a_stop_by_the_agent_is_not_told_and_the_lock_ends_with_the_agent() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let keeper = cluster.start("")?;
    assert_eq!(activity(&cluster.lock()).unwrap(), AgentActivity::Idle);
    // The agent waits for this one after the server has ended, until a deadline of its own.
    let sbin = cluster.path("agents-sbin");
    fs::create_dir(&sbin).unwrap();
    let tool = sbin.join("cibadmin");
    fs::write(&tool, "#!/bin/sh\nexec sleep 1000\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = cluster.scratch.command(AGENT);
    let bindir = Postgres::program("")?.display().to_string();
    for (name, value) in [
        ("HA_SBIN_DIR", sbin.display().to_string()),
        ("HA_RSCTMP", cluster.scratch.path().display().to_string()),
        ("OCF_RESOURCE_INSTANCE", "pgsqld:0".into()),
        ("OCF_RESKEY_system_user", Postgres::owner()?),
        ("OCF_RESKEY_bindir", bindir.trim_end_matches('/').into()),
        ("OCF_RESKEY_pgdata", server.data_dir().display().to_string()),
        (
            "OCF_RESKEY_pghost",
            server.socket_dir().display().to_string(),
        ),
        ("OCF_RESKEY_pgport", server.port().to_string()),
        ("OCF_RESKEY_CRM_meta_timeout", "10000".into()),
        ("OCF_RESKEY_CRM_meta_on_node", "srv1".into()),
    ] {
        command.env(name, value);
    }
    command.arg("stop");
    let mut stop = Running::start(&cluster.scratch, "agent", command)?;
    until(SECONDS, "the lock", || {
        activity(&cluster.lock()).is_ok_and(|seen| seen == AgentActivity::Acting)
    })?;
    keeper.wait_for_log("an action of the agent is under way", 1)?;
    assert!(stop.end_within(SECONDS)?.success(), "{}", stop.log());
    assert_eq!(activity(&cluster.lock()).unwrap(), AgentActivity::Idle);
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls(), [""; 0]);
    Ok(())
}
