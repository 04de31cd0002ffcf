//! How many connections untrusted clients get: all of them together, and each client. Token buckets; knows no
//! clock, since every question comes with its moment.

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

/// Clients that are known one by one. With the table's free room some 0.6 MB, taken at the start.
const MOST_CLIENTS: usize = 8192;

/// How often a full table is searched at most for clients who have all their tokens again, and so
/// need no place.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// What untrusted clients are granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Connections a second for all of them, and as many at once.
    pub total: NonZeroU32,
    /// Connections a second for each client.
    pub per_client: NonZeroU32,
    /// Connections at once for each client that has not come for a while.
    pub burst: NonZeroU32,
}

/// The buckets. Not for several threads at once.
#[derive(Debug)]
pub struct Limits {
    total: RateLimiter<NotKeyed, Offer, LimiterTime>,
    clients: RateLimiter<Client, ClientTable, LimiterTime>,
    /// The store of `total`, which its limiter does not hand out.
    offer: Offer,
    most_clients: usize,
    swept: Instant,
}

impl Limits {
    /// Full buckets.
    #[must_use]
    pub fn new(quotas: Quotas, now: Instant) -> Self {
        Self::with_room_for(MOST_CLIENTS, quotas, now)
    }

    fn with_room_for(most_clients: usize, quotas: Quotas, now: Instant) -> Self {
        let offer = Offer::default();
        let total = Quota::per_second(quotas.total);
        let each = Quota::per_second(quotas.per_client).allow_burst(quotas.burst);
        Self {
            total: RateLimiter::new(total, offer.clone(), LimiterTime::new(now)),
            clients: RateLimiter::new(each, ClientTable::new(most_clients), LimiterTime::new(now)),
            offer,
            most_clients,
            swept: now,
        }
    }

    /// Whether an untrusted client who comes at `now` gets a connection, and if not, by which limit. The total
    /// is looked at first, but a client that is refused by its own limit takes nothing from it, so one
    /// noisy client does not use up what is there for all.
    pub fn admit(&mut self, client: Client, now: Instant) -> Result<(), Reason> {
        self.total.clock().set(now);
        self.clients.clock().set(now);
        self.total.check().map_err(|_| Reason::TotalLimit)?;
        self.make_room(now);
        let own = self.clients.check_key(&client);
        own.map_err(|_| Reason::ClientLimit)?;
        self.offer.accept();
        Ok(())
    }

    fn make_room(&mut self, now: Instant) {
        let is_due = || now.saturating_duration_since(self.swept) >= SWEEP_EVERY;
        if self.clients.len() >= self.most_clients && is_due() {
            self.swept = now;
            self.clients.retain_recent();
        }
    }
}

/// The moment of the question that is being answered.
#[derive(Debug)]
struct LimiterTime(Cell<Instant>);

impl LimiterTime {
    fn new(now: Instant) -> Self {
        Self(Cell::new(now))
    }

    /// Never back: a question may be put a little later than it was asked.
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

/// The state of the total, which is moved on only when an offer is accepted. Zero is a full bucket.
#[derive(Clone, Debug, Default)]
struct Offer {
    stand: Arc<AtomicU64>,
    offered: Arc<AtomicU64>,
}

impl Offer {
    fn accept(&self) {
        let offered = self.offered.load(Ordering::Relaxed);
        self.stand.store(offered, Ordering::Relaxed);
    }
}

impl StateStore for Offer {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, offered) = measure(Some(self.stand.load(Ordering::Relaxed).into()))?;
        self.offered.store(offered.into(), Ordering::Relaxed);
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests;
