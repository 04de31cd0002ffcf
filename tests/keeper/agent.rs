//! The resource agent beside the keeper: what it stops is not told.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use pgsql_state::agent::pgsqlms::action_lock::{AgentActivity, activity};
use rustix::fs::{FlockOperation, fcntl_lock};
use support::running::Running;
use support::{Postgres, Trouble, until};

use crate::cluster::{Cluster, SECONDS};
use crate::{FAIL, UNFIT};

const AGENT: &str = env!("CARGO_BIN_EXE_pgsqlms");

/// The agent's `stop` of a server, in which it waits for the CIB after the server has ended, until a deadline of its own.
fn stop(server: &Postgres, cluster: &Cluster) -> Result<Running, Trouble> {
    let sbin = cluster.path("agents-sbin");
    fs::create_dir(&sbin).unwrap();
    let tool = sbin.join("cibadmin");
    fs::write(&tool, "#!/bin/sh\nexec sleep 1000\n").unwrap();
    fs::set_permissions(&tool, Permissions::from_mode(0o755)).unwrap();
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
    Running::start(&cluster.scratch, "agent", command)
}

fn wait_for(cluster: &Cluster, expected: AgentActivity) -> Result<(), Trouble> {
    until(SECONDS, "the lock", || {
        activity(&cluster.lock()).is_ok_and(|seen| seen == expected)
    })
}

#[test]
fn a_stop_by_the_agent_is_not_told_and_the_lock_ends_with_the_agent() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let keeper = cluster.start("")?;
    assert_eq!(activity(&cluster.lock()).unwrap(), AgentActivity::Idle);
    let mut stop = stop(&server, &cluster)?;
    wait_for(&cluster, AgentActivity::Acting)?;
    keeper.wait_for_log("an action of the agent is under way", 1)?;
    assert!(stop.end_within(SECONDS)?.success(), "{}", stop.log());
    assert_eq!(activity(&cluster.lock()).unwrap(), AgentActivity::Idle);
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls(), [""; 0]);
    Ok(())
}

/// Whoever may read a file may take a shared lock on it. The file of an earlier version was for everybody to read.
#[test]
fn a_shared_lock_of_somebody_else_neither_looks_like_an_action_nor_hides_one() -> Result<(), Trouble>
{
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    cluster.change(&UNFIT);
    fs::write(cluster.lock(), "").unwrap();
    fs::set_permissions(cluster.lock(), Permissions::from_mode(0o644)).unwrap();
    let others = File::open(cluster.lock()).unwrap();
    fcntl_lock(&others, FlockOperation::NonBlockingLockShared).unwrap();
    let keeper = cluster.start("")?;
    server.kill()?;
    assert_eq!(cluster.wait_for_calls(1)?, [FAIL]);
    server.start()?;
    keeper.wait_until_it_watches(2)?;
    let mut stop = stop(&server, &cluster)?;
    wait_for(&cluster, AgentActivity::Acting)?;
    drop(others);
    assert_eq!(activity(&cluster.lock()).unwrap(), AgentActivity::Acting);
    keeper.wait_for_log("an action of the agent is under way", 1)?;
    assert!(stop.end_within(SECONDS)?.success(), "{}", stop.log());
    assert_eq!(cluster.calls(), [FAIL]);
    let mode = fs::metadata(cluster.lock()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    Ok(())
}
