//! The primary's host is cut off from the network; the others fence it, which gives it a new cable.

use std::time::Duration;

use super::{Stage, gap};
use crate::error::Error;

pub(super) fn play(stage: Stage<'_>) -> Result<Duration, Error> {
    let lost = stage.primary;
    let longest = gap::longest(
        stage,
        || stage.lab.cut_network(lost),
        |primary| primary != lost,
    )?;
    stage.take_back(lost)?;
    Ok(longest)
}
