//! The commands that let the daemon's user read a file, and nobody else but root; opens no file.
//!
//! A mode alone is not enough: without its group a file of root with mode 0640 is one that the daemon cannot read.

use std::path::Path;

use crate::base::shell::quoted;

/// For a file with a secret: its group is the daemon's.
#[must_use]
pub fn for_group(path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = quoted(&path);
    format!("chgrp pgsql-state {path} && chmod 640 {path}")
}

/// For a private key, which only root may share with a group (libpq's rule).
#[must_use]
pub fn for_group_of_root(path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = quoted(&path);
    format!("chown root:pgsql-state {path} && chmod 640 {path}")
}

/// For a password file, which its owner alone may read (libpq's rule).
#[must_use]
pub fn for_owner(path: &Path, user: &str) -> String {
    let path = path.to_string_lossy();
    let path = quoted(&path);
    format!("chown {} {path} && chmod 600 {path}", quoted(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_one_word_of_each_command() {
        let path = Path::new("/etc/my $(key)");
        assert_eq!(
            for_group(path),
            "chgrp pgsql-state '/etc/my $(key)' && chmod 640 '/etc/my $(key)'"
        );
        assert_eq!(
            for_group_of_root(path),
            "chown root:pgsql-state '/etc/my $(key)' && chmod 640 '/etc/my $(key)'"
        );
        assert_eq!(
            for_owner(path, "pgsql-state"),
            "chown pgsql-state '/etc/my $(key)' && chmod 600 '/etc/my $(key)'"
        );
    }
}
