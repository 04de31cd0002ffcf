//! The primary's postmaster dies (SIGKILL); Pacemaker recovers it where it is, or elsewhere.

use crate::error::Error;
use crate::scenario::stage::{HEALING, Played, Stage};

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        stage.lab.kill_postmaster(stage.primary)?;
        clients.until_rows_of(HEALING, |_| true)
    })
}
