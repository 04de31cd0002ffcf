//! What an instance is; says nothing of whether that is good enough for anyone.

use super::evidence::Standby;
use super::reason::DownReason;

/// The judged state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It accepts writes.
    Primary(Room),
    /// It is a hot standby.
    Standby(Room, Standby),
    /// It is neither, or it cannot be proven.
    Down(DownReason),
}

/// Whether an ordinary client finds a connection slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// At least one.
    Free,
    /// None.
    Full,
}
