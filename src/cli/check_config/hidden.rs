//! Finds files that the configuration names and that the daemon's unit hides from it; the user who checks the
//! configuration may well read them.

use std::fs;
use std::path::Path;

use super::named::NamedFile;
use crate::base::shell::quoted;
use crate::config::Problem;

/// The folders that `ProtectHome=yes` makes empty (systemd.exec(5)). `/tmp` is not among them: the units have
/// `PrivateTmp=no`.
const HOMES: &[&str] = &["/home", "/root", "/run/user"];

/// A warning for each of these files that the daemon would not find.
pub(super) fn warnings(named: &[NamedFile]) -> Vec<Problem> {
    let hidden = named.iter().filter_map(|file| {
        let path = &file.path;
        // What is hidden is the file, wherever the link to it is.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let home = hiding(path).or_else(|| hiding(&real))?;
        let what = format!(
            "{} is in {home}, which ProtectHome=yes in pgsql-state.service hides from the daemon",
            path.display()
        );
        let hint = format!(
            "move it to /etc/pgsql-state: install --mode 0640 --group pgsql-state {} /etc/pgsql-state/",
            quoted(&path.to_string_lossy())
        );
        Some(Problem::warning(file.key, &what, &hint))
    });
    hidden.collect()
}

/// The folder that is hidden and has this file in it.
fn hiding(path: &Path) -> Option<&'static str> {
    let mut homes = HOMES.iter();
    homes.find(|home| path.starts_with(home)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_protect_home_hides_is_known() {
        for (path, home) in [
            ("/home/anna/token", Some("/home")),
            ("/root/.pgpass", Some("/root")),
            ("/run/user/1000/key", Some("/run/user")),
            ("/run/users/key", None),
            ("/homes/token", None),
            ("/tmp/token", None),
            ("/etc/pgsql-state/token", None),
        ] {
            assert_eq!(hiding(Path::new(path)), home, "{path}");
        }
    }

    /// The directives in the message are those of the unit.
    #[test]
    fn the_units_hide_homes_and_not_the_folder_for_temporary_files() {
        let unit = include_str!("../../../systemd/pgsql-state.service");
        let lines: Vec<&str> = unit.lines().collect();
        for line in ["ProtectHome=yes", "PrivateTmp=no"] {
            assert!(lines.contains(&line), "{line}");
        }
    }
}
