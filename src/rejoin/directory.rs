//! Looks through a data directory for what does not belong there. Changes nothing, and follows no link.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::facts::{DirectoryFacts, FileOddity, OddFile, Tablespace};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// How many odd files are named.
const MOST_ODD: usize = 20;

/// Looks through a data directory.
pub(super) fn look(datadir: &Path, deadline: Deadline) -> io::Result<DirectoryFacts> {
    let root = fs::metadata(datadir)?;
    let wal = datadir.join("pg_wal");
    let mut facts = DirectoryFacts {
        wal_elsewhere: fs::read_link(wal).ok(),
        tablespaces: tablespaces(datadir)?,
        ..DirectoryFacts::default()
    };
    let mut left = vec![PathBuf::new()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(datadir.join(&folder))? {
            if deadline.has_passed() {
                return Err(io::Error::other(
                    "it has too many files to be looked through in time",
                ));
            }
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let found = match entry.metadata() {
                Ok(found) => found,
                // It was removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if let Some(oddity) = oddity(&path, &found, &root) {
                if facts.odd.len() < MOST_ODD {
                    facts.odd.push(OddFile { path, oddity });
                }
            } else if found.is_dir() {
                left.push(path);
            }
        }
    }
    facts.odd.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(facts)
}

fn oddity(path: &Path, found: &Metadata, root: &Metadata) -> Option<FileOddity> {
    let is_expected_link = path == Path::new("pg_wal") || path.starts_with("pg_tblspc");
    let kind = found.file_type();
    if kind.is_symlink() {
        return (!is_expected_link).then_some(FileOddity::Link);
    }
    if !kind.is_file() && !kind.is_dir() {
        return Some(FileOddity::Special);
    }
    if found.dev() != root.dev() {
        return Some(FileOddity::Mount);
    }
    (found.uid() != root.uid()).then_some(FileOddity::Owner)
}

fn tablespaces(datadir: &Path) -> io::Result<std::collections::BTreeSet<Tablespace>> {
    let folder = datadir.join("pg_tblspc");
    let mut found = std::collections::BTreeSet::new();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let oid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let (Some(oid), Ok(place)) = (oid, fs::read_link(entry.path())) {
            found.insert(Tablespace { oid, place });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::time::Duration;

    use super::*;

    #[test]
    fn links_and_sockets_are_odd_and_postgresqls_own_links_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["base", "base/5", "pg_tblspc"] {
            fs::create_dir(path(name)).unwrap();
        }
        fs::write(path("base/5/1259"), "").unwrap();
        symlink("/wal", path("pg_wal")).unwrap();
        symlink("/srv/space", path("pg_tblspc/16400")).unwrap();
        let soon = || Deadline::after(Duration::from_secs(60));
        let facts = look(folder.path(), soon()).unwrap();
        assert_eq!(facts.odd, []);
        assert_eq!(facts.wal_elsewhere, Some("/wal".into()));
        let space = Tablespace {
            oid: 16400,
            place: "/srv/space".into(),
        };
        assert_eq!(facts.tablespaces, [space].into());
        symlink("/dev/null", path("postgresql.auto.conf")).unwrap();
        drop(UnixListener::bind(path("base/socket")).unwrap());
        let facts = look(folder.path(), soon()).unwrap();
        let odd: Vec<_> = facts
            .odd
            .iter()
            .map(|one| (one.path.to_str().unwrap(), one.oddity))
            .collect();
        assert_eq!(
            odd,
            [
                ("base/socket", FileOddity::Special),
                ("postgresql.auto.conf", FileOddity::Link)
            ]
        );
        assert!(look(folder.path(), Deadline::after(Duration::ZERO)).is_err());
    }
}
