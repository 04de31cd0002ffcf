//! What lies on a host's disk, as far as the agent or a server looks at it. Knows no server and no time.
//!
//! - [`segment`]: a file of WAL, of which only the pages that were written take room.
//! - [`pg_wal`]: the files of WAL of a data directory.
//! - [`directory`]: the same, as the agent's readers want it.

pub(crate) mod directory;
pub(crate) mod pg_wal;
pub(crate) mod segment;

use std::time::Duration;

use pgsql_state::postgres::control::Control;

use crate::postgres::lineage::Extent;
pub(crate) use pg_wal::PgWal;

/// A data directory and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    /// Where it is; somebody may have renamed it.
    pub(crate) place: Place,
    /// Whether reading and writing fail.
    pub(crate) io: Io,
    /// `global/pg_control`.
    pub(crate) control: Control,
    /// `standby.signal`.
    pub(crate) signal: bool,
    /// `backup_label`.
    pub(crate) backup_label: bool,
    /// `pg_wal`.
    pub(crate) pg_wal: PgWal,
    /// How much of the history of its database cluster it has.
    pub(crate) extent: Extent,
}

impl Disk {
    /// Whether the next start would go on with what a primary has written there: nobody has emptied the directory, copied
    /// another server into it, or had it become a standby.
    pub(crate) fn is_of_primary(&self) -> bool {
        let is_there = match self.place {
            Place::Right | Place::Renamed => true,
            Place::Empty => false,
        };
        is_there && !self.signal && !self.backup_label
    }
}

/// Where a data directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where the parameters say.
    Right,
    /// Under another name.
    Renamed,
    /// Where it was, and empty.
    Empty,
}

impl Place {
    /// Where it is once something was copied there.
    pub(crate) fn filled(self) -> Self {
        match self {
            Self::Empty => Self::Right,
            Self::Right | Self::Renamed => self,
        }
    }
}

/// What a disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Io {
    /// It works.
    Works,
    /// Each access takes so much longer.
    Slow(Duration),
    /// Each access fails.
    Fails,
}
