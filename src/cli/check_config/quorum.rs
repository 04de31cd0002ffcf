//! Compares the file of the quorum's unit with the one that the daemon reads; reads neither.

use std::path::Path;

use super::unit;
use crate::config::{Guard, Problem};
use crate::daemon::quorum::FILE;
use crate::health::QuorumGuard;

/// A warning if the unit on this host writes another file, so that the daemon would never see the quorum.
pub(super) fn warning(root: &Path, guard: &Guard) -> Option<Problem> {
    match guard.quorum {
        QuorumGuard::Off => return None,
        QuorumGuard::Pacemaker => {}
    }
    let command = unit::setting(root, unit::QUORUM, "ExecStart")?;
    let written = written(&command);
    if Path::new(written) == guard.quorum_file {
        return None;
    }
    let what = format!(
        "{} writes {written}, and not {}",
        unit::QUORUM,
        guard.quorum_file.display()
    );
    let hint =
        "remove guard.quorum_file, or install the unit that `pgsql-state generate systemd` prints";
    Some(Problem::warning("guard.quorum_file", &what, hint))
}

/// The file of `--file`, or the default.
fn written(command: &str) -> &str {
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        if word == "--file" {
            return words.next().unwrap_or(FILE);
        }
        if let Some(file) = word.strip_prefix("--file=") {
            return file;
        }
    }
    FILE
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_unit_that_writes_another_file_than_the_daemon_reads_is_warned_of() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("usr/lib/systemd/system");
        fs::create_dir_all(&folder).unwrap();
        let warned = |command: &str, file: &str| {
            let text = format!("[Service]\nExecStart={command}\n");
            fs::write(folder.join(unit::QUORUM), text).unwrap();
            let guard = Guard {
                quorum: QuorumGuard::Pacemaker,
                quorum_file: file.into(),
                ..Guard::default()
            };
            warning(root.path(), &guard).map(|problem| problem.message)
        };
        let usual = "/usr/bin/pgsql-state quorum";
        assert_eq!(warned(usual, FILE), None);
        let other = "/run/other/quorum";
        let said = warned(usual, other).unwrap();
        assert_eq!(
            said,
            format!("pgsql-state-quorum.service writes {FILE}, and not {other}")
        );
        assert_eq!(warned(&format!("{usual} --file {other}"), other), None);
        assert_eq!(warned(&format!("{usual} --file={other}"), other), None);
        assert_eq!(
            warning(&folder, &Guard::default()),
            None,
            "no quorum is asked for"
        );
    }
}
