//! Reads the password file when a connection needs it, so that a changed password takes effect at
//! once.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use thiserror::Error;

use super::optional_file;
use crate::base::regular_file;
use crate::base::shell::quoted;
use crate::postgres::conninfo::{FileChoice, Secret, Target, passfile};

/// Most bytes of a password file.
const MOST: u64 = 1 << 20;

/// The password for a server, if there is one.
#[derive(Debug)]
pub enum Password {
    /// The password.
    Known(Secret),
    /// No password is given, and there is no file or no line in it for this server.
    Unknown,
    /// No password is given, and the file is ignored, as libpq does with a warning.
    FileIgnored(PassfileProblem),
}

/// Why a password file cannot be used.
#[derive(Debug, Error)]
pub enum PassfileProblem {
    /// The file cannot be opened or read.
    #[error(
        "cannot read the password file {path}: {source}; make it readable for the user this runs as, \
         with permissions u=rw (0600)"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The path is a folder, a pipe or the like.
    #[error("the password file {path} is not a plain file; put the passwords into a plain one")]
    NotPlain {
        /// The file.
        path: PathBuf,
    },
    /// Other users may read the passwords.
    #[error(
        "the password file {path} has group or world access ({mode:04o}); run chmod 0600 {shown}",
        shown = quoted(&path.to_string_lossy())
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// Returns the password for `target`: the one given with it, or else that in its password file.
///
/// # Errors
///
/// Only if the settings name the file and it cannot be read. An unreadable default file is ignored: most
/// daemons log in without a password and have no home directory of their own.
pub fn password(target: &Target) -> Result<Password, PassfileProblem> {
    if let Some(password) = &target.password {
        return Ok(Password::Known(password.clone()));
    }
    let Some(choice) = &target.passfile else {
        return Ok(Password::Unknown);
    };
    match (read(choice), choice) {
        (Ok(None), _) => Ok(Password::Unknown),
        (Ok(Some(text)), _) => {
            Ok(passfile::find(&text, target).map_or(Password::Unknown, Password::Known))
        }
        (Err(error @ PassfileProblem::Unreadable { .. }), FileChoice::Named(_)) => Err(error),
        (Err(problem), _) => Ok(Password::FileIgnored(problem)),
    }
}

fn read(choice: &FileChoice) -> Result<Option<Vec<u8>>, PassfileProblem> {
    let unreadable = |source| PassfileProblem::Unreadable {
        path: choice.path().into(),
        source,
    };
    let file = optional_file::open(choice.path()).map_err(unreadable)?;
    let Some(file) = file else {
        return Ok(None);
    };
    check(&file, choice).map_err(unreadable)??;
    let text = regular_file::contents(&file, MOST).map_err(unreadable)?;
    Ok(Some(text))
}

/// Checks the conditions of `passwordFromFile` in libpq's `fe-connect.c`.
fn check(file: &File, choice: &FileChoice) -> io::Result<Result<(), PassfileProblem>> {
    let metadata = file.metadata()?;
    let path = choice.path().into();
    Ok(if !metadata.is_file() {
        Err(PassfileProblem::NotPlain { path })
    } else if metadata.mode() & 0o077 != 0 {
        Err(PassfileProblem::Exposed {
            path,
            mode: metadata.mode() & 0o7777,
        })
    } else {
        Ok(())
    })
}

#[cfg(test)]
mod tests;
