//! Whose the taken places are, and which of their holders have not yet said what they want. Knows no socket, and not
//! who is an untrusted client.
//!
//! Whoever holds a place and says nothing keeps others from it. So the one who has done so for longest gives way when
//! places are short, an untrusted client before a trusted host; who has said what he wants keeps his place until he has it.

use std::collections::btree_map::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};
use std::collections::hash_set::HashSet;
use std::hash::Hash;
use std::net::IpAddr;

use tokio_util::sync::CancellationToken;

use super::{Capacity, Reservation};
use crate::admit::{Client, Reason};

/// One place of this many is kept for the trusted.
const KEPT_ONE_OF: usize = 4;

/// One trusted host may have one place of this many for connections that say nothing, so that no single one has them
/// all with these. What it says is never refused.
const TRUSTED_ONE_OF: usize = 2;

/// A holder's number, never used again; those who came later have higher ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Number(u64);

/// Who holds a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotHolder {
    /// A client of no standing.
    Untrusted(Client),
    /// A host of `admission.trusted`.
    Trusted(IpAddr),
}

/// How many places everybody has and may have.
#[derive(Debug)]
pub(super) struct Shares {
    room: Capacity,
    untrusted: usize,
    by_client: HashMap<Client, usize>,
    by_host: HashMap<IpAddr, usize>,
    last: u64,
    /// Those who say nothing, in the order in which they fell silent.
    silent_untrusted: BTreeMap<Number, SilentHolder>,
    silent_trusted: BTreeMap<Number, SilentHolder>,
    /// In which order each of those stands.
    order: HashMap<Number, Number>,
    /// Those who had to give way and whose connections are still open: nothing is counted for them any more.
    dismissed: HashSet<Number>,
}

#[derive(Debug)]
struct SilentHolder {
    number: Number,
    holder: SlotHolder,
    leave: CancellationToken,
}

impl Shares {
    /// Nobody has any of the room.
    pub(super) fn new(room: Capacity) -> Self {
        Self {
            room,
            untrusted: 0,
            by_client: HashMap::new(),
            by_host: HashMap::new(),
            last: 0,
            silent_untrusted: BTreeMap::new(),
            silent_trusted: BTreeMap::new(),
            order: HashMap::new(),
            dismissed: HashSet::new(),
        }
    }

    /// How many places untrusted clients may have together.
    pub(super) fn untrusted_capacity(&self) -> usize {
        let kept = match self.room.kept {
            Reservation::None => 0,
            Reservation::Some => (self.room.total / KEPT_ONE_OF).max(1),
        };
        self.room.total.saturating_sub(kept)
    }

    /// Counts a place for a trusted host.
    pub(super) fn claim_for_trusted(&mut self, host: IpAddr) -> Number {
        let most = (self.room.total / TRUSTED_ONE_OF).max(1);
        if self.by_host.get(&host).is_some_and(|taken| *taken >= most) {
            self.dismiss_one_of(host);
        }
        take_one(&mut self.by_host, host);
        self.number()
    }

    /// Counts a place for an untrusted client, unless too many are counted already. Nobody gives way to one who has his share.
    pub(super) fn claim_for_untrusted(&mut self, client: Client) -> Result<Number, Reason> {
        let own = self.by_client.get(&client);
        let has_share = own.is_some_and(|taken| *taken >= self.room.most_each);
        let are_all_taken = |shares: &Self| shares.untrusted >= shares.untrusted_capacity();
        if are_all_taken(self) && !has_share {
            self.disconnect_untrusted();
        }
        if are_all_taken(self) {
            return Err(Reason::NoSlot);
        }
        if has_share {
            return Err(Reason::ClientSlots);
        }
        take_one(&mut self.by_client, client);
        self.untrusted = self.untrusted.saturating_add(1);
        Ok(self.number())
    }

    /// The holder's connection has ended.
    pub(super) fn release(&mut self, number: Number, holder: SlotHolder) {
        self.speaks(number);
        if !self.dismissed.remove(&number) {
            self.uncount(holder);
        }
    }

    /// The holder says nothing from now on; `leave` is cancelled when he has to give way.
    pub(super) fn falls_silent(
        &mut self,
        number: Number,
        holder: SlotHolder,
        leave: CancellationToken,
    ) {
        self.speaks(number);
        if self.dismissed.contains(&number) {
            return;
        }
        let place = self.number();
        self.order.insert(number, place);
        let silent = SilentHolder {
            number,
            holder,
            leave,
        };
        match holder {
            SlotHolder::Untrusted(_) => self.silent_untrusted.insert(place, silent),
            SlotHolder::Trusted(_) => self.silent_trusted.insert(place, silent),
        };
    }

    /// The holder has said what he wants.
    pub(super) fn speaks(&mut self, number: Number) {
        if let Some(place) = self.order.remove(&number) {
            self.silent_untrusted.remove(&place);
            self.silent_trusted.remove(&place);
        }
    }

    /// Has the one leave who has been silent for longest, if anybody is.
    pub(super) fn dismiss_oldest(&mut self) {
        if !self.disconnect_untrusted()
            && let Some((_, silent)) = self.silent_trusted.pop_first()
        {
            self.dismiss(&silent);
        }
    }

    fn disconnect_untrusted(&mut self) -> bool {
        let oldest = self.silent_untrusted.pop_first();
        if let Some((_, silent)) = &oldest {
            self.dismiss(silent);
        }
        oldest.is_some()
    }

    /// The same among the connections of one trusted host.
    fn dismiss_one_of(&mut self, host: IpAddr) {
        let own = |(place, silent): (&Number, &SilentHolder)| {
            (silent.holder == SlotHolder::Trusted(host)).then_some(*place)
        };
        let oldest = self.silent_trusted.iter().find_map(own);
        if let Some(silent) = oldest.and_then(|place| self.silent_trusted.remove(&place)) {
            self.dismiss(&silent);
        }
    }

    fn dismiss(&mut self, silent: &SilentHolder) {
        self.order.remove(&silent.number);
        self.dismissed.insert(silent.number);
        self.uncount(silent.holder);
        silent.leave.cancel();
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

    fn number(&mut self) -> Number {
        self.last = self.last.wrapping_add(1);
        Number(self.last)
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
    /// Whether nothing is left of those who came.
    pub(super) fn are_untouched(&self) -> bool {
        self.untrusted == 0
            && self.by_client.is_empty()
            && self.by_host.is_empty()
            && self.order.is_empty()
            && self.dismissed.is_empty()
    }
}
