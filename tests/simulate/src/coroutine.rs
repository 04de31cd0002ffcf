//! An action of the agent: its own code, which stops wherever it waits, goes on when its time has come, and may be
//! killed wherever it stopped. Knows nothing of what it does.

use std::cell::RefCell;
use std::time::Duration;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

/// What an action waits with.
pub(crate) type Pauser = Yielder<(), Duration>;

/// An action that returns a value.
pub(crate) struct Task<T>(Option<Coroutine<(), Duration, T, DefaultStack>>);

/// How an action went on.
pub(crate) enum Went<T> {
    /// It waits so long.
    Waits(Duration),
    /// It has ended.
    Ended(T),
}

thread_local! {
    /// Stacks of actions that have ended: making one costs more than most actions.
    static STACKS: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

impl<T: 'static> Task<T> {
    /// One that begins when it first goes on.
    pub(crate) fn new(work: impl FnOnce(&Pauser) -> T + 'static) -> Self {
        let stack = STACKS.with_borrow_mut(Vec::pop);
        let stack = stack.unwrap_or_else(|| DefaultStack::new(256 << 10).unwrap());
        Self(Some(Coroutine::with_stack(stack, |pauser, ()| {
            work(pauser)
        })))
    }

    /// Goes on until it waits, or ends.
    pub(crate) fn go_on(&mut self) -> Went<T> {
        let coroutine = self.0.as_mut().unwrap();
        match coroutine.resume(()) {
            CoroutineResult::Yield(time) => Went::Waits(time),
            CoroutineResult::Return(value) => Went::Ended(value),
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if let Some(mut coroutine) = self.0.take() {
            if !coroutine.done() {
                coroutine.force_unwind();
            }
            STACKS.with_borrow_mut(|stacks| stacks.push(coroutine.into_stack()));
        }
    }
}
