//! What a client counted, and the percentiles of its waiting times; pure.

use std::time::Duration;

/// Answers, losses and waiting times of one stretch of load.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    waits: Vec<Duration>,
    lost: u32,
    in_time: u32,
    elapsed: Duration,
}

impl Tally {
    /// Notes a right answer that took `wait` from connect to the end of the stream.
    pub(super) fn answered(&mut self, wait: Duration) {
        self.waits.push(wait);
    }

    /// Notes a check that failed, was answered wrongly or took too long.
    pub(super) const fn lost(&mut self) {
        self.lost = self.lost.saturating_add(1);
    }

    /// Notes how many answers came in the time that counts for answers a second.
    pub(super) fn time_is_up(&mut self, elapsed: Duration) {
        self.in_time = self.answers();
        self.elapsed = elapsed;
    }

    /// Sorts the waiting times, so that percentiles can be asked for.
    pub(super) fn sort(&mut self) {
        self.waits.sort_unstable();
    }

    /// How many right answers came, the late ones included.
    pub(crate) fn answers(&self) -> u32 {
        u32::try_from(self.waits.len()).unwrap_or(u32::MAX)
    }

    /// How many checks were lost.
    pub(crate) const fn losses(&self) -> u32 {
        self.lost
    }

    /// Right answers a second until the time was up.
    pub(crate) fn rate(&self) -> f64 {
        f64::from(self.in_time) / self.elapsed.as_secs_f64()
    }

    /// The waiting time that `percent` of the answers did not exceed (nearest rank); `None` without
    /// an answer.
    pub(crate) fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.waits.len() * percent).div_ceil(100);
        self.waits.get(rank.saturating_sub(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(micros: impl IntoIterator<Item = u64>) -> Tally {
        let mut tally = Tally::default();
        for wait in micros {
            tally.answered(Duration::from_micros(wait));
        }
        tally.sort();
        tally
    }

    #[test]
    fn percentiles_are_by_nearest_rank_whatever_the_order_of_arrival() {
        let tally = tally((1..=200).rev());
        assert_eq!(tally.percentile(50), Some(Duration::from_micros(100)));
        assert_eq!(tally.percentile(99), Some(Duration::from_micros(198)));
        assert_eq!(tally.percentile(100), Some(Duration::from_micros(200)));
    }

    #[test]
    fn a_rank_between_two_answers_is_the_later_one() {
        let tally = tally([1, 2, 3]);
        assert_eq!(tally.percentile(50), Some(Duration::from_micros(2)));
        assert_eq!(tally.percentile(99), Some(Duration::from_micros(3)));
    }

    #[test]
    fn one_answer_is_every_percentile() {
        assert_eq!(tally([7]).percentile(50), Some(Duration::from_micros(7)));
        assert_eq!(tally([7]).percentile(99), Some(Duration::from_micros(7)));
    }

    #[test]
    fn answers_after_the_time_was_up_do_not_raise_the_rate() {
        let mut tally = tally([5, 5, 5]);
        tally.time_is_up(Duration::from_millis(500));
        tally.answered(Duration::from_micros(5));
        assert!((tally.rate() - 6.0).abs() < 1e-9);
        assert_eq!(tally.answers(), 4);
    }

    #[test]
    fn no_answer_has_no_percentile() {
        assert_eq!(tally([]).percentile(50), None);
    }
}
