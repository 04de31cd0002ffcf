//! Every process of the primary's instance stops where it stands (SIGSTOP). PAF cannot stop it, so that its host
//! is fenced; this project's agent thaws it, and may promote it again.

use crate::error::Error;
use crate::scenario::stage::{Played, Stage, TIMEOUTS};

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        stage.lab.freeze(stage.primary)?;
        clients.until_rows_of(TIMEOUTS, |_| true)
    })
}
