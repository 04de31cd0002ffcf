//! What is known of a server, of its slots and of the other nodes. Knows no source and no consequence.

use std::time::Duration;

use crate::health::{Claim, Lsn};
use crate::postgres::slot_name::SlotName;
use crate::postgres::slot_rows::{ReplicationSlot, SlotServer};

/// Everything that a plan is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotFacts {
    /// The server of this node.
    pub server: SlotServer,
    /// All its slots.
    pub slots: Vec<ReplicationSlot>,
    /// The other nodes of the cluster, each with its slot here.
    pub nodes: Vec<SlotNode>,
    /// The slots that are kept on every node for others than nodes.
    pub also: Vec<AlsoSlot>,
}

/// Another node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotNode {
    /// The name of its slot.
    pub slot: SlotName,
    /// What is known of its server.
    pub presence: SlotPresence,
}

/// What is known of the server of another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotPresence {
    /// It has proved who it is, and said this.
    Seen(HeardPosition),
    /// Nothing was heard for this time.
    Away(Duration),
    /// Nothing was heard since its slot was dropped because it held too much WAL.
    GivenUp,
}

/// How far a server's WAL reaches, by its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardPosition {
    /// Its role.
    pub role: Claim,
    /// The timeline that it writes or receives.
    pub timeline: i64,
    /// The end of the WAL that it has.
    pub end: Lsn,
}

/// A slot that is kept on every node for others than nodes, such as a backup server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlsoSlot {
    /// Its name.
    pub name: SlotName,
    /// The `restart_lsn` of the slot of this name on the primary with this server's timeline, if that has said so.
    pub on_primary: Option<Lsn>,
}
