//! The bounded table of clients and where each stands with its limit; knows neither rate nor clock.
//!
//! An attacker with many addresses can fill it, but not make it grow: whoever comes when it is full
//! shares one place with all others who do, and those who were known before keep theirs.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

use super::client::Client;

/// The store of a limiter that counts by client. Not for several threads at once: it stands behind
/// one lock with all that is decided together.
#[derive(Debug)]
pub(super) struct ClientTable {
    known: RefCell<HashMap<Client, Nanos>>,
    /// Where the newcomers stand that found no place.
    crowd: Cell<Option<Nanos>>,
    most: usize,
}

impl ClientTable {
    /// An empty table for `most` clients; all its memory is taken now.
    pub(super) fn new(most: usize) -> Self {
        Self {
            known: RefCell::new(HashMap::with_capacity(most)),
            crowd: Cell::new(None),
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
        if let Some(stand) = known.get_mut(client) {
            let (outcome, moved) = measure(Some(*stand))?;
            *stand = moved;
            return Ok(outcome);
        }
        // Who finds a place may have drawn on the shared one a moment ago, and must not begin anew.
        let (outcome, stand) = measure(self.crowd.get())?;
        if known.len() < self.most {
            known.insert(*client, stand);
        } else {
            self.crowd.set(Some(stand));
        }
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Client> for ClientTable {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut known = self.known.borrow_mut();
        known.retain(|_, stand| *stand > drop_below);
    }

    fn shrink_to_fit(&self) {}

    fn len(&self) -> usize {
        self.known.borrow().len()
    }

    fn is_empty(&self) -> bool {
        self.known.borrow().is_empty()
    }
}
