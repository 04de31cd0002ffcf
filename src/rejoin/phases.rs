//! What single phases do to files. As the owner of the data directory. Knows no order.

use std::fs::{self, File};
use std::path::Path;

use super::beside::{self, Beside, failed};
use super::programs::{self, Tell};
use crate::agent::actions::ServerError;
use crate::agent::local::Owner;

/// The ends of the names of files by which the archiver knows what is to be archived, and what has been.
const READY: &str = ".ready";
const DONE: &str = ".done";

/// Archives what still waits for it, as the archiver would: `pg_rewind` would remove it.
pub(super) fn archive(owner: &Owner<'_>, lock: &File, tell: Tell<'_>) -> Result<(), ServerError> {
    let command = match owner.setting("archive_mode")?.as_str() {
        "on" | "always" => owner.setting("archive_command")?,
        _ => String::new(),
    };
    // A module that archives (archive_library) can be run by the server alone.
    if command.is_empty() {
        return Ok(());
    }
    let folder = owner.datadir().join("pg_wal/archive_status");
    for name in ready(&folder)? {
        tell(&format!("archiving {name}"));
        programs::archive(owner, lock, &command, &name)?;
        let status = folder.join(format!("{name}{READY}"));
        let done = folder.join(format!("{name}{DONE}"));
        fs::rename(&status, done).map_err(failed("rename", &status))?;
    }
    Ok(())
}

/// Has the server recover from its crash. A standby would not be recovered but wait for a primary.
pub(super) fn recover(owner: &Owner<'_>, lock: &File) -> Result<(), ServerError> {
    for signal in ["standby.signal", "recovery.signal"] {
        beside::remove(&owner.datadir().join(signal))?;
    }
    programs::recover(owner, lock)
}

/// Marks the WAL that came from the primary as archived: the primary archives it. A segment without content was removed on the
/// primary while it was copied.
pub(super) fn tidy_archive_status(datadir: &Path) -> Result<(), ServerError> {
    let pg_wal = datadir.join("pg_wal");
    let folder = pg_wal.join("archive_status");
    for name in ready(&folder)? {
        let status = folder.join(format!("{name}{READY}"));
        let done = folder.join(format!("{name}{DONE}"));
        fs::rename(&status, done).map_err(failed("rename", &status))?;
    }
    for entry in fs::read_dir(&pg_wal).map_err(failed("read", &pg_wal))? {
        let path = entry.map_err(failed("read", &pg_wal))?.path();
        let found = fs::symlink_metadata(&path).map_err(failed("read", &path))?;
        if found.is_file() && found.len() == 0 {
            beside::remove(&path)?;
        }
    }
    Ok(())
}

/// Puts the new copy in the place of the data directory, by two renames, however far they have come before.
pub(super) fn swap(datadir: &Path, beside: &Beside) -> Result<(), ServerError> {
    let (new, old) = (beside.path("new"), beside.path("old"));
    if !new.exists() {
        return Ok(());
    }
    if datadir.exists() {
        beside::remove(&old)?;
        fs::rename(datadir, &old).map_err(failed("move", datadir))?;
    }
    fs::rename(&new, datadir).map_err(failed("move", &new))?;
    beside::sync(datadir.parent().unwrap_or(datadir))
}

/// Returns the names of the files that wait to be archived, the oldest first.
fn ready(folder: &Path) -> Result<Vec<String>, ServerError> {
    let entries = fs::read_dir(folder).map_err(failed("read", folder))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed("read", folder))?.file_name();
        let name = name.to_str().and_then(|name| name.strip_suffix(READY));
        names.extend(name.map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_takes_the_place_of_the_data_directory_from_wherever_it_was_interrupted() {
        for interrupted in 0..3 {
            let folder = tempfile::tempdir().unwrap();
            let datadir = folder.path().join("data");
            let beside = Beside::of(&datadir);
            beside::make(&beside.path("")).unwrap();
            fs::create_dir(&datadir).unwrap();
            fs::write(datadir.join("which"), "old").unwrap();
            let new = beside.anew("new").unwrap();
            fs::write(new.join("which"), "new").unwrap();
            if interrupted > 0 {
                fs::rename(&datadir, beside.path("old")).unwrap();
            }
            if interrupted > 1 {
                fs::rename(&new, &datadir).unwrap();
            }
            swap(&datadir, &beside).unwrap();
            assert_eq!(fs::read_to_string(datadir.join("which")).unwrap(), "new");
            assert_eq!(fs::read_to_string(beside.path("old/which")).unwrap(), "old");
        }
    }

    #[test]
    fn wal_of_the_primary_is_not_archived_again() {
        let folder = tempfile::tempdir().unwrap();
        let datadir = folder.path();
        let status = datadir.join("pg_wal/archive_status");
        fs::create_dir_all(&status).unwrap();
        fs::write(status.join("000000010000000000000003.ready"), "").unwrap();
        fs::write(status.join("000000010000000000000002.done"), "").unwrap();
        fs::write(datadir.join("pg_wal/000000010000000000000002"), "wal").unwrap();
        fs::write(datadir.join("pg_wal/000000010000000000000003"), "").unwrap();
        tidy_archive_status(datadir).unwrap();
        assert!(ready(&status).unwrap().is_empty());
        assert!(status.join("000000010000000000000003.done").exists());
        assert!(datadir.join("pg_wal/000000010000000000000002").exists());
        assert!(!datadir.join("pg_wal/000000010000000000000003").exists());
    }
}
