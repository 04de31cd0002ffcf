//! Decides from a peer's address whether its connection is answered. Reads no bytes of it.
//!
//! No limit applies to a trusted peer, and refusing an untrusted client costs less than accepting its connection did.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::outcomes::ConnectionOutcomes;
use super::slots::{Capacity, Slot, Slots, UnassignedSlot};
use crate::admit::{Client, ClientTrust, Limits, Quotas, Reason, Rules};

/// The access rules with the state of slots and limits; shared by the listening sockets of a protocol.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rules: Rules,
    quotas: Quotas,
    slots: Slots,
    limits: Arc<Mutex<Limits>>,
    outcomes: Arc<ConnectionOutcomes>,
}

impl Gate {
    /// Creates a gate with free slots and full limits.
    pub fn new(rules: Rules, quotas: Quotas, capacity: Capacity) -> Self {
        Self(Arc::new(Inner {
            rules,
            quotas,
            slots: Slots::new(capacity),
            limits: full(quotas),
            outcomes: Arc::default(),
        }))
    }

    /// Creates a gate with other rules that continues the counts of this one. If the quotas stay the same, what clients
    /// have used of them stays used. If the capacity changes, open connections take no slot of the new
    /// capacity.
    #[must_use]
    pub fn with(&self, rules: Rules, quotas: Quotas, capacity: Capacity) -> Self {
        let Inner { slots, limits, .. } = &*self.0;
        Self(Arc::new(Inner {
            rules,
            quotas,
            slots: if slots.capacity() == capacity {
                slots.clone()
            } else {
                Slots::new(capacity)
            },
            limits: if self.0.quotas == quotas {
                Arc::clone(limits)
            } else {
                full(quotas)
            },
            outcomes: self.outcomes(),
        }))
    }

    /// The slots for connections.
    pub fn slots(&self) -> &Slots {
        &self.0.slots
    }

    /// The counts of how connections ended.
    pub fn outcomes(&self) -> Arc<ConnectionOutcomes> {
        Arc::clone(&self.0.outcomes)
    }

    /// Assigns the slot to this peer and returns it with the reason for which the connection will
    /// be answered; the error is the reason for refusing it.
    pub(super) fn judge(
        &self,
        peer: IpAddr,
        place: UnassignedSlot,
        now: Instant,
    ) -> Result<(Slot, Reason), Reason> {
        match self.0.rules.judge(peer) {
            ClientTrust::Refused(reason) => Err(reason),
            ClientTrust::Trusted => Ok((self.0.slots.for_trusted(place, peer), Reason::Trusted)),
            ClientTrust::Untrusted => {
                let client = Client::of(peer);
                let slot = self.0.slots.for_untrusted(place, client)?;
                self.take(client, now)?;
                Ok((slot, Reason::Allowed))
            }
        }
    }

    /// Assigns the slot to a peer that has to send a PROXY header. This uses up no limit; the address that the header
    /// announces does.
    pub(super) fn listen_to(&self, peer: IpAddr, place: UnassignedSlot) -> Result<Slot, Reason> {
        match self.0.rules.judge(peer) {
            ClientTrust::Trusted => Ok(self.0.slots.for_trusted(place, peer)),
            ClientTrust::Untrusted | ClientTrust::Refused(_) => {
                self.0.slots.for_untrusted(place, Client::of(peer))
            }
        }
    }

    fn take(&self, client: Client, now: Instant) -> Result<(), Reason> {
        let limits = self.0.limits.lock();
        // No code panics while holding this lock, and the limits would stay consistent if it did.
        let mut limits = limits.unwrap_or_else(PoisonError::into_inner);
        limits.admit(client, now)
    }

    /// The pass with which further requests on the connection are judged.
    pub(super) fn pass(&self, peer: IpAddr) -> Pass {
        Pass {
            gate: self.clone(),
            peer,
        }
    }

    /// Counts the outcome of a connection.
    pub(super) fn count(&self, reason: Reason, peer: IpAddr) {
        self.0.outcomes.count(reason, peer);
    }
}

/// An admitted peer, with the gate that admitted it.
#[derive(Clone, Debug)]
pub struct Pass {
    gate: Gate,
    peer: IpAddr,
}

impl Pass {
    /// The peer's address.
    pub(super) fn peer(&self) -> IpAddr {
        self.peer
    }

    /// The peer's trust according to the access rules.
    pub(super) fn trust(&self) -> ClientTrust {
        self.gate.0.rules.judge(self.peer)
    }

    /// Admits one more request, or returns the reason for refusing it. A request of an untrusted client uses up as much
    /// of the limits as a connection.
    pub(super) fn admits(&self, now: Instant) -> Result<(), Reason> {
        match self.trust() {
            ClientTrust::Refused(reason) => Err(reason),
            ClientTrust::Trusted => Ok(()),
            ClientTrust::Untrusted => self.gate.take(Client::of(self.peer), now),
        }
    }
}

fn full(quotas: Quotas) -> Arc<Mutex<Limits>> {
    Arc::new(Mutex::new(Limits::new(quotas, Instant::now())))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::num::NonZeroU32;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::slots::Reservation;
    use super::*;
    use crate::admit::{AccessList, Net};

    const TRUSTED: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    /// A gate with one trusted peer, narrow limits, and four slots.
    fn gate() -> Gate {
        let rules = Rules {
            trusted: AccessList::new([Net::from(TRUSTED).into()]),
            ..Rules::default()
        };
        let one = NonZeroU32::MIN;
        let quotas = Quotas {
            total: one,
            per_client: one,
            burst: one,
        };
        let capacity = Capacity {
            total: 4,
            most_each: 2,
            reserved: Reservation::Some,
        };
        Gate::new(rules, quotas, capacity)
    }

    fn come(gate: &Gate, peer: IpAddr, now: Instant) -> Result<(Slot, Reason), Reason> {
        let place = gate.slots().free_now().ok_or(Reason::NoSlot)?;
        gate.judge(peer, place, now)
    }

    proptest! {
        /// Untrusted clients keep all slots that they get.
        #[test]
        fn over_any_schedule_a_trusted_peer_is_never_refused(
            arrivals in prop::collection::vec((0_u8..20, 0_u64..2_000_000_000), 1..200)
        ) {
            let (gate, mut now) = (gate(), Instant::now());
            let mut kept = Vec::new();
            for (who, gap) in arrivals {
                now += Duration::from_nanos(gap);
                let untrusted = Ipv4Addr::new(10, 9, 0, who).into();
                kept.extend(come(&gate, untrusted, now).ok());
                for _ in 0..3 {
                    let came = come(&gate, TRUSTED, now);
                    prop_assert_eq!(came.map(|(_, reason)| reason), Ok(Reason::Trusted));
                }
                let pass = gate.pass(TRUSTED);
                prop_assert_eq!(pass.admits(now), Ok(()));
            }
        }
    }

    #[test]
    fn a_further_request_of_an_untrusted_client_counts_against_its_limit() {
        let (gate, now) = (gate(), Instant::now());
        let untrusted = Ipv4Addr::new(10, 9, 0, 1).into();
        assert!(come(&gate, untrusted, now).is_ok());
        let pass = gate.pass(untrusted);
        assert!(pass.admits(now).is_err());
        assert_eq!(pass.admits(now + Duration::from_secs(2)), Ok(()));
    }
}
