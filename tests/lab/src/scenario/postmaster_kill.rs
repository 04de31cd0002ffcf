//! The primary's postmaster dies (SIGKILL); Pacemaker recovers it where it is, or elsewhere.

use std::time::Duration;

use super::{Stage, gap};
use crate::error::Error;

pub(super) fn play(stage: Stage<'_>) -> Result<Duration, Error> {
    gap::longest(stage, || stage.lab.kill_postmaster(stage.primary), |_| true)
}
