//! Whether the quorum's unit writes the file that the daemon reads; asks neither Pacemaker nor systemd.

use std::path::Path;

use crate::cli::unit;
use crate::config::{Guard, Problem};
use crate::daemon::quorum::{FILE, problem};
use crate::health::QuorumGuard;

/// A warning if the unit on this host writes another file, so that the daemon would never see the quorum, or if nothing
/// writes it now.
pub(super) fn warning(root: &Path, guard: &Guard) -> Option<Problem> {
    match guard.quorum {
        QuorumGuard::Off => return None,
        QuorumGuard::Pacemaker => {}
    }
    let command = unit::setting(root, unit::QUORUM, "ExecStart");
    let Some(written) = command.as_deref().map(written) else {
        return unwritten(guard, "install pgsql-state-quorum.service, and start it");
    };
    if Path::new(written) == guard.quorum_file {
        return unwritten(guard, "systemctl enable --now pgsql-state-quorum.service");
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

/// A warning if the file says nothing about the quorum now.
fn unwritten(guard: &Guard, remedy: &str) -> Option<Problem> {
    let what = problem(&guard.quorum_file)?;
    let what = format!("{what}, so a primary answers `down no-quorum`");
    Some(Problem::warning("guard.quorum", &what, remedy))
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
        let guard = |file: &str| Guard {
            quorum: QuorumGuard::Pacemaker,
            quorum_file: file.into(),
            ..Guard::default()
        };
        let warned = |command: &str, file: &str| {
            let text = format!("[Service]\nExecStart={command}\n");
            fs::write(folder.join(unit::QUORUM), text).unwrap();
            warning(root.path(), &guard(file)).map(|problem| problem.message)
        };
        let usual = "/usr/bin/pgsql-state quorum";
        let other = "/nonexistent/quorum";
        let said = warned(usual, other).unwrap();
        assert_eq!(
            said,
            format!("pgsql-state-quorum.service writes {FILE}, and not {other}")
        );
        let unwritten = format!("there is no {other}, so a primary answers `down no-quorum`");
        for option in ["--file ", "--file="] {
            let said = warned(&format!("{usual} {option}{other}"), other);
            assert_eq!(said.as_ref(), Some(&unwritten));
        }
        let none = warning(&root.path().join("none"), &guard(other)).unwrap();
        assert!(
            none.sentence("")
                .ends_with("install pgsql-state-quorum.service, and start it")
        );
        assert_eq!(
            warning(&folder, &Guard::default()),
            None,
            "no quorum is asked for"
        );
    }
}
