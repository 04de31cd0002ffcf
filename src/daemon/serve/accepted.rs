//! A connection that was admitted.

use std::os::fd::OwnedFd;
use std::time::Instant;

use super::gate::Pass;
use super::slots::Slot;

/// An accepted connection with its slot.
#[derive(Debug)]
pub struct Accepted {
    /// The socket, which is non-blocking and close-on-exec.
    pub socket: OwnedFd,
    /// When it was accepted or, after a PROXY header or token, when these were complete.
    pub arrived: Instant,
    /// Bytes of the client that were read together with its PROXY header or token and follow these.
    pub early: Vec<u8>,
    /// The slot, which is freed when the connection ends.
    pub slot: Slot,
    /// Decides on further requests on this connection, for protocols that allow several.
    pub pass: Pass,
}
