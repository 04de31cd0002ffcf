//! The file that makes a server start as a standby. Knows no process.

use std::fs;

use crate::agent::actions::ServerError;
use crate::agent::ocf::parameters::Parameters;
use crate::base::folder::MissingFolders;
use crate::base::regular_file;

/// The file by which a server is a standby (PostgreSQL manual, "Standby Server Operation").
const SIGNAL: &str = "standby.signal";

/// Makes the next start that of a standby. What counts is what PostgreSQL finds there, which follows links: one that leads
/// nowhere is replaced. A `recovery.signal` beside it was created by an administrator, and has no
/// effect then (`readRecoverySignalFile` in `src/backend/access/transam/xlogrecovery.c`). One that is there is left
/// alone: nobody looks into it.
pub(super) fn write(parameters: &Parameters) -> Result<(), ServerError> {
    let path = parameters.datadir.join(SIGNAL);
    if fs::metadata(&path).is_ok() {
        return Ok(());
    }
    let replaced = regular_file::replace(&path, &[], 0o600, MissingFolders::Fail);
    replaced.map_err(|error| ServerError::File {
        what: format!("cannot write {}", path.display()),
        cause: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::Path;

    use super::*;

    fn parameters(datadir: &Path) -> Parameters {
        Parameters {
            system_user: String::new(),
            bindir: "/".into(),
            pgdata: datadir.into(),
            datadir: datadir.into(),
            pghost: "/".into(),
            pgport: 1,
            maxlag: None,
            recovery_template: datadir.join("recovery.conf.pcmk"),
            start_opts: String::new(),
        }
    }

    #[test]
    fn a_signal_file_is_empty_and_written_once() {
        let datadir = tempfile::tempdir().unwrap();
        let parameters = parameters(datadir.path());
        let signal = datadir.path().join(SIGNAL);
        write(&parameters).unwrap();
        let mode = fs::metadata(&signal).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&signal).unwrap(), "");
        let inode = || fs::metadata(&signal).unwrap().ino();
        let before = inode();
        write(&parameters).unwrap();
        assert_eq!(inode(), before);
        let names = fs::read_dir(datadir.path()).unwrap();
        assert_eq!(names.count(), 1);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_replaced_by_a_file() {
        let datadir = tempfile::tempdir().unwrap();
        let parameters = parameters(datadir.path());
        let signal = datadir.path().join(SIGNAL);
        for target in ["nowhere", SIGNAL] {
            symlink(target, &signal).unwrap();
            write(&parameters).unwrap();
            assert!(fs::symlink_metadata(&signal).unwrap().is_file(), "{target}");
            fs::remove_file(&signal).unwrap();
        }
    }
}
