//! Counts how the connections to a port ended, by reason, and logs refusals. Does not know the access rules.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time;
use tracing::info;

use crate::admit::{Client, Counts, MostRefused, Reason};

/// Greatest delay between a first refusal and its log line.
const LOG_DELAY: Duration = Duration::from_secs(1);

/// Least time between two lines about refusals: untrusted clients can cause them.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Number of clients with the most refusals that a line names.
const NAMED: usize = 5;

/// Counts of connections since the daemon was started, across reloads of the rules.
#[derive(Debug)]
pub struct ConnectionOutcomes {
    counts: Arc<Counts>,
    most_refused: Mutex<MostRefused>,
}

impl Default for ConnectionOutcomes {
    fn default() -> Self {
        Self {
            counts: Arc::default(),
            most_refused: Mutex::new(MostRefused::new()),
        }
    }
}

impl ConnectionOutcomes {
    /// The counts alone, for metrics.
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// The number of refused connections for each reason.
    pub fn refusals(&self) -> impl Iterator<Item = (Reason, u64)> {
        let refusals = Reason::ALL.into_iter().filter(|reason| reason.is_refusal());
        refusals.map(|reason| (reason, self.counts.of(reason)))
    }

    /// Counts the outcome of a connection.
    pub(super) fn count(&self, reason: Reason, peer: IpAddr) {
        self.counts.count(reason);
        if reason.is_refusal() {
            self.most_refused().refused(Client::of(peer));
        }
    }

    /// Logs which clients were refused at this port: soon after the first refusal, and then at most once a minute.
    /// Does not return.
    pub async fn log_refusals(self: Arc<Self>, port: &'static str) {
        let mut logged: Vec<_> = self.refusals().collect();
        loop {
            time::sleep(LOG_DELAY).await;
            let refused: Vec<_> = self.refusals().collect();
            if refused != logged {
                let most_refused = self.most_refused().take(NAMED);
                info!("{}", describe(port, &logged, &refused, &most_refused));
                logged = refused;
                time::sleep(LOG_INTERVAL).await;
            }
        }
    }

    /// No code panics while holding this lock, and the counts would stay valid if it did.
    fn most_refused(&self) -> MutexGuard<'_, MostRefused> {
        self.most_refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe(
    port: &str,
    before: &[(Reason, u64)],
    after: &[(Reason, u64)],
    most_refused: &[(Client, u64)],
) -> String {
    let more = after.iter().zip(before).filter_map(|(after, before)| {
        let more = after.1.saturating_sub(before.1);
        (more > 0).then_some((after.0, more))
    });
    let more: Vec<_> = more.collect();
    let all: u64 = more.iter().map(|(_, count)| count).sum();
    let reasons: Vec<_> = more
        .iter()
        .map(|(reason, count)| format!("{} {count}", reason.word()))
        .collect();
    let most_refused: Vec<_> = most_refused
        .iter()
        .map(|(client, count)| format!("{client} ({count})"))
        .collect();
    format!(
        "refused {all} connections to the {port} port: {}; most came from {}",
        reasons.join(", "),
        most_refused.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_reasons_and_the_clients_with_most_refusals() {
        let before = [(Reason::Denied, 7), (Reason::NoSlot, 2)];
        let after = [(Reason::Denied, 10), (Reason::NoSlot, 2)];
        let most_refused = [(Client::Four(0x0a00_0001), 2), (Client::Six(1), 1)];
        assert_eq!(
            describe("state", &before, &after, &most_refused),
            "refused 3 connections to the state port: denied 3; most came from 10.0.0.1 (2), 0:0:0:1::/64 (1)"
        );
    }
}
