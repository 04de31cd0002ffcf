//! Which of the outcomes of a thing that is tried again and again are worth a line of the log: what is news, and at a bounded
//! rate. Knows neither the log nor the clock: callers pass the time, and write the line.

use std::time::{Duration, Instant};

/// The time in which at most [`MOST`] errors are logged.
const PERIOD: Duration = Duration::from_secs(60);

/// Enough for a node that restarts, and for one whose certificate is exchanged.
const MOST: u8 = 4;

/// What was logged of one thing whose errors are told apart by `K`.
#[derive(Debug)]
pub struct LogRate<K> {
    /// The error that was logged last, unless its end was.
    told: Option<K>,
    /// When the period began, and how many errors were logged in it.
    period: Option<(Instant, u8)>,
}

/// What is to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogNews {
    /// It works again.
    Again,
    /// The error.
    Error,
}

impl<K> Default for LogRate<K> {
    fn default() -> Self {
        Self {
            told: None,
            period: None,
        }
    }
}

impl<K: PartialEq> LogRate<K> {
    /// Notes how an attempt ended. Returns what is to be logged; `None` if that is no news, or too many errors were logged
    /// within the last minute.
    pub fn line(&mut self, error: Option<K>, now: Instant) -> Option<LogNews> {
        let Some(kind) = error else {
            return self.told.take().map(|_| LogNews::Again);
        };
        if self.told.as_ref() == Some(&kind) {
            return None;
        }
        let (began, errors) = self
            .period
            .filter(|(began, _)| now.saturating_duration_since(*began) < PERIOD)
            .unwrap_or((now, 0));
        if errors >= MOST {
            return None;
        }
        self.period = Some((began, errors.saturating_add(1)));
        self.told = Some(kind);
        Some(LogNews::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: Option<&str> = Some("late");
    const REFUSED: Option<&str> = Some("refused");

    /// The lines of one attempt a second.
    fn lines(attempts: impl IntoIterator<Item = Option<&'static str>>) -> Vec<(u64, LogNews)> {
        let (mut log, begun) = (LogRate::default(), Instant::now());
        let numbered = (0..).zip(attempts);
        let lines = numbered.filter_map(|(second, attempt)| {
            let line = log.line(attempt, begun + Duration::from_secs(second))?;
            Some((second, line))
        });
        lines.collect()
    }

    #[test]
    fn one_kind_of_error_is_one_line_until_it_works_again() {
        let attempts = [None, LATE, LATE, LATE, None, None, REFUSED];
        let expected = [
            (1, LogNews::Error),
            (4, LogNews::Again),
            (6, LogNews::Error),
        ];
        assert_eq!(lines(attempts), expected);
    }

    #[test]
    fn what_alternates_has_a_few_lines_a_minute() {
        for pair in [[LATE, REFUSED], [LATE, None]] {
            let hour = lines(pair.into_iter().cycle().take(3600));
            let errors = hour.iter().filter(|(_, line)| *line == LogNews::Error);
            assert_eq!(errors.count(), 60 * usize::from(MOST));
        }
    }

    #[test]
    fn an_error_that_lasts_is_logged_when_the_rate_allows_it() {
        let alternating = [LATE, REFUSED].into_iter().cycle().take(5);
        let lasting = std::iter::repeat_n(Some("wrong"), 100);
        let said = lines(alternating.chain(lasting));
        assert_eq!(said.last(), Some(&(60, LogNews::Error)));
    }
}
