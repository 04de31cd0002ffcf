//! The primary's host loses its power and gets it back when another server is the primary.

use std::time::Duration;

use super::{Stage, gap};
use crate::error::Error;

pub(super) fn play(stage: Stage<'_>) -> Result<Duration, Error> {
    let lost = stage.primary;
    let longest = gap::longest(
        stage,
        || stage.lab.cut_power(lost),
        |primary| primary != lost,
    )?;
    stage.lab.restore_power(lost)?;
    stage.take_back(lost)?;
    Ok(longest)
}
