//! A primary, a hot standby that streams, and a standby that becomes a primary.

use std::time::{Duration, Instant};

use support::postgres::{MONITOR, ORDINARY, SUPERUSER, rows};
use support::{Mode, Postgres, Trouble, until, until_ok_every};

use crate::history::History;
use crate::{SECONDS, answer, asking};

/// Clients that ask without a pause: more than this machine need have cores.
const CLIENTS: usize = 4;

/// Most that may pass between the end of a promotion and the first check that is told of it.
const NOTICED: Duration = Duration::from_millis(100);

#[test]
fn a_primary_is_production_and_a_standby_that_streams_is_standby() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    until(SECONDS, "the standby to stream", || {
        let state = primary.query("SELECT state FROM pg_stat_replication");
        state.is_ok_and(|state| state == "streaming")
    })?;
    for role in [MONITOR, ORDINARY] {
        let of_primary = asking(&primary.conninfo(role))?.start()?;
        let of_standby = asking(&standby.conninfo(role))?.start()?;
        assert_eq!(answer(&of_primary)?, "production", "as {role}");
        assert_eq!(answer(&of_standby)?, "standby", "as {role}");
    }
    Ok(())
}

#[test]
fn a_promotion_under_checks_flat_out_turns_the_word_once_and_at_once() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let daemon = asking(&standby.conninfo(MONITOR))?.start()?;
    primary.stop(Mode::Fast)?;
    assert_eq!(answer(&daemon)?, "standby");

    let (promoted, history) = History::flat_out(CLIENTS, &daemon, || {
        let promoted = promote(&standby)?;
        daemon.wait_for(SECONDS, "production")?;
        // Past the next fresh connection: neither of the two clocks may know better.
        until(SECONDS, "a second fresh connection", || {
            promoted.elapsed() > Duration::from_millis(2200)
        })?;
        Ok(promoted)
    })?;

    assert_eq!(history.lines(), ["standby", "production"]);
    let first = history.first(|line| line == "production").unwrap();
    assert_eq!(history.lines_since(first), ["production"], "a step back");
    assert_eq!(
        history.lines_since(promoted),
        ["production"],
        "a stale answer"
    );
    let late = first.saturating_duration_since(promoted);
    assert!(late <= NOTICED, "noticed after {late:?}");
    Ok(())
}

/// Promotes a standby and tells when that ended, in the server's own words: the first `false` of
/// `pg_is_in_recovery()`, asked without a pause in a session that has nothing to do with the daemon.
/// From then on the server takes writes; before then nobody could know.
fn promote(standby: &Postgres) -> Result<Instant, Trouble> {
    let mut session = standby.connect(SUPERUSER)?;
    standby.ask_to_promote()?;
    until_ok_every(Duration::ZERO, SECONDS, "the promotion", || {
        match rows(&mut session, "SELECT pg_is_in_recovery()") {
            Ok(said) if said == "f" => Ok(Instant::now()),
            Ok(said) => Err(said),
            Err(error) => Err(error.to_string()),
        }
    })
}
