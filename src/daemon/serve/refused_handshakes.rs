//! Logs that clients were refused in their TLS handshake, at most once a minute: any client can cause it. Knows no TLS.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::{debug, info};

use crate::base::terminal::shown;

/// Least time between two lines.
const INTERVAL: Duration = Duration::from_secs(60);

/// Most characters of an error in a line: it may name what a client's certificate contains.
const MOST: usize = 300;

/// The handshakes that failed on a port.
#[derive(Clone, Debug, Default)]
pub(super) struct RefusedHandshakes(Arc<Mutex<Unlogged>>);

#[derive(Debug, Default)]
struct Unlogged {
    since: Option<Instant>,
    count: u64,
}

impl RefusedHandshakes {
    /// Logs a refusal, or counts it for the next line.
    pub(super) fn log(&self, client: IpAddr, why: &str, now: Instant) {
        let why = shown(why);
        debug!("a TLS handshake with {client} failed: {why}");
        if let Some(others) = self.others(now) {
            let why: String = why.chars().take(MOST).collect();
            info!("a TLS handshake with {client} failed: {why}{others}");
        }
    }

    /// What to say of those that were not logged; `None` if it is too early for a line.
    fn others(&self, now: Instant) -> Option<String> {
        // No code panics while holding this lock, and the count would stay valid if it did.
        let mut unlogged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_early = unlogged
            .since
            .is_some_and(|since| now.saturating_duration_since(since) < INTERVAL);
        if is_early {
            unlogged.count = unlogged.count.saturating_add(1);
            return None;
        }
        let others = match unlogged.count {
            0 => String::new(),
            count => format!("; {count} more since the last such line"),
        };
        *unlogged = Unlogged {
            since: Some(now),
            count: 0,
        };
        Some(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_line_a_minute_however_many_fail() {
        let refused = RefusedHandshakes::default();
        let begun = Instant::now();
        let at = |seconds| refused.others(begun + Duration::from_secs(seconds));
        assert_eq!(at(0).as_deref(), Some(""));
        assert_eq!(at(0), None);
        assert_eq!(at(59), None);
        assert_eq!(at(60).as_deref(), Some("; 2 more since the last such line"));
        assert_eq!(at(61), None);
        assert_eq!(
            at(300).as_deref(),
            Some("; 1 more since the last such line")
        );
    }
}
