//! Decides from a peer's address whether its connection is answered. Knows no bytes.
//!
//! A trusted peer meets no limit, and a refused untrusted client costs less than accepting its connection did.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::ledger::Ledger;
use super::slots::{Capacity, Slot, Slots, UnassignedSlot};
use crate::admit::{Client, ClientTrust, Limits, Quotas, Reason, Rules};

/// The rules and what they need to know of those who came before; shared by every listening socket.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rules: Rules,
    quotas: Quotas,
    slots: Slots,
    limits: Arc<Mutex<Limits>>,
    ledger: Arc<Ledger>,
}

impl Gate {
    /// A gate to which nobody has come.
    pub fn new(rules: Rules, quotas: Quotas, room: Capacity) -> Self {
        Self(Arc::new(Inner {
            rules,
            quotas,
            slots: Slots::new(room),
            limits: full(quotas),
            ledger: Arc::default(),
        }))
    }

    /// The gate with other rules. It goes on counting, and what a client has used of a limit stays used
    /// where the limit stays the same. Where the room changes, connections that are open take none of
    /// the new one.
    #[must_use]
    pub fn with(&self, rules: Rules, quotas: Quotas, room: Capacity) -> Self {
        let Inner { slots, limits, .. } = &*self.0;
        Self(Arc::new(Inner {
            rules,
            quotas,
            slots: if slots.room() == room {
                slots.clone()
            } else {
                Slots::new(room)
            },
            limits: if self.0.quotas == quotas {
                Arc::clone(limits)
            } else {
                full(quotas)
            },
            ledger: self.ledger(),
        }))
    }

    /// The places that it hands out.
    pub fn slots(&self) -> &Slots {
        &self.0.slots
    }

    /// How connections ended.
    pub fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.0.ledger)
    }

    /// Turns the place for a connection into the slot of this peer, with the reason for which it will
    /// be answered, or says why it is not.
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

    /// The slot in which a peer may say for whom it connects. It takes nothing from a limit: what it
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
        // Nothing under this lock panics, and a limit stays one if something did.
        let mut limits = limits.unwrap_or_else(PoisonError::into_inner);
        limits.admit(client, now)
    }

    /// What an admitted peer shows for each further request on its connection.
    pub(super) fn pass(&self, peer: IpAddr) -> Pass {
        Pass {
            gate: self.clone(),
            peer,
        }
    }

    /// Counts the end of a connection.
    pub(super) fn count(&self, reason: Reason, peer: IpAddr) {
        self.0.ledger.count(reason, peer);
    }
}

/// An admitted peer, at the gate of its arrival.
#[derive(Clone, Debug)]
pub struct Pass {
    gate: Gate,
    peer: IpAddr,
}

impl Pass {
    /// What the lists say of it.
    pub(super) fn standing(&self) -> ClientTrust {
        self.gate.0.rules.judge(self.peer)
    }

    /// Whether one more request may come, and by which limit not: an untrusted client's takes as much from the
    /// limits as a connection.
    pub(super) fn admits(&self, now: Instant) -> Result<(), Reason> {
        match self.standing() {
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

    /// A gate with one trusted peer, narrow limits, and room for few.
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
        let room = Capacity {
            total: 4,
            most_each: 2,
            kept: Reservation::Some,
        };
        Gate::new(rules, quotas, room)
    }

    fn come(gate: &Gate, peer: IpAddr, now: Instant) -> Result<(Slot, Reason), Reason> {
        let place = gate.slots().free_now().ok_or(Reason::NoSlot)?;
        gate.judge(peer, place, now)
    }

    proptest! {
        /// Untrusted clients stay for as long as they can.
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
    fn a_further_request_of_an_untrusted_client_takes_from_its_limit() {
        let (gate, now) = (gate(), Instant::now());
        let untrusted = Ipv4Addr::new(10, 9, 0, 1).into();
        assert!(come(&gate, untrusted, now).is_ok());
        let pass = gate.pass(untrusted);
        assert!(pass.admits(now).is_err());
        assert_eq!(pass.admits(now + Duration::from_secs(2)), Ok(()));
    }
}
