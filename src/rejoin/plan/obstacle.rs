//! What is in the way of a node's return, each as one sentence. Knows no plan.

use std::path::PathBuf;

use thiserror::Error;

use crate::base::units::Bytes;
use crate::rejoin::facts::{FileOddity, OddFile};

/// Something that is in the way.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Obstacle {
    /// Another database cluster.
    #[error(
        "the system identifier of this node is {local}, and that of the primary is {primary}: they are no servers of one \
         database cluster"
    )]
    OtherCluster {
        /// Of this node.
        local: u64,
        /// Of the primary.
        primary: u64,
    },
    /// Another major version.
    #[error("this node has PostgreSQL {local}, and the primary has PostgreSQL {primary}")]
    OtherMajor {
        /// Of this node.
        local: u32,
        /// Of the primary.
        primary: u32,
    },
    /// Another size of WAL segments.
    #[error("WAL segments have {local} bytes here and {primary} bytes on the primary")]
    OtherSegmentSize {
        /// Of this node.
        local: u32,
        /// Of the primary.
        primary: u32,
    },
    /// The data directory cannot be read.
    #[error("{datadir} is no data directory that can be read: {cause}", datadir = .datadir.display())]
    NoDataDirectory {
        /// The directory.
        datadir: PathBuf,
        /// Why.
        cause: String,
    },
    /// A primary runs in the data directory.
    #[error("the server of this node runs as a primary")]
    RunsAsPrimary,
    /// A standby runs which nobody stops.
    #[error("the server of this node runs")]
    Runs {
        /// Its data directory.
        datadir: PathBuf,
    },
    /// It is not known whether a server runs.
    #[error("it cannot be determined whether a server runs in the data directory: {0}")]
    Unclear(String),
    /// No primary was found.
    #[error("{0}")]
    NoPrimary(String),
    /// The server that answers is a standby.
    #[error("the server at {0} is a standby; only a primary can be followed")]
    InRecovery(String),
    /// It does not let a standby in.
    #[error("{server} does not let this node replicate: {cause}")]
    ReplicationRefused {
        /// Its address.
        server: String,
        /// Why.
        cause: String,
    },
    /// The record of an earlier command cannot be read.
    #[error("the record of an interrupted rejoin cannot be read: {0}")]
    EarlierUnreadable(String),
    /// The end of WAL is not known.
    #[error("the end of the WAL of this node cannot be determined")]
    EndUnknown,
    /// The control file cannot be used.
    #[error("the control file cannot be read: {0}")]
    Control(String),
    /// An interrupted `pg_rewind` has left a directory that must not be started.
    #[error("an interrupted pg_rewind has left files of two servers in the data directory")]
    HalfRewound,
    /// WAL that the primary does not have.
    #[error("this node has {bytes} bytes of WAL that are not part of the primary's", bytes = .0.0)]
    Parted(Bytes),
    /// The same timeline, and ahead.
    #[error(
        "this node has {bytes} bytes of WAL more than the primary on the same timeline, which pg_rewind does not notice",
        bytes = .0.0
    )]
    Ahead(Bytes),
    /// The same history, and other WAL.
    #[error(
        "this node and the primary have timelines of the same numbers and other WAL on them, which pg_rewind does not notice"
    )]
    Twins,
    /// No timeline in common.
    #[error("this node and the primary have no timeline in common")]
    Strangers,
    /// Nothing to rewind.
    #[error("the WAL of this node is part of the primary's, so pg_rewind has nothing to do")]
    NothingParted,
    /// The primary has removed the WAL that is needed.
    #[error("the primary has removed WAL that this node needs, from {0} on")]
    WalRemoved(String),
    /// A `backup_label` stands in the way of `pg_rewind`.
    #[error(
        "the data directory is a backup that was never started to its end: it has a backup_label"
    )]
    Backup,
    /// Hint bits are not in WAL.
    #[error(
        "neither wal_log_hints nor data checksums were on {0}, so its WAL does not name every page that has changed"
    )]
    HintBits(ServerSide),
    /// Whole pages are not in WAL.
    #[error("full_page_writes is off on the primary")]
    FullPageWrites,
    /// No SQL.
    #[error(
        "the primary does not let the role connect to the database postgres, which pg_rewind does: {0}"
    )]
    NoClient(String),
    /// Missing rights.
    #[error("the role {role} may not execute {functions} on the primary, which pg_rewind does", functions = .functions.join(", "))]
    Grants {
        /// The role.
        role: String,
        /// The functions.
        functions: Vec<String>,
    },
    /// The WAL before the fork is not here.
    #[error("the WAL of this node does not reach back to a checkpoint before the fork: {0}")]
    LocalWalMissing(String),
    /// Tablespaces at other places.
    #[error("the tablespaces of this node are not those of the primary: {0}")]
    Tablespaces(String),
    /// A copy with tablespaces.
    #[error("this node has tablespaces, whose directories would have to be replaced as well: {0}")]
    TablespacesToCopy(String),
    /// `pg_wal` elsewhere.
    #[error("pg_wal leads to {}, which would have to be replaced as well", .0.display())]
    WalElsewhere(PathBuf),
    /// A mount point.
    #[error("{} is the root of a file system, so that nothing can be kept beside it or put in its place", .0.display())]
    MountPoint(PathBuf),
    /// The directory above cannot be written.
    #[error("the owner of {} may not create anything beside it", .0.display())]
    ReadOnly(PathBuf),
    /// Odd files.
    #[error("files do not belong into the data directory: {}", .0.iter().map(told).collect::<Vec<_>>().join(", "))]
    OddFiles(Vec<OddFile>),
    /// Too little room.
    #[error("{needed} bytes are needed beside the data directory, and {free} are free", needed = .needed.0, free = .free.0)]
    NoRoom {
        /// Bytes that are needed.
        needed: Bytes,
        /// Bytes that are free.
        free: Bytes,
    },
    /// What was acknowledged would go.
    #[error(
        "{bytes} bytes of WAL would be thrown away in which commits may have been acknowledged: they waited for {rule}, and \
         {missing} does not follow the primary",
        bytes = .bytes.0,
        missing = .missing.join(", ")
    )]
    Acknowledged {
        /// How much.
        bytes: Bytes,
        /// What commits waited for.
        rule: String,
        /// Who does not follow.
        missing: Vec<String>,
    },
}

/// Which server, for a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerSide {
    /// This node.
    Local,
    /// The primary.
    Primary,
}

impl std::fmt::Display for ServerSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Local => "on this node",
            Self::Primary => "on the primary",
        })
    }
}

fn told(file: &OddFile) -> String {
    let oddity = match file.oddity {
        FileOddity::Owner => "belongs to another user",
        FileOddity::Link => "is a link",
        FileOddity::Special => "is neither a file nor a directory",
        FileOddity::Mount => "is the root of a file system",
    };
    format!("{} {oddity}", file.path.display())
}
