//! What an instance is; says nothing of whether that is good enough for anyone.

use super::evidence::Standby;
use super::reason::DownReason;

/// The judged state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It accepts writes.
    Primary(ConnectionSlots),
    /// It is a hot standby.
    Standby(ConnectionSlots, Standby),
    /// It is neither, or it cannot be proven.
    Down(DownReason),
}

/// Whether an ordinary client finds a connection slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionSlots {
    /// At least one.
    Free,
    /// None.
    Full,
}
