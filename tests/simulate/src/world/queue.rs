//! What is about to happen, by its time; of what happens at the same moment, what was planned first comes first.
//! Knows no meaning of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Things to come.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    heap: BinaryHeap<Reverse<Entry>>,
    /// By their place, which a later one takes over.
    things: Vec<Option<T>>,
    free: Vec<u32>,
    count: u32,
}

/// What comes when; small, because the heap moves them about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// In nanoseconds.
    at: u64,
    number: u32,
    place: u32,
}

impl Entry {
    fn at(self) -> Duration {
        Duration::from_nanos(self.at)
    }
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            things: Vec::new(),
            free: Vec::new(),
            count: 0,
        }
    }

    pub(crate) fn push(&mut self, at: Duration, thing: T) {
        self.count += 1;
        let place = self.free.pop().unwrap_or_else(|| {
            self.things.push(None);
            self.things.len() as u32 - 1
        });
        self.things[place as usize] = Some(thing);
        self.heap.push(Reverse(Entry {
            at: at.as_nanos() as u64,
            number: self.count,
            place,
        }));
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        self.heap.peek().map(|Reverse(entry)| entry.at())
    }

    pub(crate) fn pop(&mut self) -> Option<(Duration, T)> {
        let Reverse(entry) = self.heap.pop()?;
        self.free.push(entry.place);
        let thing = self.things[entry.place as usize].take()?;
        Some((entry.at(), thing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_planned_first_comes_first() {
        let mut queue = Queue::new();
        let second = Duration::from_secs(1);
        for name in ["c", "a", "b"] {
            let at = if name == "c" { 2 * second } else { second };
            queue.push(at, name);
        }
        assert_eq!(queue.pop(), Some((second, "a")));
        queue.push(second, "late");
        assert_eq!(queue.next(), Some(second));
        let rest = [(second, "b"), (second, "late"), (2 * second, "c")];
        for one in rest {
            assert_eq!(queue.pop(), Some(one));
        }
        assert_eq!(queue.pop(), None);
    }
}
