//! Decides from a peer's address whether its connection is answered, and counts how each one ended.
//! Knows no bytes.
//!
//! A trusted peer meets neither a lock nor an allocation here, and a refused stranger costs less than
//! accepting its connection did.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time;
use tracing::info;

use super::slots::{Place, Slot, Slots};
use crate::admit::{Client, Counts, Limits, Noise, Quotas, Reason, Rules, Standing};

/// How soon after a first refusal it is told.
const SOON: Duration = Duration::from_secs(1);

/// Least time between two lines about refusals: strangers can cause them.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// How many of the noisiest are named in a line.
const NAMED: usize = 5;

/// The rules and what they need to know of those who came before; shared by every listening socket.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rules: Rules,
    slots: Slots,
    counts: Arc<Counts>,
    strangers: Mutex<Strangers>,
}

#[derive(Debug)]
struct Strangers {
    limits: Limits,
    noise: Noise,
}

impl Gate {
    /// A gate to which nobody has come.
    pub fn new(rules: Rules, quotas: Quotas, slots: Slots) -> Self {
        Self(Arc::new(Inner {
            rules,
            slots,
            counts: Arc::default(),
            strangers: Mutex::new(Strangers {
                limits: Limits::new(quotas, Instant::now()),
                noise: Noise::new(),
            }),
        }))
    }

    /// The places that it hands out.
    pub fn slots(&self) -> &Slots {
        &self.0.slots
    }

    /// How connections ended since the start.
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.0.counts)
    }

    /// Turns the place for a connection into the slot of this peer, with the reason for which it will
    /// be answered, or says why it is not.
    pub(super) fn judge(
        &self,
        peer: IpAddr,
        place: Place,
        now: Instant,
    ) -> Result<(Slot, Reason), Reason> {
        match self.0.rules.judge(peer) {
            Standing::Refused(reason) => Err(reason),
            Standing::Trusted => Ok((Slot::for_trusted(place), Reason::Trusted)),
            Standing::Stranger => {
                let client = Client::of(peer);
                let slot = self.0.slots.for_stranger(place, client)?;
                self.strangers().limits.admit(client, now)?;
                Ok((slot, Reason::Allowed))
            }
        }
    }

    /// The slot in which a peer may say for whom it connects. It takes nothing from a limit: what it
    /// announces does.
    pub(super) fn listen_to(&self, peer: IpAddr, place: Place) -> Result<Slot, Reason> {
        match self.0.rules.judge(peer) {
            Standing::Trusted => Ok(Slot::for_trusted(place)),
            Standing::Stranger | Standing::Refused(_) => {
                self.0.slots.for_stranger(place, Client::of(peer))
            }
        }
    }

    /// Counts the end of a connection.
    pub(super) fn count(&self, reason: Reason, peer: IpAddr) {
        self.0.counts.count(reason);
        if reason.is_refusal() {
            self.strangers().noise.refused(Client::of(peer));
        }
    }

    /// Says who was refused at this port, for ever: soon, and then once a minute at most.
    pub async fn tell_refusals(self, port: &'static str) {
        let mut told = self.refusals();
        loop {
            time::sleep(SOON).await;
            let refused = self.refusals();
            if refused != told {
                info!("{}", describe(port, &told, &refused, &self.noisiest()));
                told = refused;
                time::sleep(TELL_EVERY).await;
            }
        }
    }

    fn refusals(&self) -> Vec<(Reason, u64)> {
        let refusals = Reason::ALL.into_iter().filter(|reason| reason.is_refusal());
        refusals
            .map(|reason| (reason, self.0.counts.of(reason)))
            .collect()
    }

    fn noisiest(&self) -> Vec<(Client, u64)> {
        self.strangers().noise.take(NAMED)
    }

    /// Nothing under this lock panics, and a limit stays one if something did.
    fn strangers(&self) -> MutexGuard<'_, Strangers> {
        let strangers = self.0.strangers.lock();
        strangers.unwrap_or_else(PoisonError::into_inner)
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
