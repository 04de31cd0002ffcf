//! Every process of the primary's instance stops where it stands (SIGSTOP); it cannot be stopped, so
//! its host is fenced.

use std::time::Duration;

use super::{Stage, gap};
use crate::error::Error;

pub(super) fn play(stage: Stage<'_>) -> Result<Duration, Error> {
    let lost = stage.primary;
    let longest = gap::longest(stage, || stage.lab.freeze(lost), |primary| primary != lost)?;
    stage.take_back(lost)?;
    Ok(longest)
}
