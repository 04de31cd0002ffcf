//! Reads a setting of a unit and its drop-ins from systemd's folders; asks systemd nothing, so a setting that was made at
//! run time with `systemctl set-property` is found only where systemd keeps it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::regular_file;

/// Below this are systemd's folders.
pub(super) const ROOT: &str = "/";

/// The daemon's unit.
pub(super) const DAEMON: &str = "pgsql-state.service";

/// The unit that asks Pacemaker.
pub(super) const QUORUM: &str = "pgsql-state-quorum.service";

/// The folders of units, the one that takes precedence first (systemd.unit(5)).
const FOLDERS: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

/// Most bytes of a file: a unit has some thousand.
const MOST: u64 = 64 * 1024;

/// The last value of a setting, or `None` if there is no such unit, or it has no such setting.
pub(super) fn setting(root: &Path, unit: &str, key: &str) -> Option<String> {
    settings(root, unit, key).pop().map(|(_, value)| value)
}

/// The last value of a setting in the unit and in each of its drop-ins, with the file, in the order in which systemd
/// reads them.
pub(super) fn settings(root: &Path, unit: &str, key: &str) -> Vec<(PathBuf, String)> {
    let folders = FOLDERS.map(|folder| root.join(folder));
    let mut units = folders.iter().map(|folder| folder.join(unit));
    let Some(own) = units.find(|path| path.exists()) else {
        return Vec::new();
    };
    let mut drop_ins: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder.join(format!("{unit}.d"))).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "conf")
        })
        .collect();
    // The order in which systemd reads them, whatever their folder.
    drop_ins.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    let values = [own].into_iter().chain(drop_ins).filter_map(|path| {
        let text = regular_file::read_text(&path, MOST).ok()?;
        let mut lines = text.lines().rev();
        let value =
            lines.find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))?;
        let value = value.trim().to_owned();
        Some((path, value))
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_the_drop_ins_counts() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let user = || setting(root.path(), DAEMON, "User");
        assert_eq!(user(), None);
        let packaged = "usr/lib/systemd/system/pgsql-state.service";
        write(packaged, "[Service]\nUser=pgsql-state\nGroup=pgsql-state\n");
        assert_eq!(user().as_deref(), Some("pgsql-state"));
        let drop_ins = "etc/systemd/system/pgsql-state.service.d";
        write(
            &format!("{drop_ins}/as-postgres.conf"),
            "[Service]\nUser = postgres\n",
        );
        write(&format!("{drop_ins}/z.conf.bak"), "User=else\n");
        write(&format!("{drop_ins}/peers.conf"), "PrivateNetwork=no\n");
        assert_eq!(user().as_deref(), Some("postgres"));
        let files = settings(root.path(), DAEMON, "User");
        let files: Vec<_> = files.iter().map(|(path, _)| path.as_path()).collect();
        let expected = [packaged.to_owned(), format!("{drop_ins}/as-postgres.conf")];
        assert_eq!(files, expected.map(|path| root.path().join(path)));
        assert_eq!(setting(root.path(), QUORUM, "User"), None);
    }
}
