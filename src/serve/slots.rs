//! How many connections may be open at once, how many of them strangers may have, and how many each of
//! these; knows not who is a stranger.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::admit::{Client, Reason};

/// One place of this many is kept for the trusted.
const KEPT_ONE_OF: usize = 4;

/// A place for a connection of which nobody knows yet whose it is; dropping it makes room again.
pub(super) type Place = OwnedSemaphorePermit;

/// One open connection's place; dropping it makes room for another.
#[derive(Debug)]
pub struct Slot {
    place: Place,
    /// Counted as long as the connection is open.
    _stranger: Option<Counted>,
}

/// A stranger's share of the places.
#[derive(Debug)]
struct Counted {
    client: Client,
    strangers: Arc<Mutex<Strangers>>,
}

/// Places for connections, shared by every listening socket.
#[derive(Clone, Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    room: Room,
    strangers: Arc<Mutex<Strangers>>,
}

/// How many connections there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// At once.
    pub total: usize,
    /// Of one stranger.
    pub most_each: usize,
    /// Whether some places are no stranger's.
    pub kept: Kept,
}

/// How many places strangers have, and may have.
#[derive(Debug)]
struct Strangers {
    taken: usize,
    most: usize,
    by_client: HashMap<Client, usize>,
}

impl Slots {
    /// Free places. All strangers together may have what is not kept for the trusted.
    pub fn new(room: Room) -> Self {
        let total = room.total.min(Semaphore::MAX_PERMITS);
        let room = Room { total, ..room };
        let kept = match room.kept {
            Kept::None => 0,
            Kept::Some => (total / KEPT_ONE_OF).max(1),
        };
        Self {
            free: Arc::new(Semaphore::new(total)),
            room,
            strangers: Arc::new(Mutex::new(Strangers {
                taken: 0,
                most: total.saturating_sub(kept),
                by_client: HashMap::new(),
            })),
        }
    }

    /// How many there are, free or not.
    pub fn room(&self) -> Room {
        self.room
    }

    /// How many strangers may take.
    pub fn for_strangers(&self) -> usize {
        locked(&self.strangers).most
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        let free = self.free.available_permits();
        self.room.total.saturating_sub(free)
    }

    /// Waits for a free place.
    pub(super) async fn free(&self) -> Option<Place> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// A place that is free now.
    pub(super) fn free_now(&self) -> Option<Place> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }

    /// The place of a stranger, unless too many have one.
    pub(super) fn for_stranger(&self, place: Place, client: Client) -> Result<Slot, Reason> {
        let mut strangers = locked(&self.strangers);
        if strangers.taken >= strangers.most {
            return Err(Reason::NoSlot);
        }
        let taken = strangers.by_client.entry(client).or_default();
        // At least one may be had, so whoever is refused here stays in the table no longer for it.
        if *taken >= self.room.most_each {
            return Err(Reason::ClientSlots);
        }
        *taken = taken.saturating_add(1);
        strangers.taken = strangers.taken.saturating_add(1);
        drop(strangers);
        Ok(Slot {
            place,
            _stranger: Some(Counted {
                client,
                strangers: Arc::clone(&self.strangers),
            }),
        })
    }
}

/// Whether places are kept for the trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nobody is trusted.
    None,
    /// A quarter, and at least one.
    Some,
}

impl Slot {
    /// The place of a trusted peer.
    pub(super) fn for_trusted(place: Place) -> Self {
        Self {
            place,
            _stranger: None,
        }
    }

    /// The place alone, for someone else.
    pub(super) fn into_place(self) -> Place {
        self.place
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut strangers = locked(&self.strangers);
        strangers.taken = strangers.taken.saturating_sub(1);
        if let Entry::Occupied(mut entry) = strangers.by_client.entry(self.client) {
            if *entry.get() > 1 {
                *entry.get_mut() -= 1;
            } else {
                entry.remove();
            }
        }
    }
}

/// Nothing in here panics, and what was counted stays right if something did.
fn locked(strangers: &Mutex<Strangers>) -> MutexGuard<'_, Strangers> {
    strangers.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Client = Client::Four(1);

    fn slots(total: usize, most_each: usize, kept: Kept) -> Slots {
        Slots::new(Room {
            total,
            most_each,
            kept,
        })
    }

    fn take(slots: &Slots, client: Client) -> Result<Slot, Reason> {
        slots.for_stranger(slots.free_now().unwrap(), client)
    }

    #[test]
    fn strangers_leave_a_quarter_to_the_trusted() {
        let slots = slots(8, 8, Kept::Some);
        let taken: Vec<_> = (0..6)
            .map(|index| take(&slots, Client::Four(index)).unwrap())
            .collect();
        assert_eq!(take(&slots, ONE).unwrap_err(), Reason::NoSlot);
        let trusted: Vec<_> = (0..2)
            .map(|_| Slot::for_trusted(slots.free_now().unwrap()))
            .collect();
        assert!(slots.free_now().is_none());
        assert_eq!(slots.taken(), 8);
        drop(trusted);
        assert_eq!(take(&slots, ONE).unwrap_err(), Reason::NoSlot);
        drop(taken);
        assert!(take(&slots, ONE).is_ok());
    }

    #[test]
    fn where_nobody_is_trusted_strangers_may_take_all() {
        let slots = slots(3, 8, Kept::None);
        let taken: Vec<_> = (0..3).map(|_| take(&slots, ONE).unwrap()).collect();
        assert!(slots.free_now().is_none());
        drop(taken);
        assert_eq!(slots.taken(), 0);
    }

    #[test]
    fn one_client_has_no_more_than_its_share_and_gets_it_back() {
        let slots = slots(8, 2, Kept::None);
        let taken: Vec<_> = (0..2).map(|_| take(&slots, ONE).unwrap()).collect();
        assert_eq!(take(&slots, ONE).unwrap_err(), Reason::ClientSlots);
        assert!(take(&slots, Client::Four(2)).is_ok());
        drop(taken);
        assert!(take(&slots, ONE).is_ok());
        assert!(locked(&slots.strangers).by_client.is_empty());
    }
}
