//! What the mode of a configuration lets others do, as warnings; opens no file.

use std::path::Path;

use crate::base::shell::quoted;
use crate::config::modes::for_group;
use crate::config::problem::{Problem, Wrong};
use crate::config::secrets;

/// The bit of a mode by which everyone on the host may read the file.
pub(super) const OTHERS_READ: u32 = 0o004;

/// Returns a warning if others than the owner may write the file.
pub(super) fn writable(path: &Path, mode: u32) -> Option<Problem> {
    const GROUP: u32 = 0o020;
    const OTHERS: u32 = 0o002;
    let who = match (mode & GROUP != 0, mode & OTHERS != 0) {
        (_, true) => "everyone",
        (true, false) => "its group",
        (false, false) => return None,
    };
    let message = format!("{who} may write this file, and so decide which server is asked");
    let hint = format!("take that away with: {}", chmod("go-w", path));
    Some(Wrong::warning(message, hint).into())
}

/// Returns the command that changes a file's mode.
pub(super) fn chmod(mode: &str, path: &Path) -> String {
    format!("chmod {mode} {}", quoted(&path.to_string_lossy()))
}

/// Returns a warning if everyone may read the file and it contains a password.
pub(super) fn readable(path: &Path, mode: u32, content: &[u8]) -> Option<Problem> {
    let is_open = mode & OTHERS_READ != 0;
    let has_password = || secrets::has_password(&String::from_utf8_lossy(content));
    (is_open && has_password()).then(|| {
        let hint = format!(
            "take that away with: {}; or name a password file (passfile=...)",
            for_group(path)
        );
        Wrong::warning(
            "everyone on this host may read this file, which has a password",
            hint,
        )
        .into()
    })
}
