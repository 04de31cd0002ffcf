//! A script from a seed: about fifty events, each at a random moment, many of them before the one before is mended.
//! Knows no consequence.

use std::time::Duration;

use fastrand::Rng;

use super::kind::{KINDS, LATER_KINDS};
use super::script::{Ending, PRIMARY};
use super::{Event, Kind, Script};
use crate::world::setup::Setup;

/// When the first event comes: everything runs by then.
const FIRST: u64 = 60_000;
/// Longer than any history.
const FOR_GOOD: u64 = 100_000;
/// About so many.
const EVENTS: usize = 50;
/// Another order of numbers for what came later.
const LATER: u64 = 0xD6E8_FEB8_6659_FD93;

impl Script {
    /// That of a seed.
    #[must_use]
    pub fn generate(seed: u64) -> Self {
        let nodes = Setup::choose(&mut Rng::with_seed(seed)).nodes;
        // Another order of numbers than that of the world's chance.
        let mut random = Rng::with_seed(seed ^ 0x9E37_79B9_7F4A_7C15);
        let weights: u32 = KINDS.iter().map(|(_, _, weight)| weight).sum();
        let mut events = Vec::new();
        let mut at = FIRST;
        let count = random.usize(EVENTS * 4 / 5..=EVENTS * 6 / 5);
        for _ in 0..count {
            at += match random.u32(0..10) {
                0..4 => random.u64(0..4_000),
                4..8 => random.u64(2_000..25_000),
                _ => random.u64(20_000..60_000),
            };
            let mut left = random.u32(0..weights);
            let found = KINDS.iter().find(|(_, _, weight)| {
                let is_it = left < *weight;
                left = left.saturating_sub(*weight);
                is_it
            });
            let kind = found.map_or(Kind::Crash, |(kind, _, _)| *kind);
            let seconds = match random.u32(0..10) {
                0..3 => random.u64(1..10),
                3..8 => random.u64(5..60),
                _ => random.u64(40..180),
            };
            events.push(Event {
                at: Duration::from_millis(at),
                kind,
                node: if random.u32(0..5) < 2 {
                    PRIMARY
                } else {
                    random.usize(0..nodes)
                },
                seconds,
                more: random.u64(0..4_000),
            });
        }
        events.extend(later(seed, nodes, at));
        events.sort_by_key(|event| event.at);
        let ending =
            [Ending::TakenBack, Ending::AsOrdered, Ending::PrimaryLost][random.usize(0..3)];
        // Some time for what was wrong before, and in half of the histories too little.
        at += [5_000, 200_000][random.usize(0..2)];
        let last = |kind, node| Event {
            at: Duration::from_millis(at),
            kind,
            node,
            seconds: FOR_GOOD,
            more: 0,
        };
        match ending {
            Ending::TakenBack => {}
            Ending::AsOrdered => {
                let kind = [Kind::Ban, Kind::BanPromoted, Kind::NodeStandby, Kind::Move]
                    [random.usize(0..4)];
                let node = if kind == Kind::Move {
                    random.usize(0..nodes)
                } else {
                    PRIMARY
                };
                events.push(last(kind, node));
            }
            Ending::PrimaryLost => events.push(last(Kind::PowerLoss, PRIMARY)),
        }
        Self {
            seed,
            ending,
            events,
        }
    }
}

/// Events of the kinds that came later, before a moment.
fn later(seed: u64, nodes: usize, end: u64) -> Vec<Event> {
    let mut random = Rng::with_seed(seed ^ LATER);
    let mut events = Vec::new();
    for (kind, _, percent) in LATER_KINDS {
        if random.u32(0..100) < *percent {
            events.push(Event {
                at: Duration::from_millis(random.u64(FIRST..=end)),
                kind: *kind,
                node: if random.bool() {
                    PRIMARY
                } else {
                    random.usize(0..nodes)
                },
                seconds: random.u64(20..300),
                more: random.u64(0..4_000),
            });
        }
    }
    events
}
