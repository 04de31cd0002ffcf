//! A bounded table of clients with the state of each one's limit.
//!
//! An attacker with many addresses can fill the table, but not make it grow: all clients that arrive when it is
//! full share one entry, and clients that were in it before keep theirs.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

use super::client::Client;

/// The store of a limiter that counts by client. It is not `Sync`: the limits as a whole are behind
/// one lock.
#[derive(Debug)]
pub(super) struct ClientTable {
    known: RefCell<HashMap<Client, Nanos>>,
    /// The state shared by all clients that found the table full.
    shared: Cell<Option<Nanos>>,
    most: usize,
}

impl ClientTable {
    /// Creates an empty table for `most` clients; allocates all its memory at once.
    pub(super) fn new(most: usize) -> Self {
        Self {
            known: RefCell::new(HashMap::with_capacity(most)),
            shared: Cell::new(None),
            most,
        }
    }
}

impl StateStore for ClientTable {
    type Key = Client;

    fn measure_and_replace<T, F, E>(&self, client: &Client, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut known = self.known.borrow_mut();
        if let Some(state) = known.get_mut(client) {
            let (outcome, moved) = measure(Some(*state))?;
            *state = moved;
            return Ok(outcome);
        }
        // A client that now gets an entry may have used the shared one before, and must not start with a full bucket.
        let (outcome, state) = measure(self.shared.get())?;
        if known.len() < self.most {
            known.insert(*client, state);
        } else {
            self.shared.set(Some(state));
        }
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Client> for ClientTable {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut known = self.known.borrow_mut();
        known.retain(|_, state| *state > drop_below);
    }

    fn shrink_to_fit(&self) {}

    fn len(&self) -> usize {
        self.known.borrow().len()
    }

    fn is_empty(&self) -> bool {
        self.known.borrow().is_empty()
    }
}
