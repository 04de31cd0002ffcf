//! Gathers the facts of this node. Changes nothing and decides nothing.

use std::collections::BTreeSet;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat, statvfs};

use super::{TO_LOOK, ThisNode};
use crate::agent::actions::ServerError;
use crate::agent::decide::rejoin_record::{self, KeptFacts, RejoinPhase};
use crate::agent::decide::sync_rule::SyncRule;
use crate::agent::local::Owner;
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::base::regular_file;
use crate::base::system_clock::OnSystemClock;
use crate::base::units::Bytes;
use crate::postgres::control::{self, Control};
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::History;
use crate::rejoin::facts::{
    BackupFile, DirectoryFacts, Earlier, FolderAbove, LocalServer, OwnFacts, WalArchive,
};
use crate::rejoin::{directory, keep};

/// How much of a control file is read.
const MOST_CONTROL: u64 = 64 << 10;

/// Stands for every standby that `*` may have meant, where the nodes of the cluster are not known.
const ANY_STANDBY: &str = "any-standby";

/// Gathers them, and what an interrupted rewind has kept of them.
pub(super) fn local(
    node: &mut ThisNode,
    server: LocalServer,
) -> Result<(OwnFacts, Option<KeptFacts>), ServerError> {
    let manager = node.manager.clone();
    let local = node.name.clone();
    let nodes = node.nodes.clone();
    node.instance.as_owner(|owner| {
        let deadline = Deadline::after(TO_LOOK);
        let wal = wal(owner, deadline);
        let looked = directory::look(owner.datadir(), deadline);
        let directory = looked.map_err(|error| ServerError::File {
            what: format!("cannot look through {}", owner.datadir().display()),
            cause: error.to_string(),
        })?;
        let facts = OwnFacts {
            datadir: owner.datadir().to_owned(),
            server,
            manager,
            major: owner.major().map_err(|error| error.to_string()),
            backup_label: if owner.has("backup_label") {
                BackupFile::Present
            } else {
                BackupFile::Absent
            },
            earlier: wal.earlier,
            end: wal.end,
            history: wal.history,
            archive: match owner.setting("restore_command") {
                Ok(command) if !command.is_empty() => WalArchive::Configured,
                Ok(_) | Err(_) => WalArchive::None,
            },
            directory: DirectoryFacts {
                mount_point: owner.is_mount_point(),
                ..directory
            },
            beside: beside(owner.datadir()),
            room: room(owner.datadir()),
            rule: rule(owner, local.as_ref(), &nodes),
            control: wal.control,
        };
        Ok((facts, wal.kept))
    })
}

/// What the control file and the WAL tell, now or before an interrupted rewind.
struct WalFacts {
    earlier: Earlier,
    control: Result<Control, String>,
    end: Option<Position>,
    history: History,
    kept: Option<KeptFacts>,
}

fn wal(owner: &Owner<'_>, deadline: Deadline) -> WalFacts {
    let earlier = match owner.rejoin_record() {
        Ok(Some(record)) => match (record.phase, record.kept) {
            (RejoinPhase::Rewind | RejoinPhase::Restore, Some(kept)) => {
                return of_kept(owner, kept);
            }
            (RejoinPhase::Rewind | RejoinPhase::Restore, None) => {
                Earlier::Unreadable("it does not say what was kept".into())
            }
            (
                RejoinPhase::KeepOff
                | RejoinPhase::Archive
                | RejoinPhase::Recover
                | RejoinPhase::Save
                | RejoinPhase::Copy
                | RejoinPhase::Swap
                | RejoinPhase::Start
                | RejoinPhase::Follow,
                _,
            ) => Earlier::Begun,
        },
        Ok(None) => Earlier::None,
        Err(error) => Earlier::Unreadable(error.to_string()),
    };
    let control = owner.control().map_err(|error| error.to_string());
    let end = control.as_ref().ok();
    let end = end.and_then(|control| owner.end_of_wal(control, deadline));
    WalFacts {
        earlier,
        control,
        history: history(owner, end),
        end,
        kept: None,
    }
}

/// Returns what was known before `pg_rewind` changed files.
fn of_kept(owner: &Owner<'_>, kept: KeptFacts) -> WalFacts {
    let path = rejoin_record::beside(owner.datadir()).join(keep::CONTROL);
    let bytes = regular_file::read(&path, MOST_CONTROL).map_err(|error| error.to_string());
    let control = bytes.and_then(|bytes| control::read(&bytes).map_err(|error| error.to_string()));
    let end: Option<Position> = kept.end.parse().ok();
    let timeline = end.map_or(Timeline(1), |end| end.timeline);
    let history = History::parse(timeline, &kept.history);
    WalFacts {
        earlier: Earlier::Rewinding,
        control,
        end,
        history: history.unwrap_or_else(|_| History::alone(timeline)),
        kept: Some(kept),
    }
}

/// Returns the history of the timeline on which the WAL ends. Without its file a timeline counts as one without a parent, as in
/// PostgreSQL.
fn history(owner: &Owner<'_>, end: Option<Position>) -> History {
    let timeline = end.map_or(Timeline(1), |end| end.timeline);
    owner
        .history(timeline)
        .unwrap_or_else(|| History::alone(timeline))
}

/// Returns whether the owner, as who this runs, may create a directory beside the data directory, or has created it.
fn beside(datadir: &Path) -> FolderAbove {
    let above = datadir.parent().unwrap_or(datadir);
    let may = accessat(CWD, above, Access::WRITE_OK, AtFlags::EACCESS);
    match may {
        Ok(()) => FolderAbove::Writable,
        Err(_) => FolderAbove::ReadOnly,
    }
}

fn room(datadir: &Path) -> Bytes {
    let above = datadir.parent().unwrap_or(datadir);
    let found = statvfs(above);
    Bytes(found.map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize)))
}

/// Returns what this server's commits waited for as a primary.
fn rule(owner: &Owner<'_>, local: Option<&Node>, nodes: &BTreeSet<Node>) -> Option<SyncRule> {
    let setting = owner.setting("synchronous_standby_names").ok()?;
    let unknown = || ANY_STANDBY.parse().ok();
    let local = local.cloned().or_else(|| "this-node".parse().ok())?;
    let nodes = if nodes.is_empty() {
        unknown().into_iter().collect()
    } else {
        nodes.clone()
    };
    SyncRule::of(&setting, &local, &nodes).ok().flatten()
}
