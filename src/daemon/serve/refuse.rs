//! What becomes of a connection that is not answered: never a byte, and soon its end. Knows not why.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use super::slots::Slot;

/// How long one that is to hear nothing is kept in silence.
const MOMENT: Duration = Duration::from_millis(500);

/// Most of them at once; then the oldest's moment is over.
const MOST: usize = 64;

/// How the refused are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalMethod {
    /// In order; their unread bytes make it a reset all the same (RFC 1122, section 4.2.2.13).
    Close,
    /// With RST.
    Reset,
    /// In silence, then with RST.
    Drop,
}

/// The refused of one listening socket, as far as they are not ended at once.
#[derive(Debug)]
pub(super) struct RefusedConnections {
    manner: RefusalMethod,
    silent: VecDeque<Silent>,
    most: usize,
}

#[derive(Debug)]
struct Silent {
    until: Instant,
    socket: OwnedFd,
    /// Freed with the connection.
    _slot: Slot,
}

impl RefusedConnections {
    /// Nobody yet. Those who are kept in silence take slots of untrusted clients; of these there are so many.
    pub(super) fn new(manner: RefusalMethod, untrusted: usize) -> Self {
        Self {
            manner,
            silent: VecDeque::new(),
            most: (untrusted / 4).min(MOST),
        }
    }

    /// Ends a connection; `slot` finds it a place in which to be kept silent.
    pub(super) fn end(
        &mut self,
        socket: OwnedFd,
        now: Instant,
        slot: impl FnOnce() -> Option<Slot>,
    ) {
        self.look(now);
        if self.manner == RefusalMethod::Drop && self.most > 0 {
            if self.silent.len() >= self.most
                && let Some(oldest) = self.silent.pop_front()
            {
                reset(oldest.socket);
            }
            if let Some(slot) = slot() {
                self.silent.push_back(Silent {
                    until: now + MOMENT,
                    socket,
                    _slot: slot,
                });
                return;
            }
        }
        end(self.manner, socket);
    }

    /// Ends those whose moment is over.
    pub(super) fn look(&mut self, now: Instant) {
        while self.silent.front().is_some_and(|one| one.until <= now) {
            if let Some(over) = self.silent.pop_front() {
                reset(over.socket);
            }
        }
    }
}

/// Ends a connection at once.
pub(super) fn end(manner: RefusalMethod, socket: OwnedFd) {
    match manner {
        RefusalMethod::Close => drop(socket),
        RefusalMethod::Reset | RefusalMethod::Drop => reset(socket),
    }
}

/// Closing with no time to linger sends RST (`socket(7)`).
fn reset(socket: OwnedFd) {
    // Where this fails, the close that follows is an orderly one.
    set_socket_linger(&socket, Some(Duration::ZERO)).ok();
    drop(socket);
}
