//! Reads the note of Pacemaker's answer, and decides whether it is recent enough. Does not know which process wrote it.

use std::io;
use std::mem::{self, Discriminant};
use std::path::Path;
use std::time::{Duration, Instant};

use thiserror::Error;
use tracing::warn;

use super::note::Note;
use super::since_boot;
use crate::base::regular_file;
use crate::health::{Quorum, QuorumGuard};

/// Greatest age of an answer that counts, from the moment of its question: time for one late answer and for one missing
/// answer.
const OLDEST: Duration = Duration::from_secs(3);

/// Largest size of a note, in bytes.
const MOST: u64 = 64;

/// Reads the note, and logs each kind of problem with it once.
#[derive(Debug, Default)]
pub struct QuorumWatch {
    logged: Option<Discriminant<Complaint>>,
}

#[derive(Debug, Error)]
enum Complaint {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(io::Error),
    /// The content is not a note.
    #[error("its content is not a note of quorum")]
    Illegible,
    /// The note is older than [`OLDEST`].
    #[error("the note is too old")]
    Stale,
}

impl Complaint {
    fn about(&self, file: &Path) -> String {
        let shown = file.display();
        format!("cannot read from {shown} whether this node has quorum: {self}")
    }
}

impl QuorumWatch {
    /// The quorum for a question asked at `moment`; `None` if the guard is off.
    pub fn quorum(&mut self, moment: Instant, guard: QuorumGuard, file: &Path) -> Option<Quorum> {
        match guard {
            QuorumGuard::Off => {
                self.logged = None;
                None
            }
            QuorumGuard::Pacemaker => {
                let text = regular_file::read_text(file, MOST);
                Some(self.judge(text, moment.elapsed(), file))
            }
        }
    }

    fn judge(&mut self, text: io::Result<String>, ago: Duration, file: &Path) -> Quorum {
        let now = since_boot();
        let known = text
            .map_err(Complaint::Unreadable)
            .and_then(|text| known(&text, now.saturating_sub(ago), now));
        let complaint = match known {
            Ok(quorum) => {
                self.logged = None;
                return quorum;
            }
            Err(complaint) => complaint,
        };
        let kind = mem::discriminant(&complaint);
        if self.logged.replace(kind) != Some(kind) {
            let what = complaint.about(file);
            warn!("{what}; pgsql-state-quorum.service writes it");
        }
        Quorum::Unknown
    }
}

/// What is wrong with the note now, as a sentence for people without its remedy; `None` if something writes it, or if this
/// user may not read it.
#[must_use]
pub fn problem(file: &Path) -> Option<String> {
    let now = since_boot();
    let text = regular_file::read_text(file, MOST);
    match text
        .map_err(Complaint::Unreadable)
        .and_then(|text| known(&text, now, now))
    {
        Ok(Quorum::Held | Quorum::Lost | Quorum::Unknown) => None,
        Err(Complaint::Unreadable(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
            None
        }
        Err(Complaint::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => {
            Some(format!("there is no {}", file.display()))
        }
        Err(complaint) => Some(complaint.about(file)),
    }
}

/// The quorum in the note. The note may be newer than the question, which began at `then`, but not newer than `now`.
fn known(text: &str, then: Duration, now: Duration) -> Result<Quorum, Complaint> {
    let note = Note::parse(text).ok_or(Complaint::Illegible)?;
    note.age_at(now).ok_or(Complaint::Illegible)?;
    match note.age_at(then) {
        Some(age) if age > OLDEST => Err(Complaint::Stale),
        Some(_) | None => Ok(note.quorum),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::folder::MissingFolders;

    const AT: Duration = Duration::from_secs(1_000);

    #[test]
    fn a_note_counts_for_a_bounded_time() {
        let text = Note {
            quorum: Quorum::Held,
            asked: AT,
        }
        .to_string();
        let just = Duration::from_nanos(1);
        let before = Duration::from_secs(994);
        for (then, now, quorum) in [
            (AT, AT, Ok(Quorum::Held)),
            (AT + OLDEST, AT + OLDEST, Ok(Quorum::Held)),
            (
                AT + OLDEST + just,
                AT + 2 * OLDEST,
                Err("the note is too old"),
            ),
            // The question to the server began before the newest note was written.
            (before, AT + just, Ok(Quorum::Held)),
            // The note is from before a reboot.
            (before, before, Err("its content is not a note of quorum")),
        ] {
            let known = known(&text, then, now).map_err(|complaint| complaint.to_string());
            let expected = quorum.map_err(str::to_owned);
            assert_eq!(known, expected, "{then:?} {now:?}");
        }
    }

    #[test]
    fn the_quorum_is_unknown_without_a_valid_note() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("quorum");
        let quorum = || {
            let now = Instant::now();
            QuorumWatch::default().quorum(now, QuorumGuard::Pacemaker, &file)
        };
        assert_eq!(quorum(), Some(Quorum::Unknown));
        regular_file::traps::each(&file, |trap| {
            assert_eq!(quorum(), Some(Quorum::Unknown), "{trap}");
        });
        let asked = since_boot();
        let note = |quorum| Note { quorum, asked }.to_string();
        for (text, expected) in [
            (note(Quorum::Held), Quorum::Held),
            (note(Quorum::Lost), Quorum::Lost),
            (note(Quorum::Unknown), Quorum::Unknown),
            ("held".into(), Quorum::Unknown),
            (note(Quorum::Held).repeat(9), Quorum::Unknown),
        ] {
            regular_file::replace(&file, text.as_bytes(), 0o644, MissingFolders::Fail).unwrap();
            assert_eq!(quorum(), Some(expected), "{text}");
        }
        let said = |file: &Path| problem(file).unwrap_or_default();
        assert!(said(&file).starts_with("cannot read from "));
        regular_file::replace(
            &file,
            note(Quorum::Lost).as_bytes(),
            0o644,
            MissingFolders::Fail,
        )
        .unwrap();
        assert_eq!(said(&file), "");
        let gone = folder.path().join("gone");
        assert_eq!(said(&gone), format!("there is no {}", gone.display()));
        let off = QuorumWatch::default().quorum(Instant::now(), QuorumGuard::Off, &file);
        assert_eq!(off, None);
    }
}
