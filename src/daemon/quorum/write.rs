//! Asks Pacemaker once a second, and writes each answer to a file. Does not know which process reads the file.

use std::path::Path;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::ask::ask;
use super::note::Note;
use super::since_boot;
use crate::base::folder::MissingFolders;
use crate::base::log_rate::{LogNews, LogRate};
use crate::base::regular_file;
use crate::base::system_clock::{OnSystemClock, SystemClock};
use crate::base::{Clock, Deadline};
use crate::health::Quorum;

/// Pacemaker's own tool: `--quorum` prints 1 or 0 (`crm_node(8)`).
const PROGRAM: &str = "crm_node";

/// Time between the beginnings of two questions.
const INTERVAL: Duration = Duration::from_secs(1);

/// Longest time that one question may take.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Mode of the file: every user may read it.
const MODE: u32 = 0o644;

/// Writes an answer to `file` once a second, without end. Calls `attempted` after each attempt, successful or not.
pub fn write_notes(file: &Path, mut attempted: impl FnMut()) -> ! {
    let mut rate = LogRate::default();
    loop {
        let began = Instant::now();
        let wrong = write_note(file, PROGRAM, Deadline::after(TIMEOUT)).err();
        match (rate.line(wrong.clone(), began), wrong) {
            (Some(LogNews::Again), _) => info!("Pacemaker says again whether this node has quorum"),
            (Some(LogNews::Error), Some(wrong)) => warn!("{wrong}"),
            (Some(LogNews::Error) | None, _) => {}
        }
        attempted();
        SystemClock.pause(INTERVAL.saturating_sub(began.elapsed()));
    }
}

/// Asks once and writes the note; the error is a message for the log.
fn write_note(file: &Path, program: &str, deadline: Deadline) -> Result<(), String> {
    let asked = since_boot();
    let answer = ask(program, deadline);
    let quorum = *answer.as_ref().unwrap_or(&Quorum::Unknown);
    let text = Note { quorum, asked }.to_string();
    let written = regular_file::replace(file, text.as_bytes(), MODE, MissingFolders::Fail);
    written.map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    let unheard = |wrong| format!("cannot ask Pacemaker whether this node has quorum: {wrong}");
    answer.map(drop).map_err(unheard)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_answer_is_noted_with_the_time_of_its_question() {
        let folder = tempfile::tempdir().unwrap();
        let (file, program) = (folder.path().join("quorum"), folder.path().join("tool"));
        let soon = Deadline::after(Duration::from_secs(20));
        for (script, quorum) in [
            ("sleep 0.05; echo 1", Quorum::Held),
            ("echo 0", Quorum::Lost),
            ("exit 1", Quorum::Unknown),
        ] {
            fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            let before = since_boot();
            let written = write_note(&file, program.to_str().unwrap(), soon);
            assert_eq!(written.is_err(), quorum == Quorum::Unknown, "{written:?}");
            let note = Note::parse(&fs::read_to_string(&file).unwrap()).unwrap();
            assert_eq!(note.quorum, quorum);
            assert!(note.asked >= before);
            if quorum == Quorum::Held {
                let age = note.age_at(since_boot()).unwrap();
                assert!(age >= Duration::from_millis(50), "{age:?}");
            }
        }
    }
}
