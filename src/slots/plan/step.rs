//! The steps of a plan, and the words for them. Decides nothing.

use std::fmt;

use crate::base::units::Bytes;
use crate::health::Lsn;
use crate::postgres::slot_name::SlotName;

/// What is to be done with a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotStep {
    /// Dropped, if no session streams from it.
    Drop(SlotName, SlotDrop),
    /// Made, with the WAL from the last checkpoint on reserved.
    Create(SlotName),
    /// Advanced.
    Advance(SlotName, Lsn),
    /// Left alone.
    Leave(SlotName, SlotLeave),
    /// Nothing, but a person has to look at it.
    Alarm(SlotAlarm),
}

/// Why a slot is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotDrop {
    /// It has the prefix, and no other node of the cluster has it.
    NoNode,
    /// Its node was not heard for `keep_absent`.
    Absent,
    /// It holds more WAL than `cap`.
    OverCap,
    /// WAL that it should hold is gone.
    Lost,
    /// It reserves no WAL.
    NoReservation,
    /// It is on a standby and keeps dead rows from `VACUUM`.
    Xmin,
}

/// Why a slot is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotLeave {
    /// It goes with its session.
    Temporary,
    /// It belongs to somebody else.
    Foreign,
    /// A session streams from it.
    Active,
    /// It is where its node is, or beyond.
    Level,
    /// Nothing newer is known of its node.
    Awaited,
    /// Its node is on another timeline, or is a primary too.
    OtherTimeline,
}

/// What a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotAlarm {
    /// Neither the configuration nor the server limits what a slot holds.
    NoCap,
    /// The server has no room for another slot.
    NoRoom,
    /// A standby streams and is so far behind that its WAL will be removed, or exceeds the cap.
    Behind(SlotName, Bytes),
}

impl SlotStep {
    /// The order in which steps are done.
    pub(super) fn order(&self) -> u8 {
        match self {
            Self::Drop(..) => 0,
            Self::Create(_) => 1,
            Self::Advance(..) => 2,
            Self::Leave(..) => 3,
            Self::Alarm(_) => 4,
        }
    }
}

impl fmt::Display for SlotStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop(slot, why) => write!(f, "drop the slot {slot}: {why}"),
            Self::Create(slot) => write!(f, "create the slot {slot}"),
            Self::Advance(slot, to) => write!(f, "advance the slot {slot} to {to}"),
            Self::Leave(slot, why) => write!(f, "leave the slot {slot}: {why}"),
            Self::Alarm(alarm) => alarm.fmt(f),
        }
    }
}

impl fmt::Display for SlotDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNode => "no other node of cluster.nodes has it",
            Self::Absent => "its node was not heard for slots.keep_absent",
            Self::OverCap => "it holds more WAL than slots.cap",
            Self::Lost => "WAL that it should hold is gone",
            Self::NoReservation => "it reserves no WAL",
            Self::Xmin => "it keeps dead rows from VACUUM, and on a standby nobody takes that back",
        })
    }
}

impl fmt::Display for SlotLeave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Temporary => "it is temporary",
            Self::Foreign => "it belongs to somebody else",
            Self::Active => "a session streams from it",
            Self::Level => "it is where it should be",
            Self::Awaited => "nothing newer is known of its owner",
            Self::OtherTimeline => "its node is on another timeline, or is a primary too",
        })
    }
}

impl fmt::Display for SlotAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCap => f.write_str(
                "no slot is made, because nothing limits the WAL that it may hold; set max_slot_wal_keep_size in PostgreSQL, or slots.cap",
            ),
            Self::NoRoom => f.write_str(
                "the server has no room for another slot; set max_replication_slots higher, and restart PostgreSQL",
            ),
            Self::Behind(slot, held) => write!(
                f,
                "the standby of the slot {slot} is {} behind, and its WAL may be removed before it gets it",
                held.roughly()
            ),
        }
    }
}
