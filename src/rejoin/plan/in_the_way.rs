//! Finds what is in the way of each method. Decides nothing.

use std::collections::BTreeSet;

use super::obstacle::{Obstacle, ServerSide};
use super::sizes::{needed_from, wal_size};
use crate::base::units::Bytes;
use crate::postgres::control::HintBits;
use crate::rejoin::facts::{
    BackupFile, CommonCheckpoint, Earlier, FolderAbove, FullPageWrites, LocalServer, NoPrimary,
    PrimaryFacts, RejoinFacts, ServerManager, Tablespace, WalArchive,
};
use crate::rejoin::relation::Relation;

/// Returns what is in the way of them all.
pub(super) fn of_every_method(facts: &RejoinFacts) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let local = &facts.local;
    match (&local.server, &local.manager) {
        (LocalServer::Stopped, _) | (LocalServer::Standby, ServerManager::Pacemaker { .. }) => {}
        (LocalServer::Standby, ServerManager::Nobody) => found.push(Obstacle::Runs {
            datadir: local.datadir.clone(),
        }),
        (LocalServer::Primary, _) => found.push(Obstacle::RunsAsPrimary),
        (LocalServer::Unclear(why), _) => found.push(Obstacle::Unclear(why.clone())),
    }
    if let Err(cause) = &local.major {
        found.push(Obstacle::NoDataDirectory {
            datadir: local.datadir.clone(),
            cause: cause.clone(),
        });
    }
    if let Earlier::Unreadable(why) = &local.earlier {
        found.push(Obstacle::EarlierUnreadable(why.clone()));
    }
    match &facts.primary {
        Ok(primary) => found.extend(between(facts, primary)),
        Err(NoPrimary::NoAddress(why) | NoPrimary::NoAnswer(why)) => {
            found.push(Obstacle::NoPrimary(why.clone()));
        }
        Err(NoPrimary::InRecovery(server)) => found.push(Obstacle::InRecovery(server.clone())),
        Err(NoPrimary::Refuses { server, cause }) => found.push(Obstacle::ReplicationRefused {
            server: server.clone(),
            cause: cause.clone(),
        }),
    }
    found
}

/// Returns in what the two servers differ that no method changes.
fn between(facts: &RejoinFacts, primary: &PrimaryFacts) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if let Ok(local) = facts.local.major
        && local != primary.major
    {
        found.push(Obstacle::OtherMajor {
            local,
            primary: primary.major,
        });
    }
    let Ok(control) = &facts.local.control else {
        return found;
    };
    if control.system_identifier != primary.system_identifier {
        found.push(Obstacle::OtherCluster {
            local: control.system_identifier,
            primary: primary.system_identifier,
        });
    } else if control.geometry.segment() != primary.segment {
        found.push(Obstacle::OtherSegmentSize {
            local: control.geometry.segment(),
            primary: primary.segment,
        });
    }
    found
}

/// Returns what keeps the server from being started with the data that it has.
pub(super) fn of_as_is(facts: &RejoinFacts, relation: Option<Relation>) -> Vec<Obstacle> {
    let mut found = unusable(facts);
    if facts.local.earlier == Earlier::Rewinding {
        found.push(Obstacle::HalfRewound);
    }
    let (Some(end), Ok(primary)) = (facts.local.end, &facts.primary) else {
        return found;
    };
    match relation {
        Some(Relation::Behind) => {
            if let (Ok(control), WalArchive::None) = (&facts.local.control, facts.local.archive)
                && primary.has_wal_from(end.lsn, control.geometry) == Some(false)
            {
                found.push(Obstacle::WalRemoved(end.lsn.to_string()));
            }
        }
        Some(Relation::Ahead) => {
            found.push(Obstacle::Ahead(primary.end.lsn.behind(end.lsn)));
        }
        Some(Relation::Parted { fork }) => {
            found.push(Obstacle::Parted(fork.lsn.behind(end.lsn)));
        }
        Some(Relation::Twins) => found.push(Obstacle::Twins),
        Some(Relation::Strangers) => found.push(Obstacle::Strangers),
        None => {}
    }
    found
}

/// Returns what keeps `pg_rewind` from making a standby of the data directory.
pub(super) fn of_rewind(facts: &RejoinFacts, relation: Option<Relation>) -> Vec<Obstacle> {
    let mut found = unusable(facts);
    let local = &facts.local;
    let Ok(primary) = &facts.primary else {
        return found;
    };
    match relation {
        Some(Relation::Behind) => found.push(Obstacle::NothingParted),
        Some(Relation::Ahead) => {
            let end = local.end.map(|end| primary.end.lsn.behind(end.lsn));
            found.push(Obstacle::Ahead(end.unwrap_or_default()));
        }
        Some(Relation::Twins) => found.push(Obstacle::Twins),
        Some(Relation::Strangers) => found.push(Obstacle::Strangers),
        Some(Relation::Parted { .. }) | None => {}
    }
    if local.backup_label == BackupFile::Present && local.earlier != Earlier::Rewinding {
        found.push(Obstacle::Backup);
    }
    if let Ok(control) = &local.control {
        if control.hint_bits == HintBits::NotLogged {
            found.push(Obstacle::HintBits(ServerSide::Local));
        }
        if let Some(redo) = needed_from(facts)
            && local.archive == WalArchive::None
            && primary.has_wal_from(redo.lsn, control.geometry) == Some(false)
        {
            found.push(Obstacle::WalRemoved(redo.lsn.to_string()));
        }
    }
    if primary.hint_bits == HintBits::NotLogged {
        found.push(Obstacle::HintBits(ServerSide::Primary));
    }
    if primary.full_page_writes == FullPageWrites::Off {
        found.push(Obstacle::FullPageWrites);
    }
    if let CommonCheckpoint::Missing(why) = &facts.common_checkpoint
        && local.archive == WalArchive::None
    {
        found.push(Obstacle::LocalWalMissing(why.clone()));
    }
    match &primary.client {
        Err(why) => found.push(Obstacle::NoClient(why.clone())),
        Ok(client) => {
            if !client.missing_grants.is_empty() {
                found.push(Obstacle::Grants {
                    role: client.role.clone(),
                    functions: client.missing_grants.clone(),
                });
            }
            if client.tablespaces != local.directory.tablespaces {
                let both = [&local.directory.tablespaces, &client.tablespaces];
                let [here, there] = both.map(places);
                found.push(Obstacle::Tablespaces(format!("{here} here, {there} there")));
            }
        }
    }
    found.extend(of_directory(facts));
    // The WAL that is kept, and the WAL of the primary.
    let kept = local.end.zip(needed_from(facts));
    let kept = kept.map_or(0, |(end, from)| from.lsn.behind(end.lsn).0);
    let needed = wal_size(facts).unwrap_or_default().0.saturating_add(kept);
    found.extend(too_large(facts, Bytes(needed)));
    found
}

/// Returns what keeps a new copy from being put in the place of the data directory.
pub(super) fn of_copy(facts: &RejoinFacts) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let directory = &facts.local.directory;
    if !directory.tablespaces.is_empty() {
        found.push(Obstacle::TablespacesToCopy(places(&directory.tablespaces)));
    }
    if let Some(place) = &directory.wal_elsewhere {
        found.push(Obstacle::WalElsewhere(place.clone()));
    }
    found.extend(of_directory(facts));
    if let Ok(primary) = &facts.primary
        && let Ok(client) = &primary.client
    {
        let wal = wal_size(facts).unwrap_or_default();
        found.extend(too_large(facts, Bytes(client.size.0.saturating_add(wal.0))));
    }
    found
}

/// Returns why nothing can be made of the files that are there.
fn unusable(facts: &RejoinFacts) -> Vec<Obstacle> {
    match (&facts.local.control, facts.local.end) {
        (Err(why), _) => vec![Obstacle::Control(why.clone())],
        (Ok(_), None) => vec![Obstacle::EndUnknown],
        (Ok(_), Some(_)) => Vec::new(),
    }
}

fn of_directory(facts: &RejoinFacts) -> Vec<Obstacle> {
    let directory = &facts.local.directory;
    let mut found = Vec::new();
    if directory.mount_point {
        found.push(Obstacle::MountPoint(facts.local.datadir.clone()));
    }
    match facts.local.beside {
        FolderAbove::Writable => {}
        FolderAbove::ReadOnly => found.push(Obstacle::ReadOnly(facts.local.datadir.clone())),
    }
    if !directory.odd.is_empty() {
        found.push(Obstacle::OddFiles(directory.odd.clone()));
    }
    found
}

fn too_large(facts: &RejoinFacts, needed: Bytes) -> Option<Obstacle> {
    let free = facts.local.room;
    (needed > free).then_some(Obstacle::NoRoom { needed, free })
}

fn places(tablespaces: &BTreeSet<Tablespace>) -> String {
    if tablespaces.is_empty() {
        return "none".into();
    }
    let places = tablespaces
        .iter()
        .map(|one| one.place.display().to_string());
    places.collect::<Vec<_>>().join(", ")
}
