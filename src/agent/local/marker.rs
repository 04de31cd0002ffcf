//! The file that makes a server start as a standby. Knows no process.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::files;
use crate::agent::actions::ServerError;
use crate::agent::ocf::parameters::Parameters;
use crate::base::regular_file;

/// The first version with a standby's settings in `postgresql.conf`, and an empty signal file
/// (PostgreSQL manual, "Release 12").
pub(super) const FIRST_WITH_SIGNAL: u32 = 12;

/// How much of a template is read.
pub(super) const MOST: u64 = 1 << 20;

/// Makes the next start that of a standby. A `recovery.signal` beside it was created by an administrator, and has no
/// effect then (`readRecoverySignalFile` in `src/backend/access/transam/xlogrecovery.c`).
pub(super) fn write(parameters: &Parameters) -> Result<(), ServerError> {
    let datadir = &parameters.datadir;
    let (name, content) = if files::major(datadir)? >= FIRST_WITH_SIGNAL {
        ("standby.signal", Vec::new())
    } else {
        let template = &parameters.recovery_template;
        let content = regular_file::read(template, MOST).map_err(|error| ServerError::File {
            what: format!("cannot read the recovery_template {}", template.display()),
            cause: error.to_string(),
        })?;
        ("recovery.conf", content)
    };
    replace(datadir, name, &content).map_err(|error| ServerError::File {
        what: format!("cannot write {}", datadir.join(name).display()),
        cause: error.to_string(),
    })
}

/// Replaces the content of a file, so that it is there completely or not at all if the power fails.
fn replace(directory: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let path = directory.join(name);
    match regular_file::read(&path, MOST) {
        Ok(found) if found == content => return Ok(()),
        Ok(_) => {}
        // The content of a signal file is never read.
        Err(_) if content.is_empty() && files::exists(&path)? => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    regular_file::replace(&path, content, 0o600)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    fn parameters(datadir: &Path, version: &str) -> Parameters {
        fs::write(datadir.join("PG_VERSION"), version).unwrap();
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
    fn a_template_that_is_not_a_regular_file_is_not_copied() {
        let datadir = tempfile::tempdir().unwrap();
        let parameters = parameters(datadir.path(), "11\n");
        regular_file::traps::each(&parameters.recovery_template, |trap| {
            assert!(write(&parameters).is_err(), "{trap}");
        });
    }

    #[test]
    fn a_signal_file_is_empty_and_written_once() {
        let datadir = tempfile::tempdir().unwrap();
        let parameters = parameters(datadir.path(), "12\n");
        let signal = datadir.path().join("standby.signal");
        write(&parameters).unwrap();
        let mode = fs::metadata(&signal).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&signal).unwrap(), "");
        let inode = || fs::metadata(&signal).unwrap().ino();
        let before = inode();
        write(&parameters).unwrap();
        assert_eq!(inode(), before);
    }

    #[test]
    fn a_template_is_copied_as_it_is_now_and_leaves_nothing_else() {
        let datadir = tempfile::tempdir().unwrap();
        let parameters = parameters(datadir.path(), "11\n");
        let error = write(&parameters).unwrap_err().to_string();
        assert!(error.contains("recovery.conf.pcmk"), "{error}");
        for content in ["standby_mode = on\n", "standby_mode = 'on'\n", ""] {
            fs::write(&parameters.recovery_template, content).unwrap();
            write(&parameters).unwrap();
            let copied = fs::read_to_string(datadir.path().join("recovery.conf"));
            assert_eq!(copied.unwrap(), content);
        }
        let names = fs::read_dir(datadir.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["PG_VERSION", "recovery.conf", "recovery.conf.pcmk"]);
    }
}
