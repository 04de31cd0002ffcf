//! Every process of the primary's instance stops where it stands (SIGSTOP); it cannot be stopped, so
//! its host is fenced.

use std::time::Duration;

use crate::error::Error;
use crate::scenario::stage::{Played, Stage};

/// Longest until PAF's monitor, notify, demote and stop have run into their timeouts and the host is
/// fenced.
const LIMIT: Duration = Duration::from_secs(330);

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        stage.lab.freeze(stage.primary)?;
        clients.until_rows_of(LIMIT, |host| host != stage.primary)
    })
}
