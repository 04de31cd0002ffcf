//! Where an action runs, and how it waits. Knows nothing of what it does.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pgsql_state::base::{Clock, Deadline};

use crate::coroutine::Pauser;
use crate::world::World;

/// What an action has come to know, for those who judge it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The nodes whose positions it was told.
    pub(crate) seen: BTreeSet<usize>,
}

/// An action's place.
#[derive(Clone)]
pub(crate) struct ActionContext<'a> {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) known: Rc<RefCell<Known>>,
    pub(crate) pauser: &'a Pauser,
    pub(crate) node: usize,
}

impl ActionContext<'_> {
    /// The world, until the next wait.
    pub(crate) fn world(&self) -> RefMut<'_, World> {
        self.world.borrow_mut()
    }

    /// Takes so much time.
    pub(crate) fn take(&self, time: Duration) {
        self.pauser.suspend(time);
    }

    /// Takes some milliseconds, of these.
    pub(crate) fn take_millis(&self, least: u64, most: u64) {
        let time = self.world().some_millis(least, most);
        self.take(time);
    }

    /// Takes the time until a deadline.
    pub(crate) fn take_until(&self, deadline: Deadline) {
        let left = self.left(deadline);
        self.pause(left);
    }

    /// Takes as long as the host's clock needs to count so much.
    pub(crate) fn pause(&self, counted: Duration) {
        let time = self.world().hosts[self.node].clock.lasts(counted);
        self.take(time);
    }

    /// The moment that the host's clock shows.
    pub(crate) fn now(&self) -> Instant {
        self.world.borrow().instant(self.node)
    }

    pub(crate) fn left(&self, deadline: Deadline) -> Duration {
        deadline.left_at(self.now())
    }

    pub(crate) fn has_passed(&self, deadline: Deadline) -> bool {
        self.left(deadline).is_zero()
    }

    /// A deadline after so much time, and not after another one.
    pub(crate) fn within(&self, deadline: Deadline, time: Duration) -> Deadline {
        deadline.min(Deadline::at(self.now() + time))
    }
}

impl std::fmt::Debug for ActionContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ActionContext")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

/// The clock of an action's host.
#[derive(Debug)]
pub(crate) struct SimClock<'a>(pub(crate) ActionContext<'a>);

impl Clock for SimClock<'_> {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn pause(&mut self, time: Duration) {
        self.0.pause(time);
    }
}
