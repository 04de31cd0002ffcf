//! What is known of a node that is to come back and of the primary that it is to follow. Knows no source, and no
//! consequence.

mod primary;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::agent::decide::sync_rule::SyncRule;
use crate::base::units::Bytes;
use crate::postgres::control::Control;
use crate::postgres::position::Position;
use crate::postgres::wal::History;
pub use primary::{ClientFacts, FullPageWrites, NoPrimary, PrimaryFacts};

/// Everything that a plan rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejoinFacts {
    /// This node.
    pub local: OwnFacts,
    /// The primary, or why none was found.
    pub primary: Result<PrimaryFacts, NoPrimary>,
    /// Whether the primary has the WAL with which this node's ends. It is compared where their histories agree.
    pub last_page: LastPage,
    /// The last checkpoint before the point at which the two have parted. Without that point it is not looked for.
    pub common_checkpoint: CommonCheckpoint,
}

/// This node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFacts {
    /// Its data directory.
    pub datadir: PathBuf,
    /// Whether its server runs.
    pub server: LocalServer,
    /// Who starts and stops it.
    pub manager: ServerManager,
    /// The major version in `PG_VERSION`, or why it cannot be read.
    pub major: Result<u32, String>,
    /// Its control file, or why it cannot be read.
    pub control: Result<Control, String>,
    /// Whether it has a `backup_label`.
    pub backup_label: BackupFile,
    /// What an earlier `rejoin` has left.
    pub earlier: Earlier,
    /// The end of its WAL; `None` if it cannot be determined.
    pub end: Option<Position>,
    /// The history of the timeline on which its WAL ends.
    pub history: History,
    /// Whether `restore_command` is set.
    pub archive: WalArchive,
    /// What else lies in its data directory.
    pub directory: DirectoryFacts,
    /// Whether its owner may write beside it.
    pub beside: FolderAbove,
    /// The free bytes beside its data directory, for this user.
    pub room: Bytes,
    /// What its commits waited for when it was a primary, by its own configuration; `None` if for no standby.
    pub rule: Option<SyncRule>,
}

/// Whether a server runs in the data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalServer {
    /// None does.
    Stopped,
    /// A standby does, or a server that waits for a primary.
    Standby,
    /// A primary does.
    Primary,
    /// That is not certain, for this reason.
    Unclear(String),
}

/// Who starts and stops the server of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerManager {
    /// Pacemaker does, by this resource.
    Pacemaker {
        /// The resource that is banned: the clone, if there is one.
        resource: String,
        /// This node.
        node: String,
    },
    /// Nobody.
    Nobody,
}

/// Whether a data directory is that of a backup whose end has not been replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupFile {
    /// It has a `backup_label`.
    Present,
    /// It has none.
    Absent,
}

/// What an interrupted command has left beside the data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing.
    None,
    /// It had not changed the data directory yet.
    Begun,
    /// It was changing files by `pg_rewind`, and has kept what a repetition needs.
    Rewinding,
    /// The record cannot be read, for this reason.
    Unreadable(String),
}

/// Whether the owner of a data directory may write into the directory that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderAbove {
    /// The owner may.
    Writable,
    /// The owner may not.
    ReadOnly,
}

/// Whether WAL can be fetched from an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalArchive {
    /// `restore_command` is set.
    Configured,
    /// It is not.
    None,
}

/// What lies in a data directory beside PostgreSQL's own files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryFacts {
    /// It is the root of a file system.
    pub mount_point: bool,
    /// `pg_wal` is a link: where it leads.
    pub wal_elsewhere: Option<PathBuf>,
    /// Its tablespaces.
    pub tablespaces: BTreeSet<Tablespace>,
    /// Files that `pg_rewind` could not handle, or that would be lost, each with what is odd about it.
    pub odd: Vec<OddFile>,
}

/// A tablespace beside the default ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tablespace {
    /// The name of its link in `pg_tblspc`.
    pub oid: u32,
    /// Where the link leads.
    pub place: PathBuf,
}

/// A file that does not belong into a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddFile {
    /// Its path below the data directory.
    pub path: PathBuf,
    /// What is odd.
    pub oddity: FileOddity,
}

/// What is odd about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOddity {
    /// It belongs to another user.
    Owner,
    /// It is a link.
    Link,
    /// It is neither a file nor a directory nor a link.
    Special,
    /// Another file system is mounted there.
    Mount,
}

/// Whether the page on which the WAL of this node ends is also that of the primary. Two servers that were promoted from the
/// same position have the same history, and other WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastPage {
    /// It is.
    Same,
    /// It is not.
    Different,
    /// It was not compared, or the primary does not show it.
    Unknown,
}

/// The last checkpoint before the point at which two servers have parted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommonCheckpoint {
    /// It was not looked for: they have not parted.
    NotNeeded,
    /// The recovery from it begins here.
    Found {
        /// On this timeline and at this position.
        redo: Position,
    },
    /// The WAL in which it would be is not on this node, for this reason.
    Missing(String),
}
