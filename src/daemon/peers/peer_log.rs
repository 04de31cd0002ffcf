//! Logs that a node's daemon does not report its server, by the kind of the error and at a bounded rate, and that it does
//! again. Does not know how it was asked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::error::{PeerError, PeerErrorKind};

/// The time in which a node has at most [`MOST`] warnings.
const PERIOD: Duration = Duration::from_secs(60);

/// Enough for a node that restarts, and for one whose certificate is exchanged.
const MOST: u8 = 4;

/// What was logged of each node.
#[derive(Debug, Default)]
pub(super) struct PeerLog(Mutex<BTreeMap<String, NodeLog>>);

#[derive(Debug, Default)]
struct NodeLog {
    /// The error that was logged last, unless the node was logged to report again.
    told: Option<PeerErrorKind>,
    /// When the period began, and how many warnings it has had.
    period: Option<(Instant, u8)>,
}

/// What is to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PeerLine {
    Again,
    Error,
}

impl PeerLog {
    /// Forgets every node but those for which this returns true.
    pub(super) fn keep(&self, is_node: impl Fn(&str) -> bool) {
        self.with(|logs| logs.retain(|name, _| is_node(name)));
    }

    /// Logs how a request to a node ended, if that is news.
    pub(super) fn note(&self, node: &str, error: Option<&PeerError>, now: Instant) {
        let line = self.with(|logs| {
            let log = logs.entry(node.to_owned()).or_default();
            log.line(error.map(PeerError::kind), now)
        });
        match (line, error) {
            (Some(PeerLine::Again), _) => info!("{node} reports its server again"),
            (Some(PeerLine::Error), Some(error)) => {
                warn!("{node} does not report its server: {error}");
            }
            (Some(PeerLine::Error) | None, _) => {}
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, NodeLog>) -> T) -> T {
        // No code panics while holding this lock, and the logs would stay valid if it did.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl NodeLog {
    fn line(&mut self, error: Option<PeerErrorKind>, now: Instant) -> Option<PeerLine> {
        let Some(kind) = error else {
            return self.told.take().map(|_| PeerLine::Again);
        };
        if self.told == Some(kind) {
            return None;
        }
        let (began, warnings) = self
            .period
            .filter(|(began, _)| now.saturating_duration_since(*began) < PERIOD)
            .unwrap_or((now, 0));
        if warnings >= MOST {
            return None;
        }
        self.period = Some((began, warnings.saturating_add(1)));
        self.told = Some(kind);
        Some(PeerLine::Error)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    const REFUSED: Option<PeerErrorKind> =
        Some(PeerErrorKind::Connection(ErrorKind::ConnectionRefused));
    const LATE: Option<PeerErrorKind> = Some(PeerErrorKind::Late);

    /// The lines of one answer a second.
    fn lines(answers: impl IntoIterator<Item = Option<PeerErrorKind>>) -> Vec<(u64, PeerLine)> {
        let (mut log, begun) = (NodeLog::default(), Instant::now());
        let numbered = (0..).zip(answers);
        let lines = numbered.filter_map(|(second, answer)| {
            let line = log.line(answer, begun + Duration::from_secs(second))?;
            Some((second, line))
        });
        lines.collect()
    }

    #[test]
    fn one_kind_of_error_is_one_line_until_the_node_reports_again() {
        let answers = [None, LATE, LATE, LATE, None, None, REFUSED];
        let expected = [
            (1, PeerLine::Error),
            (4, PeerLine::Again),
            (6, PeerLine::Error),
        ];
        assert_eq!(lines(answers), expected);
    }

    #[test]
    fn a_node_that_alternates_has_a_few_lines_a_minute() {
        for pair in [[LATE, REFUSED], [LATE, None]] {
            let hour = lines(pair.into_iter().cycle().take(3600));
            let warnings = hour.iter().filter(|(_, line)| *line == PeerLine::Error);
            assert_eq!(warnings.count(), 60 * usize::from(MOST));
        }
    }

    #[test]
    fn an_error_that_lasts_is_logged_when_the_rate_allows_it() {
        let alternating = [LATE, REFUSED].into_iter().cycle().take(5);
        let lasting = std::iter::repeat_n(Some(PeerErrorKind::Document), 100);
        let said = lines(alternating.chain(lasting));
        assert_eq!(said.last(), Some(&(60, PeerLine::Error)));
    }

    #[test]
    fn what_was_logged_of_a_node_is_kept_as_long_as_it_is_one() {
        let log = PeerLog::default();
        let at = ([127, 0, 0, 1], 8008).into();
        let error = PeerError::new(PeerErrorKind::Late, at, "no answer");
        for name in ["srv1", "srv2"] {
            log.note(name, Some(&error), Instant::now());
        }
        log.keep(|name| name == "srv1");
        let names = log.with(|logs| logs.keys().cloned().collect::<Vec<_>>());
        assert_eq!(names, ["srv1"]);
    }
}
