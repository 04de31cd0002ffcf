//! Every process of the primary's instance stops where it stands (SIGSTOP); it cannot be stopped, so
//! its host is fenced.

use crate::error::Error;
use crate::scenario::stage::{Played, Stage, TIMEOUTS};

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        stage.lab.freeze(stage.primary)?;
        clients.until_rows_of(TIMEOUTS, |host| host != stage.primary)
    })
}
