//! Finds that PostgreSQL's Unix socket is in a folder into which any user could put another one.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::config::Problem;
use crate::daemon::Configured;
use crate::postgres::conninfo::Endpoint;

/// The bit of a mode by which everyone may put files into a folder.
const OTHERS_WRITE: u32 = 0o002;

/// A warning, unless `requirepeer` says whose server has to answer.
pub(super) fn warning(settings: &Configured) -> Option<Problem> {
    let target = &settings.postgres.target;
    let directory = match &target.endpoint {
        Endpoint::Unix { directory, .. } if target.require_peer.is_none() => directory,
        Endpoint::Unix { .. } | Endpoint::Tcp { .. } => return None,
    };
    is_open(directory).then(|| {
        let what = format!(
            "while PostgreSQL is stopped any user's program may listen in {}, and answer in its place",
            directory.display()
        );
        let hint = "add requirepeer=postgres to postgres.conninfo, or give PostgreSQL a socket in a folder of its own \
                    (unix_socket_directories)";
        Problem::warning("postgres.conninfo", &what, hint)
    })
}

/// Whether everyone may put a socket there. A sticky bit only keeps others from removing what is there, and a name in the
/// abstract namespace is free for everyone (`unix(7)`).
fn is_open(directory: &Path) -> bool {
    let is_abstract = directory.to_string_lossy().starts_with('@');
    let folder = fs::metadata(directory);
    is_abstract || folder.is_ok_and(|folder| folder.mode() & OTHERS_WRITE != 0)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_is_open_if_everyone_may_write_to_it() {
        let folder = tempfile::tempdir().unwrap();
        for (mode, open) in [
            (0o755, false),
            (0o2775, false),
            (0o777, true),
            (0o1777, true),
        ] {
            fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open(folder.path()), open, "{mode:o}");
        }
        assert!(!is_open(Path::new("/nonexistent")));
        assert!(is_open(Path::new("@postgresql")));
    }
}
