//! Proof that a loop still turns: it beats, the watchdog looks whether it did. Knows no clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter that its loop moves on with every turn.
#[derive(Clone, Debug, Default)]
pub struct Heartbeat(Arc<AtomicU64>);

impl Heartbeat {
    /// Notes one turn of the loop.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Watches several pulses.
#[derive(Debug)]
pub struct Heartbeats(Vec<(Heartbeat, u64)>);

impl Heartbeats {
    /// Listens to these pulses from now on.
    pub fn new(pulses: impl IntoIterator<Item = Heartbeat>) -> Self {
        Self(pulses.into_iter().map(|pulse| (pulse, 0)).collect())
    }

    /// Whether every one has beaten since the last look.
    pub fn all_beat(&mut self) -> bool {
        self.0.iter_mut().fold(true, |all, (pulse, heard)| {
            let before = std::mem::replace(heard, pulse.0.load(Ordering::Relaxed));
            all && *heard != before
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loop_that_stands_still_is_noticed() {
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
