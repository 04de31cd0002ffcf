//! Judges whether an ordinary client can connect, and how long that takes. Opens no connection.

use std::time::Duration;

use super::down;
use super::finding::{CheckFinding, Figure};
use super::limits::Bounds;
use super::question::Subject;
use super::status::PluginStatus;
use crate::health::{ConnectionSlots, Failure};

/// Judges a fresh connection by its result and by the time it took. A connection that got a reserved slot
/// proves that ordinary clients cannot connect.
#[must_use]
pub fn judge(
    most: Bounds<Duration>,
    met: Result<ConnectionSlots, Failure>,
    took: Duration,
) -> CheckFinding {
    let plain = |status, text: &str| CheckFinding::plain(Subject::Connect, status, text);
    let finding = match met {
        Ok(ConnectionSlots::Free) => {
            let text = format!("connected in {:.3} s", took.as_secs_f64());
            plain(most.at_most(took), &text)
        }
        Ok(ConnectionSlots::Full) => {
            plain(PluginStatus::Critical, "full: only reserved slots are free")
        }
        Err(failure) => return plain(down::of_failure(failure), failure.word()),
    };
    CheckFinding {
        figures: vec![Figure::time("time", took, most)],
        ..finding
    }
}
