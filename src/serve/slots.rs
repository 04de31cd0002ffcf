//! How many connections may be open at once; knows nothing of whose they are.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One open connection's place; dropping it makes room for another.
pub type Slot = OwnedSemaphorePermit;

/// Places for connections, shared by every listening socket.
#[derive(Clone, Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    total: usize,
}

impl Slots {
    /// So many free places.
    pub fn new(total: usize) -> Self {
        let total = total.min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(total)),
            total,
        }
    }

    /// How many there are, free or not.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.total.saturating_sub(self.free.available_permits())
    }

    /// Waits for a free place.
    pub(super) async fn free(&self) -> Option<Slot> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// A place that is free now.
    pub(super) fn free_now(&self) -> Option<Slot> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }
}
