//! What the note of Pacemaker's answer is worth at a moment. Knows nothing of who wrote it.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tracing::warn;

use super::note::Note;
use super::since_boot;
use crate::base::regular_file;
use crate::health::{Quorum, QuorumGuard};

/// Oldest answer that counts, from the moment of its question: one that comes late, and one that does not come at all.
const OLDEST: Duration = Duration::from_secs(3);

/// No note is longer.
const MOST: u64 = 64;

/// Reads the note for whoever needs it, and says once what is wrong with it.
#[derive(Debug, Default)]
pub struct QuorumWatch {
    complaint: Option<Complaint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Complaint {
    /// It cannot be read.
    Unreadable,
    /// It is no note.
    Illegible,
    /// Nobody has written it for a while.
    Stale,
}

impl QuorumWatch {
    /// What is known at `moment`, for a guard that needs it.
    pub fn quorum(&mut self, moment: Instant, guard: QuorumGuard, file: &Path) -> Option<Quorum> {
        match guard {
            QuorumGuard::Off => {
                self.complaint = None;
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
        let shown = file.display();
        let (complaint, why) = match text {
            Err(error) => (Complaint::Unreadable, error.to_string()),
            Ok(text) => match known(&text, now.saturating_sub(ago), now) {
                Ok(quorum) => {
                    self.complaint = None;
                    return quorum;
                }
                Err(complaint) => {
                    let why = match complaint {
                        Complaint::Stale => "nobody has renewed it",
                        Complaint::Illegible | Complaint::Unreadable => "it is no note of a quorum",
                    };
                    (complaint, why.to_owned())
                }
            },
        };
        if self.complaint != Some(complaint) {
            self.complaint = Some(complaint);
            warn!(
                "{shown} does not tell whether this node has quorum: {why}; pgsql-state-quorum.service writes it"
            );
        }
        Quorum::Unknown
    }
}

/// What a note says that may be of a time to come for the question, but not now.
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
            (AT + OLDEST + just, AT + 2 * OLDEST, Err(Complaint::Stale)),
            // The question took a while, and began before the newest note.
            (before, AT + just, Ok(Quorum::Held)),
            // Of another start of the host.
            (before, before, Err(Complaint::Illegible)),
        ] {
            assert_eq!(known(&text, then, now), quorum, "{then:?} {now:?}");
        }
    }

    #[test]
    fn what_is_no_note_is_unknown() {
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
            regular_file::replace(&file, text.as_bytes(), 0o644).unwrap();
            assert_eq!(quorum(), Some(expected), "{text}");
        }
        let off = QuorumWatch::default().quorum(Instant::now(), QuorumGuard::Off, &file);
        assert_eq!(off, None);
    }
}
