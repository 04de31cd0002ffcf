//! How long a server has let nobody in, counted only while the keeper itself ran. Knows no clock and no server: callers
//! pass how long each turn took and what was seen in it.

use std::time::Duration;

use crate::health::DownReason;

/// Whether the server lets new clients in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It lets them in, or answers that it does not, for whatever reason.
    Open,
    /// It answers nobody: `down hung` or `down timeout`.
    Shut,
    /// Nobody says.
    Unknown,
}

impl Entry {
    /// Reads an answer of the daemon's state port.
    #[must_use]
    pub fn of_answer(answer: &str) -> Self {
        let reason = answer.trim().strip_prefix("down ");
        let shut = [DownReason::Hung, DownReason::Timeout].map(DownReason::word);
        match reason {
            Some(reason) if shut.contains(&reason) => Self::Shut,
            Some(_) | None => Self::Open,
        }
    }
}

/// One turn of the keeper.
#[derive(Clone, Copy, Debug)]
pub struct KeeperTurn {
    /// How long it took.
    pub took: Duration,
    /// How long a turn takes if nothing holds it up.
    pub period: Duration,
    /// What was seen in it.
    pub entry: Entry,
}

/// The time for which a server has let nobody in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HangWatch {
    shut_for: Duration,
}

impl HangWatch {
    /// Counts a turn. Returns whether the server has let nobody in for `limit`; then the time is counted again from zero.
    pub fn has_hung(&mut self, turn: KeeperTurn, limit: Duration) -> bool {
        match turn.entry {
            // Silence says nothing: nobody knows what the server did meanwhile.
            Entry::Open | Entry::Unknown => self.shut_for = Duration::ZERO,
            // A host that was paused has let the server do as little as the keeper.
            Entry::Shut if turn.took > 2 * turn.period => {}
            Entry::Shut => self.shut_for = self.shut_for.saturating_add(turn.took),
        }
        let has_hung = self.shut_for >= limit;
        if has_hung {
            self.shut_for = Duration::ZERO;
        }
        has_hung
    }

    /// Forgets what was counted, as for another server.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LIMIT: Duration = Duration::from_secs(3);

    fn turn(took: Duration, entry: Entry) -> KeeperTurn {
        KeeperTurn {
            took,
            period: SECOND,
            entry,
        }
    }

    /// The turns after which the server has hung.
    fn hung_after(turns: &[(u64, Entry)]) -> Vec<usize> {
        let mut watch = HangWatch::default();
        let turns = turns.iter().enumerate();
        turns
            .filter(|(_, (seconds, entry))| {
                watch.has_hung(turn(Duration::from_secs(*seconds), *entry), LIMIT)
            })
            .map(|(place, _)| place + 1)
            .collect()
    }

    #[test]
    fn only_an_answer_that_nobody_gets_in_counts() {
        for (answer, entry) in [
            ("down hung\n", Entry::Shut),
            ("down timeout", Entry::Shut),
            ("down full", Entry::Open),
            ("down refused", Entry::Open),
            ("down starting", Entry::Open),
            ("down hungry", Entry::Open),
            ("lagging behind", Entry::Open),
            ("production", Entry::Open),
            ("hung", Entry::Open),
            ("", Entry::Open),
        ] {
            assert_eq!(Entry::of_answer(answer), entry, "{answer}");
        }
    }

    #[test]
    fn a_server_has_hung_after_the_limit_without_an_interruption() {
        let shut = (1, Entry::Shut);
        assert_eq!(hung_after(&[shut; 7]), [3, 6]);
        for other in [Entry::Open, Entry::Unknown] {
            assert_eq!(hung_after(&[shut, shut, (1, other), shut, shut]), [0; 0]);
        }
    }

    #[test]
    fn turns_that_were_held_up_do_not_count() {
        let shut = (1, Entry::Shut);
        assert_eq!(hung_after(&[shut, (3600, Entry::Shut), shut]), [0; 0]);
        assert_eq!(hung_after(&[(3, Entry::Shut); 100]), [0; 0]);
        assert_eq!(hung_after(&[shut, (3600, Entry::Shut), shut, shut]), [4]);
        assert_eq!(hung_after(&[(2, Entry::Shut); 2]), [2]);
    }
}
