//! Counts the taken slots of each client, and records which connections are silent. Uses no socket, and does not decide
//! which clients are trusted.
//!
//! A client that holds a slot and sends nothing keeps others from it. When slots run out, the connection that has been
//! silent for longest is dismissed, untrusted clients before trusted hosts. A client that has sent its request keeps its
//! slot until it is answered.

use std::collections::btree_map::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};
use std::collections::hash_set::HashSet;
use std::hash::Hash;
use std::net::IpAddr;

use tokio_util::sync::CancellationToken;

use super::capacity::{Capacity, Reservation};
use crate::admit::{Client, Reason};

/// The part of the slots that is reserved for trusted hosts: a quarter.
const RESERVED_DIVISOR: usize = 4;

/// The part of the slots that silent connections of one trusted host may take: half, so that no single host takes all of
/// them that way. Its requests are never refused.
const SILENT_DIVISOR: usize = 2;

/// Identifies the holder of a slot; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct HolderId(u64);

/// The place in the order in which holders fell silent; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SilenceOrder(u64);

/// The client that holds a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotHolder {
    /// An untrusted client.
    Untrusted(Client),
    /// A host of `admission.trusted`.
    Trusted(IpAddr),
}

/// The number of slots that each client has and may have.
#[derive(Debug)]
pub(super) struct Shares {
    capacity: Capacity,
    untrusted: usize,
    by_client: HashMap<Client, usize>,
    by_host: HashMap<IpAddr, usize>,
    last: u64,
    /// The silent holders, in the order in which they fell silent.
    silent_untrusted: BTreeMap<SilenceOrder, SilentHolder>,
    silent_trusted: BTreeMap<SilenceOrder, SilentHolder>,
    /// The key of each silent holder in the maps above.
    silent_since: HashMap<HolderId, SilenceOrder>,
    /// Dismissed holders whose connections are still open; their slots are no longer counted.
    dismissed: HashSet<HolderId>,
}

#[derive(Debug)]
struct SilentHolder {
    id: HolderId,
    holder: SlotHolder,
    dismissal: CancellationToken,
}

impl Shares {
    /// Creates shares with no slot taken.
    pub(super) fn new(capacity: Capacity) -> Self {
        Self {
            capacity,
            untrusted: 0,
            by_client: HashMap::new(),
            by_host: HashMap::new(),
            last: 0,
            silent_untrusted: BTreeMap::new(),
            silent_trusted: BTreeMap::new(),
            silent_since: HashMap::new(),
            dismissed: HashSet::new(),
        }
    }

    /// The number of slots that untrusted clients may have together.
    pub(super) fn untrusted_capacity(&self) -> usize {
        let reserved = match self.capacity.reserved {
            Reservation::None => 0,
            Reservation::Some => (self.capacity.total / RESERVED_DIVISOR).max(1),
        };
        self.capacity.total.saturating_sub(reserved)
    }

    /// Counts a slot for a trusted host. If the host has its share, dismisses one of its silent connections.
    pub(super) fn claim_for_trusted(&mut self, host: IpAddr) -> HolderId {
        let most = (self.capacity.total / SILENT_DIVISOR).max(1);
        if self.by_host.get(&host).is_some_and(|taken| *taken >= most) {
            self.dismiss_one_of(host);
        }
        take_one(&mut self.by_host, host);
        HolderId(self.next())
    }

    /// Counts a slot for an untrusted client, unless too many are taken already. No connection is dismissed for a client
    /// that has its share.
    pub(super) fn claim_for_untrusted(&mut self, client: Client) -> Result<HolderId, Reason> {
        let own = self.by_client.get(&client);
        let has_share = own.is_some_and(|taken| *taken >= self.capacity.most_each);
        if has_share {
            return Err(Reason::ClientSlots);
        }
        let are_all_taken = |shares: &Self| shares.untrusted >= shares.untrusted_capacity();
        if are_all_taken(self) {
            self.dismiss_oldest_untrusted();
        }
        if are_all_taken(self) {
            return Err(Reason::NoSlot);
        }
        take_one(&mut self.by_client, client);
        self.untrusted = self.untrusted.saturating_add(1);
        Ok(HolderId(self.next()))
    }

    /// Ends the count of a holder whose connection has ended.
    pub(super) fn release(&mut self, id: HolderId, holder: SlotHolder) {
        self.mark_active(id);
        if !self.dismissed.remove(&id) {
            self.uncount(holder);
        }
    }

    /// Marks the holder as silent from now on; `dismissal` is cancelled when it is dismissed.
    pub(super) fn mark_silent(
        &mut self,
        id: HolderId,
        holder: SlotHolder,
        dismissal: CancellationToken,
    ) {
        self.mark_active(id);
        if self.dismissed.contains(&id) {
            return;
        }
        let place = SilenceOrder(self.next());
        self.silent_since.insert(id, place);
        let silent = SilentHolder {
            id,
            holder,
            dismissal,
        };
        match holder {
            SlotHolder::Untrusted(_) => self.silent_untrusted.insert(place, silent),
            SlotHolder::Trusted(_) => self.silent_trusted.insert(place, silent),
        };
    }

    /// Marks the holder as no longer silent.
    pub(super) fn mark_active(&mut self, id: HolderId) {
        if let Some(place) = self.silent_since.remove(&id) {
            self.silent_untrusted.remove(&place);
            self.silent_trusted.remove(&place);
        }
    }

    /// Dismisses the holder that has been silent for longest, if there is one; untrusted clients first.
    pub(super) fn dismiss_oldest(&mut self) {
        if !self.dismiss_oldest_untrusted()
            && let Some((_, silent)) = self.silent_trusted.pop_first()
        {
            self.dismiss(&silent);
        }
    }

    fn dismiss_oldest_untrusted(&mut self) -> bool {
        let oldest = self.silent_untrusted.pop_first();
        if let Some((_, silent)) = &oldest {
            self.dismiss(silent);
        }
        oldest.is_some()
    }

    /// Dismisses the silent connection of this trusted host that has been silent for longest.
    fn dismiss_one_of(&mut self, host: IpAddr) {
        let own = |(place, silent): (&SilenceOrder, &SilentHolder)| {
            (silent.holder == SlotHolder::Trusted(host)).then_some(*place)
        };
        let oldest = self.silent_trusted.iter().find_map(own);
        if let Some(silent) = oldest.and_then(|place| self.silent_trusted.remove(&place)) {
            self.dismiss(&silent);
        }
    }

    fn dismiss(&mut self, silent: &SilentHolder) {
        self.silent_since.remove(&silent.id);
        self.dismissed.insert(silent.id);
        self.uncount(silent.holder);
        silent.dismissal.cancel();
    }

    fn uncount(&mut self, holder: SlotHolder) {
        match holder {
            SlotHolder::Trusted(host) => give_back(&mut self.by_host, host),
            SlotHolder::Untrusted(client) => {
                self.untrusted = self.untrusted.saturating_sub(1);
                give_back(&mut self.by_client, client);
            }
        }
    }

    /// A number that was not returned before: 64 bits last for longer than any process.
    fn next(&mut self) -> u64 {
        self.last = self.last.wrapping_add(1);
        self.last
    }
}

fn take_one<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: K) {
    let taken = taken.entry(key).or_default();
    *taken = taken.saturating_add(1);
}

fn give_back<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: K) {
    if let Entry::Occupied(mut entry) = taken.entry(key) {
        if *entry.get() > 1 {
            *entry.get_mut() -= 1;
        } else {
            entry.remove();
        }
    }
}

#[cfg(test)]
impl Shares {
    /// Whether no slot is counted and no holder recorded.
    pub(super) fn are_untouched(&self) -> bool {
        self.untrusted == 0
            && self.by_client.is_empty()
            && self.by_host.is_empty()
            && self.silent_since.is_empty()
            && self.dismissed.is_empty()
    }
}
