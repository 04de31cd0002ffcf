//! The primary's role is moved to another server, as before maintenance.

use crate::error::Error;
use crate::lab::wait_for;
use crate::scenario::stage::{HEALING, Played, Stage};

/// There, and back when the cluster is whole again.
pub(in crate::scenario) fn there_and_back(stage: Stage<'_>) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        for to in [stage.standby, stage.primary] {
            stage.cluster.move_to(to)?;
            clients.until_rows_of(HEALING, |host| host == to)?;
            stage.cluster.wait_until_whole()?;
        }
        Ok(())
    })
}

/// How often the role moves in [`many_times`].
const TIMES: usize = 20;

/// From one server to the next, each time as soon as the cluster is whole again. Each row waits for a
/// standby.
pub(in crate::scenario) fn many_times(stage: Stage<'_>) -> Result<Played, Error> {
    stage.cluster.be_synchronous()?;
    let round = [stage.standby, stage.third, stage.primary];
    stage.under_traffic(|clients| {
        for to in round.into_iter().cycle().take(TIMES) {
            stage.cluster.move_to(to)?;
            clients.until_rows_of(HEALING, |host| host == to)?;
            // PAF gives the role back if it is asked sooner.
            stage.cluster.wait_until_whole()?;
            stage.cluster.withdraw(to)?;
        }
        Ok(())
    })
}

/// The same as there and back where each row waits for a standby.
pub(in crate::scenario) fn synchronous(stage: Stage<'_>) -> Result<Played, Error> {
    stage.cluster.be_synchronous()?;
    there_and_back(stage)
}

/// How long the checkpoint takes with which the primary ends: longer than two intervals of HAProxy's
/// checks.
const CHECKPOINT: &str = "6";

/// The checkpointer stands still in the middle of the shutdown, as with a slow disk and much to write.
/// The standbys must get the shutdown checkpoint all the same.
pub(in crate::scenario) fn with_a_slow_checkpoint(stage: Stage<'_>) -> Result<Played, Error> {
    let on = stage.on(stage.primary);
    let signal = |name: &str| {
        on.shell(&format!(
            "pkill --signal={name} --full 'postgres: .*checkpointer'"
        ))
    };
    stage.under_traffic(|clients| {
        signal("STOP")?;
        stage.cluster.move_to(stage.standby)?;
        wait_for("the primary to shut down", HEALING, || {
            match on.sql("SELECT 1") {
                Err(error) if error.to_string().contains("shutting down") => Ok(()),
                Err(error) => Err(error),
                Ok(_) => Err(Error::Unfit("it still lets sessions in".into())),
            }
        })?;
        on.run(&["sleep", CHECKPOINT])?;
        signal("CONT")?;
        clients.until_rows_of(HEALING, |host| host == stage.standby)
    })
}
