//! Limits how many connections may be open at once: in total, for all untrusted clients, and for each client. Does not
//! decide which clients are trusted.
//!
//! - `shares`: counts the slots of each client, and chooses the connection that is dismissed when slots run out.

mod capacity;
mod shares;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::admit::{Client, Reason};
pub use capacity::{Capacity, Reservation};
use shares::{HolderId, Shares, SlotHolder};

/// A slot for a connection whose client is not known yet; dropping it frees the slot.
pub(super) type UnassignedSlot = OwnedSemaphorePermit;

/// The slot of one open connection; dropping it frees the slot.
#[derive(Debug)]
pub struct Slot {
    place: UnassignedSlot,
    claim: SlotCount,
}

/// The entry of a slot in the shares; counted until it is dropped.
#[derive(Debug)]
struct SlotCount {
    id: HolderId,
    holder: SlotHolder,
    shares: Arc<Mutex<Shares>>,
}

/// The slots for connections, shared by the listening sockets of a protocol.
#[derive(Clone, Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    capacity: Capacity,
    shares: Arc<Mutex<Shares>>,
}

impl Slots {
    /// Creates slots that are all free. Untrusted clients together may have those that are not reserved.
    pub fn new(capacity: Capacity) -> Self {
        let total = capacity.total.min(Semaphore::MAX_PERMITS);
        let capacity = Capacity { total, ..capacity };
        Self {
            free: Arc::new(Semaphore::new(total)),
            capacity,
            shares: Arc::new(Mutex::new(Shares::new(capacity))),
        }
    }

    /// The number of slots, free or taken.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// The number of slots that untrusted clients may take together.
    pub fn untrusted_capacity(&self) -> usize {
        locked(&self.shares).untrusted_capacity()
    }

    /// The number of taken slots.
    pub fn taken(&self) -> usize {
        let free = self.free.available_permits();
        self.capacity.total.saturating_sub(free)
    }

    /// Waits for a free slot. If there is none, dismisses the connection that has been silent for longest.
    pub(super) async fn free(&self) -> Option<UnassignedSlot> {
        if let Some(place) = self.free_now() {
            return Some(place);
        }
        locked(&self.shares).dismiss_oldest();
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Takes a slot that is free now, if there is one.
    pub(super) fn free_now(&self) -> Option<UnassignedSlot> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }

    /// Assigns the slot to an untrusted client. Fails if untrusted clients have all of theirs and none of these is silent,
    /// or if this client has its share.
    pub(super) fn for_untrusted(
        &self,
        place: UnassignedSlot,
        client: Client,
    ) -> Result<Slot, Reason> {
        let id = locked(&self.shares).claim_for_untrusted(client)?;
        Ok(self.slot(place, id, SlotHolder::Untrusted(client)))
    }

    /// Assigns the slot to a trusted host.
    pub(super) fn for_trusted(&self, place: UnassignedSlot, host: IpAddr) -> Slot {
        let id = locked(&self.shares).claim_for_trusted(host);
        self.slot(place, id, SlotHolder::Trusted(host))
    }

    fn slot(&self, place: UnassignedSlot, id: HolderId, holder: SlotHolder) -> Slot {
        let claim = SlotCount {
            id,
            holder,
            shares: Arc::clone(&self.shares),
        };
        Slot { place, claim }
    }
}

impl Slot {
    /// Gives up the assignment and keeps the slot, to be assigned again.
    pub(super) fn into_place(self) -> UnassignedSlot {
        self.place
    }

    /// Marks the holder as silent: it has to send something. `leave` is cancelled if another connection needs the slot
    /// before it does.
    pub(super) fn mark_silent(&self, leave: &CancellationToken) {
        let SlotCount { id, holder, .. } = self.claim;
        locked(&self.claim.shares).mark_silent(id, holder, leave.clone());
    }

    /// Marks the holder as no longer silent.
    pub(super) fn mark_active(&self) {
        locked(&self.claim.shares).mark_active(self.claim.id);
    }
}

impl Drop for SlotCount {
    fn drop(&mut self) {
        locked(&self.shares).release(self.id, self.holder);
    }
}

/// No code panics while holding this lock, and the counts would stay valid if it did.
fn locked(shares: &Mutex<Shares>) -> MutexGuard<'_, Shares> {
    shares.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Client = Client::Four(1);
    const BALANCER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn slots(total: usize, most_each: usize, reserved: Reservation) -> Slots {
        Slots::new(Capacity {
            total,
            most_each,
            reserved,
        })
    }

    fn take(slots: &Slots, client: Client) -> Result<Slot, Reason> {
        slots.for_untrusted(slots.free_now().unwrap(), client)
    }

    fn trust(slots: &Slots, host: IpAddr) -> Slot {
        slots.for_trusted(slots.free_now().unwrap(), host)
    }

    #[test]
    fn untrusted_clients_leave_a_quarter_to_the_trusted() {
        let slots = slots(8, 8, Reservation::Some);
        let taken: Vec<_> = (0..6)
            .map(|index| take(&slots, Client::Four(index)).unwrap())
            .collect();
        assert_eq!(take(&slots, ONE).unwrap_err(), Reason::NoSlot);
        let trusted: Vec<_> = (0..2).map(|_| trust(&slots, BALANCER)).collect();
        assert!(slots.free_now().is_none());
        assert_eq!(slots.taken(), 8);
        drop(trusted);
        assert_eq!(take(&slots, ONE).unwrap_err(), Reason::NoSlot);
        drop(taken);
        assert!(take(&slots, ONE).is_ok());
    }

    #[test]
    fn where_nobody_is_trusted_untrusted_clients_may_take_all() {
        let slots = slots(3, 8, Reservation::None);
        let taken: Vec<_> = (0..3).map(|_| take(&slots, ONE).unwrap()).collect();
        assert!(slots.free_now().is_none());
        drop(taken);
        assert_eq!(slots.taken(), 0);
    }

    #[test]
    fn one_client_has_no_more_than_its_share_and_gets_it_back() {
        let slots = slots(8, 2, Reservation::None);
        let taken: Vec<_> = (0..2).map(|_| take(&slots, ONE).unwrap()).collect();
        assert_eq!(take(&slots, ONE).unwrap_err(), Reason::ClientSlots);
        assert!(take(&slots, Client::Four(2)).is_ok());
        drop(taken);
        assert!(take(&slots, ONE).is_ok());
        assert!(locked(&slots.shares).are_untouched());
    }

    #[test]
    fn a_trusted_host_with_its_share_gets_a_slot_in_exchange_for_a_silent_connection() {
        let slots = slots(4, 8, Reservation::Some);
        let leave = CancellationToken::new();
        let silent = trust(&slots, BALANCER);
        silent.mark_silent(&leave);
        let _speaks = trust(&slots, BALANCER);
        let next = trust(&slots, BALANCER);
        assert!(leave.is_cancelled());
        // Connections that are not silent may take all slots.
        let last = trust(&slots, BALANCER);
        assert_eq!(slots.taken(), 4);
        drop((silent, next, last));
    }

    #[test]
    fn the_untrusted_client_that_has_been_silent_for_longest_is_dismissed() {
        let slots = slots(4, 4, Reservation::Some);
        let leave = [(); 3].map(|()| CancellationToken::new());
        let held = [1, 2, 3].map(|index| take(&slots, Client::Four(index)).unwrap());
        for (slot, leave) in held.iter().zip(&leave) {
            slot.mark_silent(leave);
        }
        // The first one speaks and falls silent again, so that the second is the oldest.
        held[0].mark_active();
        held[0].mark_silent(&leave[0]);
        let next = take(&slots, Client::Four(4)).unwrap();
        assert_eq!(
            leave.each_ref().map(CancellationToken::is_cancelled),
            [false, true, false]
        );
        // The dismissed connection is no longer counted, although it is not closed yet.
        drop(next);
        drop(held);
        assert!(locked(&slots.shares).are_untouched());
        assert_eq!(slots.taken(), 0);
    }

    #[test]
    fn no_connection_is_dismissed_for_an_untrusted_client_that_has_its_share() {
        let slots = slots(3, 1, Reservation::Some);
        let leave = CancellationToken::new();
        let silent = take(&slots, ONE).unwrap();
        silent.mark_silent(&leave);
        let _speaks = take(&slots, Client::Four(2)).unwrap();
        assert_eq!(
            take(&slots, Client::Four(2)).unwrap_err(),
            Reason::ClientSlots
        );
        assert!(!leave.is_cancelled());
        assert!(take(&slots, Client::Four(3)).is_ok());
        assert!(leave.is_cancelled());
    }

    #[test]
    fn a_client_that_has_sent_its_request_keeps_its_slot() {
        let slots = slots(2, 4, Reservation::Some);
        let leave = CancellationToken::new();
        let held = take(&slots, ONE).unwrap();
        held.mark_silent(&leave);
        held.mark_active();
        assert_eq!(take(&slots, Client::Four(2)).unwrap_err(), Reason::NoSlot);
        assert!(!leave.is_cancelled());
    }

    #[tokio::test]
    async fn with_all_slots_taken_a_silent_untrusted_client_is_dismissed_before_a_silent_trusted_host()
     {
        let slots = slots(2, 4, Reservation::Some);
        let leave = [(); 2].map(|()| CancellationToken::new());
        let trusted = trust(&slots, BALANCER);
        trusted.mark_silent(&leave[0]);
        let untrusted = take(&slots, ONE).unwrap();
        untrusted.mark_silent(&leave[1]);
        let (free, ()) = tokio::join!(slots.free(), async {
            leave[1].cancelled().await;
            drop(untrusted);
        });
        assert!(free.is_some());
        assert!(!leave[0].is_cancelled());
        let (free, ()) = tokio::join!(slots.free(), async {
            leave[0].cancelled().await;
            drop(trusted);
        });
        assert!(free.is_some());
    }
}
