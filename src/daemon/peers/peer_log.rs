//! Logs that a node's daemon does not report its server, by the kind of the error and at a bounded rate, and that it does
//! again. Does not know how it was asked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tracing::{info, warn};

use super::error::{PeerError, PeerErrorKind};
use crate::base::log_rate::{LogNews, LogRate};

/// What was logged of each node.
#[derive(Debug, Default)]
pub(super) struct PeerLog(Mutex<BTreeMap<String, LogRate<PeerErrorKind>>>);

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
            (Some(LogNews::Again), _) => info!("{node} reports its server again"),
            (Some(LogNews::Error), Some(error)) => {
                warn!("{node} does not report its server: {error}");
            }
            (Some(LogNews::Error) | None, _) => {}
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, LogRate<PeerErrorKind>>) -> T) -> T {
        // No code panics while holding this lock, and the logs would stay valid if it did.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
