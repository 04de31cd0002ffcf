//! The primary's role is moved to another server, as before maintenance.

use std::time::Duration;

use super::{Stage, gap};
use crate::error::Error;

pub(super) fn play(stage: Stage<'_>) -> Result<Duration, Error> {
    let wanted = stage.standby;
    gap::longest(
        stage,
        || stage.cluster.move_to(wanted),
        |primary| primary == wanted,
    )
}
