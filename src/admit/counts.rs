//! Counts connections by the reason for which they ended.

use std::sync::atomic::{AtomicU64, Ordering};

use super::reason::Reason;

/// A counter for each [`Reason`], since the daemon was started.
#[derive(Debug, Default)]
pub struct Counts([AtomicU64; Reason::ALL.len()]);

impl Counts {
    /// Counts one connection.
    pub fn count(&self, reason: Reason) {
        if let Some(counter) = self.counter(reason) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The number of connections that ended for this reason.
    #[must_use]
    pub fn of(&self, reason: Reason) -> u64 {
        self.counter(reason)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    fn counter(&self, reason: Reason) -> Option<&AtomicU64> {
        let mut pairs = Reason::ALL.iter().zip(&self.0);
        pairs
            .find(|(known, _)| **known == reason)
            .map(|(_, counter)| counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_counted_by_itself() {
        let counts = Counts::default();
        for (index, reason) in (1..).zip(Reason::ALL) {
            for _ in 0..index {
                counts.count(reason);
            }
        }
        for (index, reason) in (1..).zip(Reason::ALL) {
            assert_eq!(counts.of(reason), index);
        }
    }
}
