//! Where the throw-away servers keep their files: removed at the end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::packages::POSTGRES_USER;
use crate::error::Error;

/// A folder that user postgres can reach into, unlike a checkout in root's home.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("pgsql-state-bench-")
            .tempdir()
            .map_err(|error| Error::io("make a temporary folder", error))?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
            .map_err(Error::file(folder.path()))?;
        Ok(Self(folder))
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A new empty folder in it that belongs to user postgres alone.
    pub(crate) fn for_postgres(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.path().join(name);
        let owner = format!("--owner={POSTGRES_USER}");
        run(Command::new("install")
            .args(["-d", "-m", "700", owner.as_str()])
            .arg(&path))?;
        Ok(path)
    }

    /// A copy of `program` that user postgres can start, made once: a file that runs cannot be written.
    pub(crate) fn copy_program(&self, program: &Path) -> Result<PathBuf, Error> {
        let copy = self
            .path()
            .join(program.file_name().unwrap_or(program.as_os_str()));
        if copy.exists() {
            return Ok(copy);
        }
        fs::copy(program, &copy).map_err(Error::file(program))?;
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))
            .map_err(Error::file(&copy))?;
        Ok(copy)
    }

    /// A file that everybody can read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let path = self.path().join(name);
        fs::write(&path, text).map_err(Error::file(&path))?;
        Ok(path)
    }
}

/// Runs a command to its end and returns what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Error::Command {
        command: name.clone(),
        detail: error.to_string(),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let detail = format!("{}: {}", output.status, said.trim());
        return Err(Error::Command {
            command: name,
            detail,
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
