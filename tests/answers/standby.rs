//! The conditions of `[standby]`: each is asked of the same standby by a daemon that has it and by one
//! that does not.

use std::fs;
use std::time::{Duration, Instant};

use support::postgres::{MONITOR, ORDINARY};
use support::{Daemon, Mode, Postgres, Trouble, Whom, until};

use crate::{FOR_A_WHILE, SECONDS, answer, asking, keep_saying, wait_for_all};

/// No condition at all.
const NONE: &str = "";
const STREAMING: &str = "[standby]\nrequire_streaming = true\n";
const LITTLE_LAG: &str = "[standby]\nmax_lag = \"1MB\"\n";
const MUCH_LAG: &str = "[standby]\nmax_lag = \"1GB\"\n";
const SHORT_DELAY: &str = "[standby]\nmax_delay = \"1s\"\n";
const LONG_DELAY: &str = "[standby]\nmax_delay = \"1h\"\n";

/// `max_delay` of [`SHORT_DELAY`].
const DELAY: Duration = Duration::from_secs(1);

/// Writes two megabytes of WAL.
const WRITE: &str = "CREATE TABLE written AS SELECT generate_series(1, 30000)";

#[test]
fn a_paused_replay_lags_where_lag_is_limited() -> Result<(), Trouble> {
    let (_primary, standby) = pair()?;
    let limited = each(&standby, &[LITTLE_LAG, MUCH_LAG, SHORT_DELAY, LONG_DELAY])?;
    let unlimited = each(&standby, &[NONE, STREAMING])?;
    standby.query("SELECT pg_wal_replay_pause()")?;
    all_answer(&limited, "lagging paused")?;
    all_answer(&unlimited, "standby")?;
    standby.query("SELECT pg_wal_replay_resume()")?;
    all_answer(&limited, "standby")
}

/// The standby has replayed all that it received, so that its own figures say that it is level.
#[test]
fn a_standby_without_a_receiver_lags_under_every_condition() -> Result<(), Trouble> {
    let (mut primary, standby) = pair()?;
    let conditions = [STREAMING, LITTLE_LAG, MUCH_LAG, SHORT_DELAY, LONG_DELAY];
    let conditional = each(&standby, &conditions)?;
    let unconditional = each(&standby, &[NONE])?;
    primary.stop(Mode::Fast)?;
    until(SECONDS, "the receiver to go", || {
        let streaming = "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'";
        standby.query(streaming).is_ok_and(|count| count == "0")
    })?;
    all_answer(&conditional, "lagging not-streaming")?;
    all_answer(&unconditional, "standby")?;
    primary.start()?;
    wait_for_all(&conditional, "standby")
}

#[test]
fn a_standby_too_far_behind_lags_until_it_has_caught_up() -> Result<(), Trouble> {
    let stalled = stall(LITTLE_LAG)?;
    all_answer(&stalled.limited, "lagging behind")?;
    stalled.catch_up()
}

#[test]
fn a_standby_that_is_behind_for_too_long_lags_until_it_has_caught_up() -> Result<(), Trouble> {
    let stalled = stall(SHORT_DELAY)?;
    for daemon in &stalled.limited {
        daemon.wait_for(3 * DELAY, "lagging delayed")?;
        let since = stalled.since.elapsed();
        assert!(since >= DELAY, "delayed after {since:?}");
    }
    stalled.catch_up()
}

/// Without `pg_monitor` a role sees that a receiver runs and nothing of it.
#[test]
fn a_role_without_pg_monitor_is_told_once_what_it_needs() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    let conditions = [STREAMING, LITTLE_LAG, SHORT_DELAY];
    let conditional = each_as(&standby, ORDINARY, &conditions)?;
    let unconditional = each_as(&standby, ORDINARY, &[NONE])?;
    all_answer(&conditional, "lagging no-grant")?;
    all_answer(&unconditional, "standby")?;
    keep_saying("lagging no-grant", FOR_A_WHILE, &conditional)?;
    keep_saying("standby", FOR_A_WHILE, &unconditional)?;
    for daemon in conditional.iter().chain(&unconditional) {
        let advice = "GRANT pg_monitor TO";
        assert_eq!(daemon.log().matches(advice).count(), 1, "{}", daemon.log());
    }
    primary.query(&format!("GRANT pg_monitor TO {ORDINARY}"))?;
    wait_for_all(&conditional, "standby")
}

/// A primary and a standby that streams from it and has replayed everything.
pub(crate) fn pair() -> Result<(Postgres, Postgres), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    level(&primary)?;
    Ok((primary, standby))
}

/// Waits until the standby has replayed all there is: its startup process waits for more then, and holds
/// no lock of which others have need.
pub(crate) fn level(primary: &Postgres) -> Result<(), Trouble> {
    until(SECONDS, "the standby to stream and replay", || {
        let level = "SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication";
        primary.query(level).is_ok_and(|level| level == "t")
    })
}

/// A standby to which WAL comes and that does not replay it, since its startup process stands still.
struct Stalled {
    _primary: Postgres,
    standby: Postgres,
    /// Asked with the condition that this breaks.
    limited: Vec<Daemon>,
    /// Asked with those that it does not.
    unlimited: Vec<Daemon>,
    /// Before it was written.
    since: Instant,
}

fn stall(condition: &str) -> Result<Stalled, Trouble> {
    let (primary, mut standby) = pair()?;
    let limited = each(&standby, &[condition])?;
    let unlimited = each(&standby, &[NONE, STREAMING, MUCH_LAG, LONG_DELAY])?;
    standby.freeze(Whom::Child("startup"))?;
    let since = Instant::now();
    write(&primary, &standby)?;
    Ok(Stalled {
        _primary: primary,
        standby,
        limited,
        unlimited,
        since,
    })
}

impl Stalled {
    /// Nothing else called it lagging meanwhile, and nothing does when it has replayed all.
    fn catch_up(mut self) -> Result<(), Trouble> {
        all_answer(&self.unlimited, "standby")?;
        self.standby.thaw()?;
        wait_for_all(&self.limited, "standby")
    }
}

/// Writes more than [`LITTLE_LAG`] and waits until the standby has received it.
pub(crate) fn write(primary: &Postgres, standby: &Postgres) -> Result<(), Trouble> {
    primary.query(WRITE)?;
    let end = primary.query("SELECT pg_current_wal_flush_lsn()")?;
    let received = format!("SELECT pg_last_wal_receive_lsn() >= '{end}'");
    until(SECONDS, "the standby to receive what was written", || {
        standby
            .query(&received)
            .is_ok_and(|received| received == "t")
    })
}

/// A daemon for each of these configurations, and each has answered.
fn each(standby: &Postgres, conditions: &[&str]) -> Result<Vec<Daemon>, Trouble> {
    let daemons = each_as(standby, MONITOR, conditions)?;
    wait_for_all(&daemons, "standby")?;
    Ok(daemons)
}

fn each_as(standby: &Postgres, role: &str, conditions: &[&str]) -> Result<Vec<Daemon>, Trouble> {
    let conninfo = standby.conninfo(role);
    let start = |text: &&str| asking(&conninfo)?.config(text).start();
    conditions.iter().map(start).collect()
}

fn all_answer(daemons: &[Daemon], line: &str) -> Result<(), Trouble> {
    for daemon in daemons {
        let config = fs::read_to_string(daemon.config_file());
        assert_eq!(answer(daemon)?, line, "{config:?}");
    }
    Ok(())
}
