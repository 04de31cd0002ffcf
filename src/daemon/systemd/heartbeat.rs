//! Shows that a loop is still running: the loop counts its turns, and the watchdog checks that the count has
//! changed. Uses no clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter that a loop increments with every turn.
#[derive(Clone, Debug, Default)]
pub struct Heartbeat(Arc<AtomicU64>);

impl Heartbeat {
    /// Counts one turn of the loop.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The heartbeats that the watchdog checks, each with the count at the last check.
#[derive(Debug)]
pub struct Heartbeats(Vec<(Heartbeat, u64)>);

impl Heartbeats {
    /// Creates a set of these heartbeats.
    pub fn new(heartbeats: impl IntoIterator<Item = Heartbeat>) -> Self {
        Self(
            heartbeats
                .into_iter()
                .map(|heartbeat| (heartbeat, 0))
                .collect(),
        )
    }

    /// Whether every loop has turned since the last call.
    pub fn all_beat(&mut self) -> bool {
        self.0.iter_mut().fold(true, |all, (heartbeat, heard)| {
            let before = std::mem::replace(heard, heartbeat.0.load(Ordering::Relaxed));
            all && *heard != before
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_stuck_loop_is_detected() {
        let (accepting, asking) = (Heartbeat::default(), Heartbeat::default());
        let mut watchdog = Heartbeats::new([accepting.clone(), asking.clone()]);
        accepting.beat();
        asking.beat();
        assert!(watchdog.all_beat());
        accepting.beat();
        assert!(!watchdog.all_beat());
        asking.beat();
        assert!(!watchdog.all_beat());
    }
}
