//! Closes refused connections without sending a byte. Does not know why they were refused.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use super::slots::Slot;

/// How long a connection is kept open in silence with [`RefusalMethod::Drop`].
const SILENT_TIME: Duration = Duration::from_millis(500);

/// Most connections kept open in silence at once; to keep another one, the oldest is reset.
const MOST: usize = 64;

/// How a refused connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalMethod {
    /// The socket is closed; if bytes of the client are unread, the kernel still sends RST
    /// (RFC 1122, section 4.2.2.13).
    Close,
    /// The connection is reset.
    Reset,
    /// The connection stays open without an answer for a while, then it is reset.
    Drop,
}

/// The refused connections of one listening socket that are kept open in silence.
#[derive(Debug)]
pub(super) struct RefusedConnections {
    method: RefusalMethod,
    silent: VecDeque<Silent>,
    most: usize,
}

#[derive(Debug)]
struct Silent {
    until: Instant,
    socket: OwnedFd,
    /// Keeps the slot taken while the connection is open.
    _slot: Slot,
}

impl RefusedConnections {
    /// Creates an empty queue. Connections kept open take slots of untrusted clients, at most a quarter of these
    /// `untrusted` slots.
    pub(super) fn new(method: RefusalMethod, untrusted: usize) -> Self {
        Self {
            method,
            silent: VecDeque::new(),
            most: (untrusted / 4).min(MOST),
        }
    }

    /// Closes a refused connection; `slot` takes a slot if it is to be kept open in silence.
    pub(super) fn end(
        &mut self,
        socket: OwnedFd,
        now: Instant,
        slot: impl FnOnce() -> Option<Slot>,
    ) {
        self.reset_expired(now);
        if self.method == RefusalMethod::Drop && self.most > 0 {
            if self.silent.len() >= self.most
                && let Some(oldest) = self.silent.pop_front()
            {
                reset(oldest.socket);
            }
            if let Some(slot) = slot() {
                self.silent.push_back(Silent {
                    until: now + SILENT_TIME,
                    socket,
                    _slot: slot,
                });
                return;
            }
        }
        end(self.method, socket);
    }

    /// Resets the connections that have been kept open long enough.
    pub(super) fn reset_expired(&mut self, now: Instant) {
        while self.silent.front().is_some_and(|one| one.until <= now) {
            if let Some(over) = self.silent.pop_front() {
                reset(over.socket);
            }
        }
    }
}

/// Closes a connection at once.
pub(super) fn end(method: RefusalMethod, socket: OwnedFd) {
    match method {
        RefusalMethod::Close => drop(socket),
        RefusalMethod::Reset | RefusalMethod::Drop => reset(socket),
    }
}

/// Sends RST, by closing with a linger time of zero (`socket(7)`).
fn reset(socket: OwnedFd) {
    // If this fails, the socket is closed in the ordinary way.
    set_socket_linger(&socket, Some(Duration::ZERO)).ok();
    drop(socket);
}
