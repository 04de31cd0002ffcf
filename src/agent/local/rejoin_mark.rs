//! Keeps a server from being started from a data directory whose files `pgsql-state rejoin` was replacing when it ended. Knows
//! nothing of how they are replaced.

use std::io::ErrorKind;
use std::path::Path;

use crate::agent::actions::ServerError;
use crate::agent::decide::rejoin_record::{self, RejoinRecord};
use crate::base::regular_file;

/// The longest record that is read.
const MOST: u64 = 1 << 20;

/// Reads the record beside a data directory; `None` if there is none.
pub(super) fn read(datadir: &Path) -> Result<Option<RejoinRecord>, ServerError> {
    let path = rejoin_record::path(datadir);
    let wrong = |cause: String| ServerError::File {
        what: format!("cannot read {}", path.display()),
        cause,
    };
    match regular_file::read_text(&path, MOST) {
        Ok(text) => {
            let read = RejoinRecord::parse(&text);
            read.map(Some).map_err(|error| wrong(error.to_string()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Returns an error if the data directory must not be started: it may have files of two servers. A record that cannot be
/// read may be of such a phase.
pub(super) fn refuse(datadir: &Path) -> Result<(), ServerError> {
    match read(datadir)? {
        Some(record) if !record.phase.may_be_started() => Err(ServerError::Unproven(format!(
            "{} is being replaced by pgsql-state rejoin, or that was interrupted in the phase {}; run pgsql-state rejoin \
             again",
            datadir.display(),
            record.phase.word()
        ))),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::agent::decide::rejoin_record::RejoinPhase;

    #[test]
    fn a_directory_whose_files_are_being_replaced_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let datadir = folder.path().join("data");
        assert!(refuse(&datadir).is_ok());
        let path = rejoin_record::path(&datadir);
        fs::create_dir(path.parent().unwrap()).unwrap();
        let write = |phase| fs::write(&path, RejoinRecord::new(phase, None).text()).unwrap();
        write(RejoinPhase::Save);
        assert!(refuse(&datadir).is_ok());
        write(RejoinPhase::Rewind);
        let refused = refuse(&datadir).unwrap_err().to_string();
        assert!(refused.contains("in the phase rewind"), "{refused}");
        fs::write(&path, "{").unwrap();
        assert!(refuse(&datadir).is_err());
        fs::remove_file(&path).unwrap();
        regular_file::traps::each(&path, |trap| assert!(refuse(&datadir).is_err(), "{trap}"));
    }
}
