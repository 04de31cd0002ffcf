//! The file that has a server start as a standby. Knows no process.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::files;
use crate::agent::parameters::Parameters;
use crate::recipes::ServerError;

/// The first version with settings for a standby in `postgresql.conf`, and a file of no content beside it
/// (PostgreSQL manual, "Release 12").
pub(super) const FIRST_WITH_SIGNAL: u32 = 12;

/// Has the next start be that of a standby. A `recovery.signal` beside it is somebody's own, and counts for
/// nothing then (`readRecoverySignalFile` in `src/backend/access/transam/xlogrecovery.c`).
pub(super) fn write(parameters: &Parameters) -> Result<(), ServerError> {
    let datadir = &parameters.datadir;
    let (name, content) = if files::major(datadir)? >= FIRST_WITH_SIGNAL {
        ("standby.signal", Vec::new())
    } else {
        let template = &parameters.recovery_template;
        let content = fs::read(template).map_err(|error| ServerError::File {
            what: format!(
                "the recovery_template {} cannot be read",
                template.display()
            ),
            cause: error.to_string(),
        })?;
        ("recovery.conf", content)
    };
    replace(datadir, name, &content).map_err(|error| ServerError::File {
        what: format!("{} cannot be written", datadir.join(name).display()),
        cause: error.to_string(),
    })
}

/// Gives a file its content so that it is there whole or not at all, whenever the power fails.
fn replace(directory: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let path = directory.join(name);
    match fs::read(&path) {
        Ok(found) if found == content => return Ok(()),
        Ok(_) => {}
        // Nobody looks into a signal.
        Err(_) if content.is_empty() && files::exists(&path)? => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let temporary = directory.join(format!("{name}.pgsqlms"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, &path)?;
    File::open(directory)?.sync_all()
}
