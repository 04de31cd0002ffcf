//! Which recurring monitors are active, as a history says. Knows nothing of which should be.

use super::super::super::history::{ByWatch, Ended, Record, Task};

/// The recurring monitors that belong to what runs now (`calculate_active_ops`, `process_recurring`).
pub(super) fn active(records: &[Option<Record>]) -> ByWatch<bool> {
    let mut stop = None;
    let mut start = None;
    let mut implied_monitor: Option<usize> = None;
    let mut implied_role = None;
    for (place, record) in records.iter().flatten().enumerate() {
        match record.task {
            Task::Stop if record.ended == Ended::Code(0) => stop = Some(place),
            Task::Stop | Task::Reported => {}
            Task::Start => start = Some(place),
            Task::Probe | Task::Watch(_) => {
                let fresh = implied_monitor <= stop;
                if fresh && matches!(record.ended, Ended::Code(0 | 8)) {
                    implied_monitor = Some(place);
                }
            }
            Task::Promote | Task::Demote => implied_role = Some(place),
        }
    }
    let start = start.or(implied_role).or(implied_monitor);
    let mut watches = ByWatch::default();
    for (place, record) in records.iter().flatten().enumerate() {
        let place = Some(place);
        let inactive = start < stop && place <= stop;
        if inactive || place < start || record.ended == Ended::Pending {
            continue;
        }
        if let Task::Watch(watch) = record.task {
            *watches.of_mut(watch) = true;
        }
    }
    watches
}
