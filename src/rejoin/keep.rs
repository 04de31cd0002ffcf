//! Copies beside the data directory what `pg_rewind` and a new copy replace: the configuration of this node, and the WAL that
//! a repetition needs or that would be lost; and puts it back. Knows no phase.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::beside::{self, Beside, failed};
use crate::agent::actions::ServerError;
use crate::agent::decide::rejoin_record;
use crate::health::Lsn;
use crate::postgres::wal::Geometry;

/// Files in a data directory that PostgreSQL writes itself (PostgreSQL manual, "Database File Layout").
const OWN_FILES: [&str; 13] = [
    "PG_VERSION",
    "backup_label",
    "backup_label.old",
    "backup_manifest",
    "backup_manifest.tmp",
    "current_logfiles",
    "current_logfiles.tmp",
    "postmaster.opts",
    "postmaster.pid",
    "recovery.signal",
    "standby.signal",
    "tablespace_map",
    "tablespace_map.old",
];

/// Its directories, and those of its log.
const OWN_FOLDERS: [&str; 20] = [
    "base",
    "global",
    "log",
    "pg_commit_ts",
    "pg_dynshmem",
    "pg_log",
    "pg_logical",
    "pg_multixact",
    "pg_notify",
    "pg_replslot",
    "pg_serial",
    "pg_snapshots",
    "pg_stat",
    "pg_stat_tmp",
    "pg_subtrans",
    "pg_tblspc",
    "pg_twophase",
    "pg_wal",
    "pg_xact",
    "lost+found",
];

/// The name of the copy of the control file.
pub(super) const CONTROL: &str = "pg_control";

/// How much configuration a data directory may have.
const MOST: u64 = 64 << 20;

/// Copies the configuration of this node.
pub(super) fn keep_files(datadir: &Path, beside: &Beside) -> Result<(), ServerError> {
    let to = beside.anew(rejoin_record::CONFIGURATION)?;
    let mut left = MOST;
    for path in own_configuration(datadir)? {
        copy_below(datadir, &path, &to, &mut left)?;
    }
    beside::sync(&to)
}

/// Puts the configuration into a data directory. What came from the primary under other names stays, but for its settings
/// of `ALTER SYSTEM`.
pub(super) fn put_files_back(beside: &Beside, datadir: &Path) -> Result<(), ServerError> {
    let from = beside.path(rejoin_record::CONFIGURATION);
    beside::remove(&datadir.join("postgresql.auto.conf"))?;
    for name in names(&from)? {
        copy_below(&from, Path::new(&name), datadir, &mut u64::MAX.clone())?;
    }
    for signal in ["recovery.signal", "backup_manifest"] {
        beside::remove(&datadir.join(signal))?;
    }
    let signal = datadir.join("standby.signal");
    fs::write(&signal, "").map_err(failed("write", &signal))?;
    beside::sync(datadir)
}

/// Copies the control file, the histories, and the WAL from a position on.
pub(super) fn keep_wal(
    datadir: &Path,
    beside: &Beside,
    from: Lsn,
    geometry: Geometry,
) -> Result<(), ServerError> {
    beside::copy(&datadir.join("global/pg_control"), &beside.path(CONTROL))?;
    let to = beside.anew("wal")?;
    let pg_wal = datadir.join("pg_wal");
    for name in names(&pg_wal)? {
        if is_from(&name, from, geometry) {
            let path = pg_wal.join(&name);
            beside::copy(&path, &to.join(&name))?;
        }
    }
    beside::sync(&to)?;
    beside::sync(&beside.path(""))
}

/// Makes the WAL and the control file again what they were, so that `pg_rewind` can be repeated: it reads them to find the
/// pages that differ, and replaces them as it goes.
pub(super) fn put_wal_back(beside: &Beside, datadir: &Path) -> Result<(), ServerError> {
    let from = beside.path("wal");
    let pg_wal = datadir.join("pg_wal");
    for name in names(&from)? {
        beside::copy(&from.join(&name), &pg_wal.join(&name))?;
    }
    beside::remove(&datadir.join("backup_label"))?;
    beside::copy(&beside.path(CONTROL), &datadir.join("global/pg_control"))
}

/// Returns whether a file of `pg_wal` is a history, or a segment that ends after a position.
fn is_from(name: &OsStr, from: Lsn, geometry: Geometry) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    if name.ends_with(".history") {
        return true;
    }
    let is_segment = name.len() == 24 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let size = u64::from(geometry.segment());
    let in_four_gigabytes = (1_u64 << 32) / size;
    let part = |range| {
        name.get(range)
            .and_then(|part| u64::from_str_radix(part, 16).ok())
    };
    let number = part(8..16)
        .zip(part(16..24))
        .map(|(high, low)| high.saturating_mul(in_four_gigabytes).saturating_add(low));
    is_segment && number.is_some_and(|number| number >= from.0 / size)
}

/// Returns what in a data directory is neither PostgreSQL's nor a log.
fn own_configuration(datadir: &Path) -> Result<Vec<PathBuf>, ServerError> {
    let is_ours = |name: &OsStr| {
        let name = name.to_str().unwrap_or_default();
        !OWN_FILES.contains(&name) && !OWN_FOLDERS.contains(&name)
    };
    let names = names(datadir)?.into_iter();
    Ok(names
        .filter(|name| is_ours(name))
        .map(PathBuf::from)
        .collect())
}

/// Copies a file, or a directory with its files, to the same place below another directory.
fn copy_below(from: &Path, path: &Path, to: &Path, left: &mut u64) -> Result<(), ServerError> {
    let source = from.join(path);
    let found = fs::symlink_metadata(&source).map_err(failed("read", &source))?;
    if found.is_dir() {
        beside::make(&to.join(path))?;
        for name in names(&source)? {
            copy_below(from, &path.join(name), to, left)?;
        }
        return Ok(());
    }
    *left = left.checked_sub(found.len()).ok_or_else(|| ServerError::File {
        what: format!("cannot keep {}", source.display()),
        cause: format!("what is not PostgreSQL's has more than {MOST} bytes; move it out of the data directory"),
    })?;
    beside::copy(&source, &to.join(path))
}

fn names(folder: &Path) -> Result<Vec<std::ffi::OsString>, ServerError> {
    let entries = fs::read_dir(folder).map_err(failed("read", folder))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    let mut names = names
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed("read", folder))?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
