//! How the connections to a port ended: counted by reason, and told in the log. Knows no rule.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time;
use tracing::info;

use crate::admit::{Client, Counts, Noise, Reason};

/// How soon after a first refusal it is told.
const SOON: Duration = Duration::from_secs(1);

/// Least time between two lines about refusals: untrusted clients can cause them.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// How many of the noisiest are named in a line.
const NAMED: usize = 5;

/// What became of connections since the start, whatever the rules were.
#[derive(Debug)]
pub struct Ledger {
    counts: Arc<Counts>,
    noise: Mutex<Noise>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            counts: Arc::default(),
            noise: Mutex::new(Noise::new()),
        }
    }
}

impl Ledger {
    /// The counts alone, for whoever shows them.
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// Why connections were refused, and how many.
    pub fn refusals(&self) -> impl Iterator<Item = (Reason, u64)> {
        let refusals = Reason::ALL.into_iter().filter(|reason| reason.is_refusal());
        refusals.map(|reason| (reason, self.counts.of(reason)))
    }

    /// Counts the end of a connection.
    pub(super) fn count(&self, reason: Reason, peer: IpAddr) {
        self.counts.count(reason);
        if reason.is_refusal() {
            self.noise().refused(Client::of(peer));
        }
    }

    /// Says who was refused at this port, for ever: soon, and then once a minute at most.
    pub async fn tell_refusals(self: Arc<Self>, port: &'static str) {
        let mut told: Vec<_> = self.refusals().collect();
        loop {
            time::sleep(SOON).await;
            let refused: Vec<_> = self.refusals().collect();
            if refused != told {
                let noisiest = self.noise().take(NAMED);
                info!("{}", describe(port, &told, &refused, &noisiest));
                told = refused;
                time::sleep(TELL_EVERY).await;
            }
        }
    }

    /// Nothing under this lock panics, and what was counted stays right if something did.
    fn noise(&self) -> MutexGuard<'_, Noise> {
        self.noise.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe(
    port: &str,
    before: &[(Reason, u64)],
    after: &[(Reason, u64)],
    noisiest: &[(Client, u64)],
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
    let noisiest: Vec<_> = noisiest
        .iter()
        .map(|(client, count)| format!("{client} ({count})"))
        .collect();
    format!(
        "refused {all} connections to the {port} port: {}; most came from {}",
        reasons.join(", "),
        noisiest.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_reasons_and_the_noisiest() {
        let before = [(Reason::Denied, 7), (Reason::NoSlot, 2)];
        let after = [(Reason::Denied, 10), (Reason::NoSlot, 2)];
        let noisiest = [(Client::Four(0x0a00_0001), 2), (Client::Six(1), 1)];
        assert_eq!(
            describe("state", &before, &after, &noisiest),
            "refused 3 connections to the state port: denied 3; most came from 10.0.0.1 (2), 0:0:0:1::/64 (1)"
        );
    }
}
