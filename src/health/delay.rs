//! How long a standby has been behind, measured from when WAL became known here. The age of the last commit, which
//! compares the clocks of two servers, is used only until the standby has replayed everything once: on an idle primary
//! it grows for ever, and the first commit after an idle hour would look an hour late.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::evidence::Replication;
use super::lsn::Lsn;

/// Most positions remembered. A delay is never reported too short. It is too long by less than the time between two
/// remembered positions: a second, and after this many seconds behind a thousandth of the time behind.
const REMEMBERED: usize = 3600;

/// Remembers when each end of WAL became known, and computes how long the oldest one not yet replayed
/// has waited.
#[derive(Clone, Debug)]
pub struct DelayClock {
    /// Ends of WAL in their order, each with the time when the first WAL after the previous entry became known.
    waiting: VecDeque<(Instant, Lsn)>,
    /// When the first WAL after the last entry became known, if there is any.
    beyond: Option<Instant>,
    /// Least time between two entries: a second, and twice as long each time that there are too many.
    step: Duration,
    caught_up: CaughtUp,
}

/// Whether this clock has seen all WAL arrive that waits for replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CaughtUp {
    /// The standby had replayed everything at some moment since the clock began.
    Once,
    /// WAL may have waited since before the clock began.
    NotYet,
}

impl Default for DelayClock {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            beyond: None,
            step: Duration::from_secs(1),
            caught_up: CaughtUp::NotYet,
        }
    }
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
            *self = Self {
                caught_up: CaughtUp::Once,
                ..Self::default()
            };
            return Some(Duration::ZERO);
        }
        self.remember(now, end);
        match self.caught_up {
            CaughtUp::Once => {
                let oldest = self.waiting.front();
                Some(oldest.map_or(Duration::ZERO, |(at, _)| now.saturating_duration_since(*at)))
            }
            // Until the standby has replayed everything once, only the age of the last commit bounds the wait.
            CaughtUp::NotYet => seen.last_commit_age,
        }
    }

    fn remember(&mut self, now: Instant, end: Lsn) {
        let last = self.waiting.back();
        if last.is_some_and(|(_, known)| *known >= end) {
            return;
        }
        let since = *self.beyond.get_or_insert(now);
        if last.is_none_or(|(at, _)| now.saturating_duration_since(*at) >= self.step) {
            self.waiting.push_back((since, end));
            self.beyond = None;
        }
        if self.waiting.len() > REMEMBERED {
            self.thin_out();
        }
    }

    /// Makes one position of two: WAL up to the later one counts as known when WAL up to the earlier one was.
    fn thin_out(&mut self) {
        let both = self.waiting.make_contiguous().chunks(2);
        let one = both.filter_map(|pair| Some((pair.first()?.0, pair.last()?.1)));
        self.waiting = one.collect();
        self.step = self.step.saturating_mul(2);
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
    fn a_standby_that_has_never_caught_up_does_not_claim_a_short_delay() {
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

    #[test]
    fn the_delay_is_measured_from_the_arrival_of_wal_within_a_second_of_other_wal() {
        let (mut clock, start) = (DelayClock::default(), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        clock.delay(at(0), &seen(100, 100));
        clock.delay(at(1000), &seen(200, 100));
        clock.delay(at(1100), &seen(300, 100));
        clock.delay(at(2500), &seen(400, 100));
        let waited = clock.delay(at(3000), &seen(400, 200));
        assert_eq!(waited, Some(Duration::from_millis(1900)));
        let mut clock = DelayClock::default();
        clock.delay(at(0), &seen(100, 100));
        clock.delay(at(1000), &seen(200, 100));
        clock.delay(at(1100), &seen(300, 100));
        let waited = clock.delay(at(1900), &seen(300, 200));
        assert_eq!(waited, Some(Duration::from_millis(800)));
    }

    #[test]
    fn a_delay_of_more_positions_than_are_remembered_is_not_reported_too_short() {
        let (mut clock, start) = (DelayClock::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let paused = 3 * u64::try_from(REMEMBERED).unwrap();
        // WAL up to 100 + N arrives at second N, and nothing is replayed.
        clock.delay(at(0), &seen(100, 100));
        for second in 1..=paused {
            clock.delay(at(second), &seen(100 + second, 100));
        }
        assert!(clock.waiting.len() <= REMEMBERED);
        for replayed in (0..paused).step_by(97) {
            let waited = clock.delay(at(paused), &seen(100 + paused, 100 + replayed));
            let truly = Duration::from_secs(paused - (replayed + 1));
            let waited = waited.unwrap();
            assert!(waited >= truly, "{replayed}: {waited:?} of {truly:?}");
            let longest = truly + Duration::from_secs(paused) / 1000;
            assert!(waited <= longest, "{replayed}: {waited:?} of {truly:?}");
        }
    }
}
