//! Asks Pacemaker whether this node has quorum. Does not know how the answer is used.

use std::process::Command;

use crate::base::Deadline;
use crate::base::program;
use crate::health::Quorum;

/// Runs `program --quorum` and returns the answer, or an error message for the log.
pub(super) fn ask(program: &str, deadline: Deadline) -> Result<Quorum, String> {
    let ended = program::run(Command::new(program).arg("--quorum"), deadline);
    let ended = ended.map_err(|error| format!("{program}: {error}"))?;
    let printed = ended.well(program).map_err(|error| error.to_string())?;
    match printed.trim_ascii() {
        "1" => Ok(Quorum::Held),
        "0" => Ok(Quorum::Lost),
        _ => Err(format!("{program} printed neither 1 nor 0")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::base::system_clock::OnSystemClock;

    const TIMEOUT: Duration = Duration::from_secs(1);

    /// Runs a shell script of these lines as the program.
    fn said_by(lines: &str) -> Result<Quorum, String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("crm_node");
        fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        ask(program.to_str().unwrap(), Deadline::after(TIMEOUT))
    }

    #[test]
    fn one_and_zero_are_the_only_answers() {
        assert_eq!(said_by("echo 1"), Ok(Quorum::Held));
        assert_eq!(said_by("echo 0"), Ok(Quorum::Lost));
        for other in ["echo 10", "echo", "echo yes", "echo 1; exit 1", "exit 102"] {
            assert!(said_by(other).is_err(), "{other}");
        }
    }

    #[test]
    fn an_error_names_the_program_and_the_cause() {
        let wrong = said_by("echo 'crm_node: no peers' >&2; exit 107");
        assert_eq!(
            wrong.unwrap_err().split_once(" failed ").unwrap().1,
            "(exit status: 107): crm_node: no peers"
        );
        let missing = ask("/nonexistent/crm_node", Deadline::after(TIMEOUT)).unwrap_err();
        let begin = "/nonexistent/crm_node: it cannot be started: ";
        assert!(missing.starts_with(begin), "{missing}");
        let babbling = said_by("exec cat /dev/zero").unwrap_err();
        assert!(babbling.contains("printed"), "{babbling}");
    }

    #[test]
    fn a_program_that_does_not_end_is_not_waited_for() {
        let begin = Instant::now();
        assert!(said_by("exec sleep 60").is_err());
        assert!(begin.elapsed() < 10 * TIMEOUT);
    }
}
