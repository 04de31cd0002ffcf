//! Corosync dies on the primary's host: the others no longer hear of it, and fence it.

use crate::error::Error;
use crate::scenario::stage::{Played, Stage};

pub(in crate::scenario) fn play(stage: Stage<'_>) -> Result<Played, Error> {
    let on = stage.on(stage.primary);
    stage.until_another_is_primary(|| {
        on.run(&["pkill", "--signal=KILL", "--exact", "corosync"])
            .map(drop)
    })
}
