//! Has a primary write a checkpoint before it is demoted, while it still accepts writes: its shutdown writes another one, and
//! writers wait for that. Knows no promotion.

use std::time::Duration;

use tracing::{info, warn};

use super::Seams;
use super::server::Server;

/// The shutdown's checkpoint takes as long as the last one before it, which is short enough then.
const SHORT: Duration = Duration::from_secs(1);

/// How many are written at most: where clients write much, none is short.
const MOST: usize = 3;

/// Has checkpoints written until one is short, in half of the time that is left, and looks what else a shutdown waits
/// for. A failure changes nothing: the shutdown takes longer.
pub(super) fn prepare<S: Server, C>(seams: &mut Seams<'_, S, C>) {
    match seams.server.unarchived() {
        Ok(0) => {}
        Ok(files) => warn!(
            "{files} files of WAL are not archived yet: the server does not stop before that is done"
        ),
        Err(error) => warn!("cannot determine how much WAL is not archived yet: {error}"),
    }
    let deadline = seams.within(seams.left() / 2);
    for _ in 0..MOST {
        let began = seams.clock.now();
        if let Err(error) = seams.server.checkpoint(deadline) {
            warn!("no checkpoint was written before the server is stopped: {error}");
            return;
        }
        let took = seams.clock.now().saturating_duration_since(began);
        info!("a checkpoint took {:.1} s", took.as_secs_f64());
        if took < SHORT || seams.has_passed(deadline) {
            return;
        }
    }
}
