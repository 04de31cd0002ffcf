//! Writes a row again and again until something has come about, and tells the longest time between two
//! acknowledged ones.

use std::time::{Duration, Instant};

use super::Stage;
use crate::error::Error;
use crate::host::Host;
use crate::lab::wait_for;

/// Longest that any breakage may take to heal: monitor, notify, demote and stop that all run into their
/// timeouts (26, 60, 120 and 60 s) before the host is fenced, and a promotion.
const LIMIT: Duration = Duration::from_secs(330);

/// From a row acknowledged before `breakage` to the time when rows are acknowledged again and a server
/// that `is_wanted` is the primary.
pub(super) fn longest(
    stage: Stage<'_>,
    breakage: impl FnOnce() -> Result<(), Error>,
    is_wanted: impl Fn(Host) -> bool,
) -> Result<Duration, Error> {
    stage.cluster.takes_writes()?;
    let mut last = Instant::now();
    let mut longest = Duration::ZERO;
    breakage()?;
    wait_for(
        "rows to be acknowledged by the right primary",
        LIMIT,
        || {
            stage.cluster.takes_writes()?;
            longest = longest.max(last.elapsed());
            last = Instant::now();
            let primary = stage.cluster.primary()?;
            if is_wanted(primary) {
                Ok(())
            } else {
                Err(Error::Unfit(format!("{primary} is the primary")))
            }
        },
    )?;
    Ok(longest)
}
