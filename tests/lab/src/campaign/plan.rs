//! From a seed to the faults of a campaign, their moments and pairs; pure. The same seed gives the same plan.

use std::fmt;
use std::mem;
use std::time::Duration;

use fastrand::Rng;

use super::fault::{Fault, Kind, Whom};
use super::kinds::{ALL, Known};

/// Faults that are healed, and waited for, together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its place in the plan, from 1.
    pub(super) number: usize,
    /// Each fault and when it begins, from the moment at which the cluster was whole and clients were going.
    pub(super) faults: Vec<(Duration, Fault)>,
}

/// How much later than the first fault the second begins at most, in tenths of a second.
const APART: u16 = 120;

/// The entries of a campaign with so many faults.
pub(super) fn plan(seed: u64, faults: usize) -> Vec<Entry> {
    let mut rng = Rng::with_seed(seed);
    let mut deck = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut left = faults;
    while left > 0 {
        let mut first = draw(&mut rng, &mut deck);
        // Three of four have company.
        let has_company = left > 1 && (first.kind == Kind::ActionKill || rng.u8(0..4) > 0);
        let second = has_company.then(|| draw(&mut rng, &mut deck));
        let second = second.map(|second| {
            // An agent has to be called to be killed.
            if first.kind == Kind::ActionKill {
                put_back(&mut deck, second);
                moved(&mut rng)
            } else if second.kind == Kind::ActionKill {
                put_back(&mut deck, mem::replace(&mut first, second));
                moved(&mut rng)
            } else {
                second
            }
        });
        let begin = tenths(rng.u16(0..=30));
        let mut chosen = vec![(begin, first)];
        if let Some(second) = second {
            let held = u16::try_from(first.hold.as_millis() / 100).unwrap_or(APART);
            // More often before the first is taken back.
            let latest = match rng.u8(0..4) {
                0 => APART,
                _ => held.clamp(20, APART),
            };
            chosen.push((begin + tenths(rng.u16(0..=latest)), second));
        }
        left -= chosen.len();
        entries.push(Entry {
            number: entries.len() + 1,
            faults: chosen,
        });
    }
    entries
}

/// The next of a deck in which each kind is once for each whom; shuffled anew when it is used up.
fn draw(rng: &mut Rng, deck: &mut Vec<(&'static Known, Whom)>) -> Fault {
    if deck.is_empty() {
        let all = ALL
            .iter()
            .flat_map(|known| known.whom.iter().map(move |whom| (known, *whom)));
        deck.extend(all);
        rng.shuffle(deck);
    }
    match deck.pop() {
        Some((known, to)) => Fault {
            kind: known.kind,
            to,
            hold: tenths(rng.u16(known.hold.0..=known.hold.1)),
        },
        None => moved(rng),
    }
}

/// Has a fault be drawn next.
fn put_back(deck: &mut Vec<(&'static Known, Whom)>, fault: Fault) {
    deck.extend(fault.known().map(|known| (known, fault.to)));
}

fn moved(rng: &mut Rng) -> Fault {
    Fault {
        kind: Kind::Switchover,
        to: Whom::Standby,
        hold: tenths(rng.u16(50..=150)),
    }
}

fn tenths(number: u16) -> Duration {
    Duration::from_millis(100) * u32::from(number)
}

impl Entry {
    /// Its faults without their moments.
    pub(super) fn faults(&self) -> String {
        let faults = self.faults.iter().map(|(_, fault)| fault.to_string());
        faults.collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:3}:", self.number)?;
        for (index, (begin, fault)) in self.faults.iter().enumerate() {
            let comma = if index > 0 { ";" } else { "" };
            write!(f, "{comma} at {:.1} s {fault}", begin.as_secs_f64())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn number(entries: &[Entry]) -> usize {
        entries.iter().map(|entry| entry.faults.len()).sum()
    }

    #[test]
    fn a_seed_gives_the_same_plan_each_time_and_another_seed_another() {
        assert_eq!(plan(7, 100), plan(7, 100));
        assert_ne!(plan(7, 100), plan(8, 100));
        // A longer campaign begins as a shorter one, but for its last entry.
        let (short, long) = (plan(7, 20), plan(7, 100));
        let same = short.len() - 1;
        assert_eq!(short[..same], long[..same]);
    }

    #[test]
    fn a_plan_has_as_many_faults_as_are_asked_for() {
        for faults in [0, 1, 2, 99, 100] {
            assert_eq!(number(&plan(3, faults)), faults);
        }
    }

    #[test]
    fn a_hundred_faults_have_every_kind_and_many_overlap() {
        let entries = plan(1, 100);
        let names: BTreeSet<&str> = entries
            .iter()
            .flat_map(|entry| &entry.faults)
            .map(|(_, fault)| fault.known().unwrap().name)
            .collect();
        let all: BTreeSet<&str> = ALL.iter().map(|known| known.name).collect();
        assert_eq!(names, all);
        let overlap = |entry: &&Entry| match entry.faults[..] {
            [(begin, first), (later, _)] => later < begin + first.hold,
            _ => false,
        };
        assert!(entries.iter().filter(overlap).count() >= 15);
    }

    #[test]
    fn an_agent_that_is_to_be_killed_is_called() {
        for entry in plan(5, 400) {
            let [(_, first), (_, second)] = entry.faults[..] else {
                continue;
            };
            if first.kind == Kind::ActionKill {
                assert_eq!(second.kind, Kind::Switchover, "{entry}");
            }
            assert_ne!(second.kind, Kind::ActionKill, "{entry}");
        }
    }
}
