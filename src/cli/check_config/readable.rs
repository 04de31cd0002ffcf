//! Finds files that the daemon's user may not read, by owner, group and mode; reads none of them. The user who checks the
//! configuration, root say, may well read them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::getxattr;
use rustix::io::Errno;

use super::named::{NamedFile, NamedFileKind};
use super::user::DaemonUser;
use crate::base::shell::quoted;
use crate::config::{DEFAULT_PATH, Problem, for_group, for_group_of_root, for_owner};

/// The bits of a mode for one kind of users.
const READ: u32 = 0o4;
const ENTER: u32 = 0o1;

/// An error for each of these files that the user may not read, the configuration first.
pub(super) fn problems(
    configuration: Option<&Path>,
    named: &[NamedFile],
    user: &DaemonUser,
) -> Vec<Problem> {
    let configuration = NamedFile {
        key: "",
        path: configuration.unwrap_or(Path::new(DEFAULT_PATH)).to_owned(),
        kind: NamedFileKind::Ordinary,
    };
    let all = [&configuration].into_iter().chain(named);
    let unreadable = all.filter_map(|file| {
        let path = &file.path;
        let (what, hint) = match refusing(file, user)? {
            Refusing::Itself => (
                format!("{} may not read {}", user.name, path.display()),
                format!("let it, and nobody else, with: {}", let_read(file, user)),
            ),
            Refusing::Folder(folder) => (
                format!(
                    "{} may not enter {}, so it cannot read {}",
                    user.name,
                    folder.display(),
                    path.display()
                ),
                let_enter(folder, path),
            ),
        };
        Some(Problem::error(file.key, &what, &hint))
    });
    unreadable.collect()
}

/// What keeps the user from a file.
enum Refusing<'p> {
    Itself,
    Folder(&'p Path),
}

/// Returns `None` also for a file that does not exist, or whose access control list decides.
fn refusing<'p>(file: &'p NamedFile, user: &DaemonUser) -> Option<Refusing<'p>> {
    let mut folders: Vec<_> = file.path.ancestors().skip(1).collect();
    folders.reverse();
    let closed = folders
        .into_iter()
        .find(|folder| is_refused(folder, user, ENTER));
    if let Some(folder) = closed {
        return Some(Refusing::Folder(folder));
    }
    let wanted = match file.kind {
        NamedFileKind::Ordinary | NamedFileKind::PrivateKey | NamedFileKind::PasswordFile => READ,
        NamedFileKind::Folder => READ | ENTER,
    };
    is_refused(&file.path, user, wanted).then_some(Refusing::Itself)
}

fn is_refused(path: &Path, user: &DaemonUser, wanted: u32) -> bool {
    // A relative path has an empty folder above it.
    if path.as_os_str().is_empty() || has_list(path) {
        return false;
    }
    fs::metadata(path).is_ok_and(|metadata| {
        // The mode of a pipe, as a shell's `<(...)` makes it, means nothing.
        let is_judged = metadata.is_file() || metadata.is_dir();
        let owner = (metadata.uid(), metadata.gid());
        is_judged && user.bits_of(owner, metadata.mode()) & wanted != wanted
    })
}

/// Whether the file has an access control list (acl(5)), whose entries count beside the mode.
fn has_list(path: &Path) -> bool {
    let mut list = [0_u8; 4096];
    match getxattr(path, "system.posix_acl_access", &mut list[..]) {
        Ok(_) | Err(Errno::RANGE) => true,
        Err(_) => false,
    }
}

fn let_read(file: &NamedFile, user: &DaemonUser) -> String {
    let path = &file.path;
    match file.kind {
        NamedFileKind::Ordinary => for_group(path),
        NamedFileKind::PrivateKey => for_group_of_root(path),
        NamedFileKind::PasswordFile => for_owner(path, &user.name),
        NamedFileKind::Folder => {
            let path = path.to_string_lossy();
            let path = quoted(&path);
            format!("chgrp pgsql-state {path} && chmod 750 {path}")
        }
    }
}

fn let_enter(folder: &Path, file: &Path) -> String {
    const OURS: &str = "/etc/pgsql-state";
    if folder == Path::new(OURS) {
        return format!("let it with: chgrp pgsql-state {OURS} && chmod 750 {OURS}");
    }
    let file = file.to_string_lossy();
    format!(
        "move the file: install -m 640 -g pgsql-state {} {OURS}/",
        quoted(&file)
    )
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Nobody who owns a file here, in no group.
    fn stranger() -> DaemonUser {
        DaemonUser {
            name: "pgsql-state".into(),
            uid: u32::MAX - 2,
            groups: vec![u32::MAX - 2],
        }
    }

    #[test]
    fn a_file_or_a_folder_that_the_mode_keeps_from_the_user_is_an_error_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "").unwrap();
        let named = NamedFile {
            key: "admission.token_file",
            path: path.clone(),
            kind: NamedFileKind::Ordinary,
        };
        let said = |folder_mode, mode| {
            fs::set_permissions(folder.path(), Permissions::from_mode(folder_mode)).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let problems = problems(
                Some(Path::new("/dev/null")),
                std::slice::from_ref(&named),
                &stranger(),
            );
            let said: Vec<_> = problems
                .iter()
                .map(|problem| problem.sentence(""))
                .collect();
            said.join("\n")
        };
        assert_eq!(said(0o755, 0o644), "");
        let shown = path.display();
        assert_eq!(
            said(0o755, 0o640),
            format!(
                "admission.token_file: pgsql-state may not read {shown}; let it, and nobody else, with: chgrp \
                 pgsql-state {shown} && chmod 640 {shown}"
            )
        );
        assert_eq!(
            said(0o750, 0o644),
            format!(
                "admission.token_file: pgsql-state may not enter {}, so it cannot read {shown}; move the file: \
                 install -m 640 -g pgsql-state {shown} /etc/pgsql-state/",
                folder.path().display()
            )
        );
        fs::remove_file(&path).unwrap();
        let gone = problems(
            Some(Path::new("/dev/null")),
            std::slice::from_ref(&named),
            &stranger(),
        );
        assert_eq!(gone.len(), 1, "the folder is still closed");
    }
}
