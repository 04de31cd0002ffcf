//! Limits the rate of connections from untrusted clients, in total and for each client, with token buckets. Reads no
//! clock: the time is an argument.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use super::client::Client;
use super::clients::ClientTable;
use super::reason::Reason;

/// Number of clients with an entry of their own. The table takes some 0.6 MB, allocated at the start.
const MOST_CLIENTS: usize = 8192;

/// Least time between two searches of a full table for clients whose buckets are full again, and which so
/// need no entry.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The limits for untrusted clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Connections a second for all of them together; the burst is as large.
    pub total: NonZeroU32,
    /// Connections a second for each client.
    pub per_client: NonZeroU32,
    /// Largest burst of connections for each client.
    pub burst: NonZeroU32,
}

/// The token buckets. Not `Sync`; use it behind a lock.
#[derive(Debug)]
pub struct Limits {
    total: RateLimiter<NotKeyed, TotalStore, LimiterTime>,
    clients: RateLimiter<Client, ClientTable, LimiterTime>,
    /// The store of `total`, to which its limiter gives no access.
    total_store: TotalStore,
    most_clients: usize,
    swept: Instant,
}

impl Limits {
    /// Creates full buckets.
    #[must_use]
    pub fn new(quotas: Quotas, now: Instant) -> Self {
        Self::with_capacity(MOST_CLIENTS, quotas, now)
    }

    fn with_capacity(most_clients: usize, quotas: Quotas, now: Instant) -> Self {
        let total_store = TotalStore::default();
        let total = Quota::per_second(quotas.total);
        let each = Quota::per_second(quotas.per_client).allow_burst(quotas.burst);
        Self {
            total: RateLimiter::new(total, total_store.clone(), LimiterTime::new(now)),
            clients: RateLimiter::new(each, ClientTable::new(most_clients), LimiterTime::new(now)),
            total_store,
            most_clients,
            swept: now,
        }
    }

    /// Admits an untrusted client's connection at `now`, or returns the limit that refuses it. The total
    /// is checked first, but a client that is refused by its own limit takes nothing from the total, so one
    /// client with many requests cannot use up the connections of all.
    pub fn admit(&mut self, client: Client, now: Instant) -> Result<(), Reason> {
        self.total.clock().set(now);
        self.clients.clock().set(now);
        self.total.check().map_err(|_| Reason::TotalLimit)?;
        self.make_room(now);
        let own = self.clients.check_key(&client);
        own.map_err(|_| Reason::ClientLimit)?;
        self.total_store.commit();
        Ok(())
    }

    fn make_room(&mut self, now: Instant) {
        let is_due = || now.saturating_duration_since(self.swept) >= SWEEP_INTERVAL;
        if self.clients.len() >= self.most_clients && is_due() {
            self.swept = now;
            self.clients.retain_recent();
        }
    }
}

/// A clock that shows the time of the current call.
#[derive(Debug)]
struct LimiterTime(Cell<Instant>);

impl LimiterTime {
    fn new(now: Instant) -> Self {
        Self(Cell::new(now))
    }

    /// Sets the time, but never back: threads may call with times that are slightly out of order.
    fn set(&self, now: Instant) {
        self.0.set(self.0.get().max(now));
    }
}

impl Clock for LimiterTime {
    type Instant = Instant;

    fn now(&self) -> Instant {
        self.0.get()
    }
}

/// The store of the total's bucket. A check leaves the new state pending, and only `commit` puts it in force. Zero is a full
/// bucket.
#[derive(Clone, Debug, Default)]
struct TotalStore {
    state: Arc<AtomicU64>,
    pending: Arc<AtomicU64>,
}

impl TotalStore {
    fn commit(&self) {
        let pending = self.pending.load(Ordering::Relaxed);
        self.state.store(pending, Ordering::Relaxed);
    }
}

impl StateStore for TotalStore {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, pending) = measure(Some(self.state.load(Ordering::Relaxed).into()))?;
        self.pending.store(pending.into(), Ordering::Relaxed);
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests;
