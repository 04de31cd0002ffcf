//! How long a standby has been behind, measured from when WAL became known here and not by comparing two
//! servers' wall clocks: on an idle primary the age of the last commit grows for ever, and the first
//! commit after an idle hour would look an hour late.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::evidence::Replication;
use super::lsn::Lsn;

/// Most positions remembered. At most one a second is kept, so delays of up to this many seconds are told to the
/// second. Positions that become known while the memory is full are remembered only when there is room again: after a
/// longer backlog the delay of that WAL is told too short.
const REMEMBERED: usize = 3600;

/// Least time between two remembered positions.
const STEP: Duration = Duration::from_secs(1);

/// Remembers when each end of WAL became known, and computes how long the oldest one not yet replayed
/// has waited.
#[derive(Clone, Debug, Default)]
pub struct DelayClock {
    waiting: VecDeque<(Instant, Lsn)>,
    caught_up: CaughtUp,
}

/// Whether this clock has seen all WAL arrive that waits for replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CaughtUp {
    /// The standby had replayed everything at some moment since the clock began.
    Once,
    /// WAL may have waited since before the clock began.
    #[default]
    NotYet,
}

impl DelayClock {
    /// Takes in figures read at `now` and returns the delay; `None` if it is not known.
    pub fn delay(&mut self, now: Instant, seen: &Replication) -> Option<Duration> {
        let (Some(end), Some(replayed)) = (seen.known_end(), seen.replayed) else {
            *self = Self::default();
            return None;
        };
        while self
            .waiting
            .front()
            .is_some_and(|(_, known)| *known <= replayed)
        {
            self.waiting.pop_front();
        }
        if replayed >= end {
            self.caught_up = CaughtUp::Once;
            self.waiting.clear();
            return Some(Duration::ZERO);
        }
        self.remember(now, end);
        let waited = self
            .waiting
            .front()
            .map_or(Duration::ZERO, |(at, _)| now.saturating_duration_since(*at));
        match self.caught_up {
            CaughtUp::Once => Some(waited),
            // Until the standby has replayed everything once, only the age of the last commit bounds the wait.
            CaughtUp::NotYet => seen.last_commit_age,
        }
    }

    fn remember(&mut self, now: Instant, end: Lsn) {
        let new = self
            .waiting
            .back()
            .is_none_or(|(at, known)| *known < end && now.saturating_duration_since(*at) >= STEP);
        if new && self.waiting.len() < REMEMBERED {
            self.waiting.push_back((now, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::evidence::{Receiver, Replay};
    use super::*;

    fn seen(end: u64, replayed: u64) -> Replication {
        Replication {
            receiver: Receiver::Streaming {
                primary_end: Some(Lsn(end)),
            },
            received: Some(Lsn(end)),
            replayed: Some(Lsn(replayed)),
            replay: Replay::Running,
            last_commit_age: Some(Duration::from_secs(3600)),
        }
    }

    #[test]
    fn the_first_commit_after_an_idle_hour_is_not_an_hour_late() {
        let (mut clock, start) = (DelayClock::default(), Instant::now());
        assert_eq!(clock.delay(start, &seen(100, 100)), Some(Duration::ZERO));
        let later = start + Duration::from_secs(5);
        assert_eq!(clock.delay(later, &seen(200, 100)), Some(Duration::ZERO));
        let still = later + Duration::from_millis(300);
        assert_eq!(
            clock.delay(still, &seen(200, 150)),
            Some(Duration::from_millis(300))
        );
    }

    #[test]
    fn the_delay_is_that_of_the_oldest_wal_not_replayed() {
        let (mut clock, start) = (DelayClock::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        clock.delay(at(0), &seen(100, 100));
        clock.delay(at(1), &seen(200, 100));
        clock.delay(at(3), &seen(300, 100));
        assert_eq!(
            clock.delay(at(6), &seen(300, 100)),
            Some(Duration::from_secs(5))
        );
        assert_eq!(
            clock.delay(at(6), &seen(300, 200)),
            Some(Duration::from_secs(3))
        );
        assert_eq!(clock.delay(at(7), &seen(300, 300)), Some(Duration::ZERO));
    }

    #[test]
    fn a_clock_that_was_never_level_does_not_claim_a_short_delay() {
        let mut clock = DelayClock::default();
        let hour = Some(Duration::from_secs(3600));
        assert_eq!(clock.delay(Instant::now(), &seen(200, 100)), hour);
    }

    #[test]
    fn without_positions_the_delay_is_not_known() {
        let mut clock = DelayClock::default();
        let none = Replication {
            replayed: None,
            ..seen(1, 1)
        };
        assert_eq!(clock.delay(Instant::now(), &none), None);
    }
}
