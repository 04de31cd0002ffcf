//! What an instance is; does not judge whether that meets the operator's conditions.

use serde::{Deserialize, Serialize};

use super::evidence::Standby;
use super::reason::DownReason;

/// The judged state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It accepts writes.
    Primary(ConnectionSlots),
    /// It is a hot standby.
    Standby(ConnectionSlots, Standby),
    /// It is neither, or its role cannot be proven.
    Down(DownReason),
}

/// Whether an ordinary client finds a connection slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionSlots {
    /// At least one slot is free for it.
    Free,
    /// No slot is free for it.
    Full,
}
