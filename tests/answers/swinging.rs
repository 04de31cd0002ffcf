//! A standby whose lag swings around its limit, asked by a daemon with a hold and by one without.

use std::time::{Duration, Instant};

use support::postgres::MONITOR;
use support::{Trouble, Whom, ask_every};

use crate::standby::{level, pair, write};
use crate::{PACE, SECONDS, asking};

const LIMIT: &str = "[standby]\nmax_lag = \"1MB\"\n";
const HOLD: &str = "enter_lag = \"500kB\"\nhold = \"8s\"\n";

/// For how long it swings; each swing takes a fraction of the hold.
const A_MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_standby_that_swings_around_a_limit_changes_its_answer_twice() -> Result<(), Trouble> {
    let (primary, mut standby) = pair()?;
    let conninfo = standby.conninfo(MONITOR);
    let plain = asking(&conninfo)?.config(LIMIT).start()?;
    let steady = asking(&conninfo)?.config(LIMIT).config(HOLD).start()?;
    for daemon in [&plain, &steady] {
        daemon.wait_for(SECONDS, "standby")?;
    }
    let mut swings = 0_u32;
    let (swung, exchanges) = ask_every(PACE, steady.state(), || {
        let begin = Instant::now();
        while begin.elapsed() < A_MINUTE {
            swings += 1;
            level(&primary)?;
            standby.freeze(Whom::Child("startup"))?;
            write(&primary, &standby)?;
            plain.wait_for(SECONDS, "lagging behind")?;
            steady.wait_for(SECONDS, "lagging behind")?;
            primary.query("DROP TABLE written")?;
            standby.thaw()?;
            plain.wait_for(SECONDS, "standby")?;
        }
        steady.wait_for(Duration::from_secs(60), "standby")
    });
    swung?;
    let roles: Vec<bool> = exchanges
        .iter()
        .filter_map(|exchange| exchange.answer.as_ref().ok())
        .map(|answer| answer == "standby")
        .collect();
    let changes = roles.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(changes, 2, "{swings} swings");
    assert!(swings > 5, "{swings}");
    let settling = |exchange: &&support::Exchange| matches!(&exchange.answer, Ok(answer) if answer == "lagging settling");
    assert!(exchanges.iter().any(|exchange| settling(&exchange)));
    Ok(())
}
