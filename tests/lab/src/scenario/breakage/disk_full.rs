//! The disk of the primary's data is full for a while: the instance ends in a panic, and cannot recover
//! before there is room. PAF waits for that recovery, which nobody carries out, until its operations have
//! run into their timeouts and the host is fenced.

use crate::error::Error;
use crate::scenario::stage::{Played, Stage, TIMEOUTS};

/// Seconds for which it is.
const HOLD: &str = "20";

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let on = stage.on(stage.primary);
    stage.under_traffic(|clients| {
        on.shell(
            "cd /var/lib/postgresql\n\
             fallocate --length=\"$(df --output=avail --block-size=1 . | tail -n 1)\" ballast || true\n\
             test \"$(df --output=avail . | tail -n 1)\" -lt 100",
        )?;
        // A busy server would need new segments soon; each switch asks for one.
        for _ in 0..8 {
            on.sql("SELECT pg_switch_wal()").ok();
        }
        on.run(&["sleep", HOLD])?;
        on.run(&["rm", "/var/lib/postgresql/ballast"])?;
        clients.until_rows_of(TIMEOUTS, |_| true)
    })
}
