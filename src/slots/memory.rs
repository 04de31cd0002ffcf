//! When each node was heard last. Reads no clock, and decides nothing.
//!
//! It lasts as long as the keeper: after a start each node counts as heard at that moment.

use std::collections::BTreeMap;
use std::time::Instant;

use super::facts::{HeardPosition, SlotPresence};
use super::names::SlotName;
use super::plan::SlotDrop;

/// What is remembered of the nodes.
#[derive(Clone, Debug)]
pub struct SlotMemory {
    begun: Instant,
    /// When the nodes were asked last. Time in which nobody could be asked is no absence.
    asked: Instant,
    nodes: BTreeMap<SlotName, Remembered>,
}

#[derive(Clone, Copy, Debug)]
enum Remembered {
    Heard(Instant),
    /// Its slot was dropped because it held too much WAL.
    GivenUp,
}

impl SlotMemory {
    /// Begins to remember.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            begun: now,
            asked: now,
            nodes: BTreeMap::new(),
        }
    }

    /// The nodes were asked.
    pub fn asked(&mut self, now: Instant) {
        self.asked = now;
    }

    /// The node with this slot was heard when the nodes were asked last, or not.
    pub fn presence(&mut self, slot: &SlotName, heard: Option<HeardPosition>) -> SlotPresence {
        if let Some(position) = heard {
            self.nodes
                .insert(slot.clone(), Remembered::Heard(self.asked));
            return SlotPresence::Seen(position);
        }
        match self.nodes.get(slot) {
            Some(Remembered::GivenUp) => SlotPresence::GivenUp,
            Some(Remembered::Heard(heard)) => SlotPresence::Away(self.asked.duration_since(*heard)),
            None => SlotPresence::Away(self.asked.duration_since(self.begun)),
        }
    }

    /// A slot was dropped and was not made anew.
    pub fn dropped(&mut self, slot: &SlotName, why: SlotDrop) {
        match why {
            SlotDrop::OverCap => {
                self.nodes.insert(slot.clone(), Remembered::GivenUp);
            }
            SlotDrop::NoNode
            | SlotDrop::Absent
            | SlotDrop::Lost
            | SlotDrop::NoReservation
            | SlotDrop::Xmin => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::health::{Claim, Lsn};

    const MINUTE: Duration = Duration::from_secs(60);

    const POSITION: HeardPosition = HeardPosition {
        role: Claim::Standby,
        timeline: 1,
        end: Lsn(1),
    };

    #[test]
    fn the_absence_of_a_node_begins_when_it_was_heard_last_or_with_the_keeper() {
        let begun = Instant::now();
        let mut memory = SlotMemory::new(begun);
        let (one, other) = ("one".parse().unwrap(), "other".parse().unwrap());
        memory.asked(begun + MINUTE);
        assert_eq!(
            memory.presence(&one, Some(POSITION)),
            SlotPresence::Seen(POSITION)
        );
        assert_eq!(memory.presence(&other, None), SlotPresence::Away(MINUTE));
        memory.asked(begun + 3 * MINUTE);
        assert_eq!(memory.presence(&one, None), SlotPresence::Away(2 * MINUTE));
        assert_eq!(
            memory.presence(&other, None),
            SlotPresence::Away(3 * MINUTE)
        );
    }

    #[test]
    fn a_node_whose_slot_held_too_much_counts_as_given_up_until_it_is_heard() {
        let begun = Instant::now();
        let mut memory = SlotMemory::new(begun);
        let slot = "one".parse().unwrap();
        memory.dropped(&slot, SlotDrop::Absent);
        assert_eq!(
            memory.presence(&slot, None),
            SlotPresence::Away(Duration::ZERO)
        );
        memory.dropped(&slot, SlotDrop::OverCap);
        assert_eq!(memory.presence(&slot, None), SlotPresence::GivenUp);
        memory.presence(&slot, Some(POSITION));
        assert_eq!(
            memory.presence(&slot, None),
            SlotPresence::Away(Duration::ZERO)
        );
    }
}
