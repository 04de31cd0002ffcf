//! `pgsql-state keeper` beside a real PostgreSQL. Pacemaker cannot run here, so a script stands in for its tools; the lab has
//! the real ones.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, which fail by panicking"
)]

mod agent;
mod cluster;
mod hang;
mod late;
mod transition;

use std::fs::{self, File};
use std::time::Duration;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::process::Signal;
use rustix::time::{ClockId, clock_gettime};
use support::postgres::Mode;
use support::{Postgres, Trouble, until};

use cluster::{Cluster, SECONDS};

pub(crate) const MARK: &str = "attrd_updater --name died-pgsqld --node srv1 --update=1";
pub(crate) const UNMARK: &str = "attrd_updater --name died-pgsqld --node srv1 --delete";
pub(crate) const FAIL: &str = "crm_resource --fail --resource pgsqld --node srv1";

/// What makes the standbys of the CIB unfit.
pub(crate) const UNFIT: [(&str, &str); 2] = [
    (r#"value="1000""#, r#"value="-1000""#),
    (r#"value="990""#, r#"value="-1000""#),
];

pub(crate) const PROMOTED_HERE: &str = r#"operation="promote""#;
const NO_PRIMARY_HERE: [(&str, &str); 2] = [
    (PROMOTED_HERE, r#"operation="demote""#),
    (r#"rc-code="8""#, r#"rc-code="0""#),
];

/// Longest that the shortest of some times from the end of a server to the last command may be.
const AT_ONCE: Duration = Duration::from_millis(100);

fn uptime() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap()
}

#[test]
fn the_end_of_a_primary_is_told_at_once_and_only_once_each_time() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    cluster.change(&UNFIT);
    let keeper = cluster.start("keeper.hung_after = \"off\"\n")?;
    let mut shortest = Duration::MAX;
    for death in 1..=4 {
        let killed = uptime();
        server.kill()?;
        let calls = cluster.wait_for_calls(death)?;
        assert_eq!(calls, vec![FAIL; death]);
        let told = cluster.timed_calls()[death - 1].0.saturating_sub(killed);
        eprintln!("told after {told:?}");
        shortest = shortest.min(told);
        server.start()?;
        keeper.wait_until_it_watches(death + 1)?;
    }
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls().len(), 4);
    assert!(shortest < AT_ONCE, "{shortest:?}");
    Ok(())
}

#[test]
fn a_fit_standby_takes_its_place_and_the_mark_goes_when_it_has() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let mut keeper = cluster.start("keeper.give_back_after = \"1h\"\n")?;
    server.kill()?;
    assert_eq!(cluster.wait_for_calls(2)?, [MARK, FAIL]);
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls().len(), 2);
    // srv2 is promoted.
    cluster.change(&[(
        r#"rc-code="0" interval="16000""#,
        r#"rc-code="8" interval="16000""#,
    )]);
    assert_eq!(cluster.wait_for_calls(3)?[2], UNMARK);
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls().len(), 3);
    keeper.running.signal(Signal::TERM)?;
    assert!(keeper.running.end_within(SECONDS)?.success());
    assert_eq!(cluster.calls().len(), 3);
    Ok(())
}

#[test]
fn the_mark_goes_after_its_time_and_with_the_keeper() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let mut keeper = cluster.start("keeper.give_back_after = \"1s\"\n")?;
    server.kill()?;
    assert_eq!(cluster.wait_for_calls(3)?, [MARK, FAIL, UNMARK]);
    keeper.running.signal(Signal::TERM)?;
    keeper.running.end_within(SECONDS)?;
    server.start()?;
    let mut keeper = cluster.start("keeper.give_back_after = \"1h\"\n")?;
    server.kill()?;
    assert_eq!(cluster.wait_for_calls(5)?[3..], [MARK, FAIL]);
    keeper.running.signal(Signal::TERM)?;
    assert!(keeper.running.end_within(SECONDS)?.success());
    assert_eq!(cluster.calls()[5..], [UNMARK]);
    Ok(())
}

#[test]
fn a_mark_that_a_killed_keeper_has_left_behind_goes_when_the_next_one_begins() -> Result<(), Trouble>
{
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let mut keeper = cluster.start("")?;
    server.kill()?;
    assert_eq!(cluster.wait_for_calls(2)?, [MARK, FAIL]);
    keeper.running.signal(Signal::KILL)?;
    keeper.running.end_within(SECONDS)?;
    let set = r#"<instance_attributes id="status-1">"#;
    let mark = format!(r#"{set}<nvpair id="d" name="died-pgsqld" value="1"/>"#);
    cluster.change(&[(set, &mark)]);
    let keeper = cluster.launch("")?;
    assert_eq!(cluster.wait_for_calls(3)?[2], UNMARK);
    // That the server has ended was told, and this one has never seen it.
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls().len(), 3);
    Ok(())
}

#[test]
fn what_the_agent_ends_is_not_told_and_pacemaker_is_not_even_asked() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let keeper = cluster.start("")?;
    let readings = cluster.readings();
    let lock = File::create(cluster.lock()).unwrap();
    fcntl_lock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    server.stop(Mode::Fast)?;
    keeper.wait_for_log("an action of the agent is under way", 1)?;
    assert_eq!(cluster.readings(), readings);
    drop(lock);
    server.start()?;
    keeper.wait_until_it_watches(2)?;
    server.stop(Mode::Fast)?;
    // The agent has not ended this one.
    assert_eq!(cluster.wait_for_calls(2)?, [MARK, FAIL]);
    Ok(())
}

#[test]
fn a_standbys_end_is_told_and_nothing_else_is_touched() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    cluster.change(&NO_PRIMARY_HERE);
    let keeper = cluster.start("")?;
    server.kill()?;
    assert_eq!(cluster.wait_for_calls(1)?, [FAIL]);
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls().len(), 1);
    Ok(())
}

#[test]
fn nothing_is_told_where_pacemaker_does_not_act_itself() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let keeper = cluster.start("")?;
    let option = r#"<nvpair id="o1""#;
    let maintenance = format!(r#"<nvpair id="o2" name="maintenance-mode" value="true"/>{option}"#);
    let meta = r#"<nvpair id="m1""#;
    let unmanaged = format!(r#"<nvpair id="m9" name="is-managed" value="false"/>{meta}"#);
    for (place, (changes, why)) in [
        (
            vec![(option, maintenance.as_str())],
            "the cluster is in maintenance mode",
        ),
        (
            vec![(meta, unmanaged.as_str())],
            "the resource is not managed",
        ),
        (
            vec![
                (PROMOTED_HERE, r#"operation="stop""#),
                (r#"rc-code="8""#, r#"rc-code="9""#),
            ],
            "does not run the resource on this node",
        ),
        (
            vec![(
                r#"operation="promote" call-id="20" op-status="0""#,
                r#"operation="stop" call-id="-1" op-status="-1""#,
            )],
            "an operation of Pacemaker on the resource is under way",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        cluster.change(&changes);
        server.kill()?;
        keeper.wait_for_log(why, 1)?;
        server.start()?;
        keeper.wait_until_it_watches(place + 2)?;
    }
    fs::remove_file(cluster.path("cib.xml")).unwrap();
    server.kill()?;
    keeper.wait_for_log("Pacemaker is not told: Pacemaker does not answer", 1)?;
    assert_eq!(cluster.calls(), [""; 0]);
    Ok(())
}

#[test]
fn without_pacemaker_there_is_one_line_in_the_log() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    fs::remove_file(cluster.path("cib.xml")).unwrap();
    let mut keeper = cluster.launch("")?;
    keeper.wait_for_turns(3)?;
    assert!(keeper.notifications.contains("READY=1"));
    assert_eq!(keeper.log().lines().count(), 1, "{}", keeper.log());
    keeper.wait_for_log("Pacemaker does not answer", 1)?;
    let output = cluster.dry_run("");
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("nothing is watched: Pacemaker does not answer"),
        "{said}"
    );
    keeper.running.signal(Signal::TERM)?;
    assert!(keeper.running.end_within(SECONDS)?.success());
    Ok(())
}

#[test]
fn a_second_keeper_does_not_run() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let _first = cluster.start("")?;
    let second = cluster.second();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(
        said.contains("another pgsql-state keeper runs on this host"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_controller_that_does_not_answer_holds_up_nothing_for_long() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    cluster.change(&UNFIT);
    let keeper = cluster.start("")?;
    fs::write(cluster.path("hang"), "").unwrap();
    server.kill()?;
    keeper.wait_for_log("it did not end in time", 1)?;
    fs::remove_file(cluster.path("hang")).unwrap();
    server.start()?;
    keeper.wait_until_it_watches(2)?;
    assert_eq!(cluster.calls(), [FAIL]);
    Ok(())
}

#[test]
fn a_dry_run_prints_the_commands_and_gives_none() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let output = cluster.dry_run("");
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let expected = format!("When the postmaster ends:\n  {MARK}\n  {FAIL}\n");
    assert!(said.contains(&expected), "{said}");
    let pid = fs::read_to_string(server.data_dir().join("postmaster.pid")).unwrap();
    let pid = format!("postmaster  process {}\n", pid.lines().next().unwrap());
    assert!(said.contains(&pid), "{said}");
    assert_eq!(cluster.calls(), [""; 0]);
    until(SECONDS, "a reading", || cluster.readings() == 1)
}
