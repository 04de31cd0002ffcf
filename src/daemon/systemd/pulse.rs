//! Proof that a loop still turns: it beats, the watchdog looks whether it did. Knows no clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter that its loop moves on with every turn.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicU64>);

impl Pulse {
    /// Notes one turn of the loop.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Watches several pulses.
#[derive(Debug)]
pub struct Stethoscope(Vec<(Pulse, u64)>);

impl Stethoscope {
    /// Listens to these pulses from now on.
    pub fn new(pulses: impl IntoIterator<Item = Pulse>) -> Self {
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
        let (accepting, asking) = (Pulse::default(), Pulse::default());
        let mut watchdog = Stethoscope::new([accepting.clone(), asking.clone()]);
        accepting.beat();
        asking.beat();
        assert!(watchdog.all_beat());
        accepting.beat();
        assert!(!watchdog.all_beat());
        asking.beat();
        assert!(!watchdog.all_beat());
    }
}
