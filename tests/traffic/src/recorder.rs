//! The clock of a run and the notes of its clients, which others may look at while it runs; with a
//! file, every note is in it at once.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::record::{Begin, End, Note, Record};

/// The clock and the notes of a run.
pub(crate) struct Recorder {
    began: Instant,
    notes: Mutex<Notes>,
}

struct Notes {
    record: Record,
    file: Option<(PathBuf, File)>,
}

impl Recorder {
    /// Begins, with a new file if one is named.
    pub(crate) fn begin(begin: Begin, path: Option<&Path>) -> Result<Self, Error> {
        let file = match path {
            Some(path) => {
                let file = File::create(path).map_err(Error::file("write", path))?;
                Some((path.to_owned(), file))
            }
            None => None,
        };
        let recorder = Self {
            began: Instant::now(),
            notes: Mutex::new(Notes {
                record: Record::of(begin.clone()),
                file,
            }),
        };
        recorder.note(Note::Begin(begin))?;
        Ok(recorder)
    }

    /// Time since the beginning, in the microseconds that files hold.
    pub(crate) fn now(&self) -> Duration {
        self.since(Instant::now())
    }

    /// The same of another moment; zero before the beginning.
    pub(crate) fn since(&self, moment: Instant) -> Duration {
        let since = moment.saturating_duration_since(self.began);
        Duration::new(since.as_secs(), since.subsec_micros() * 1_000)
    }

    /// Notes something.
    pub(crate) fn note(&self, note: Note) -> Result<(), Error> {
        let mut notes = self.notes();
        if let Some((path, file)) = &mut notes.file {
            let mut write = || {
                let mut line = serde_json::to_string(&note)?;
                line.push('\n');
                // In one piece, so that whoever reads along sees whole lines.
                file.write_all(line.as_bytes())
            };
            write().map_err(Error::file("write", path.as_path()))?;
        }
        notes.record.add(note);
        Ok(())
    }

    /// Notes the end.
    pub(crate) fn end(&self) -> Result<(), Error> {
        self.note(Note::End(End { at: self.now() }))
    }

    /// What was noted so far, looked at.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&self.notes().record)
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Reads the file of a run that has ended, still goes on, or was killed: a last line without its
    /// end is left out.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
        let wrong = |line: usize, source| Error::Record {
            path: path.to_owned(),
            line: line + 1,
            source,
        };
        let mut notes = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .enumerate()
            .map(|(line, text)| {
                serde_json::from_str(text).map_err(|error| wrong(line, Some(error)))
            });
        let Some(Note::Begin(begin)) = notes.next().transpose()? else {
            return Err(wrong(0, None));
        };
        notes.try_fold(Self::of(begin), |mut record, note| {
            record.add(note?);
            Ok(record)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use crate::record::{Primary, Read, Seen, Unreached, Who, Write};

    fn begin() -> Begin {
        Begin {
            run: "run".into(),
            at: Duration::from_micros(1_763_785_800_123_456),
            writers: vec!["srv1:5432".into()],
            readers: Vec::new(),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_noted_without_a_torn_last_line() {
        let scratch = support::scratch::Scratch::new().unwrap();
        let path = scratch.path().join("record");
        let recorder = Recorder::begin(begin(), Some(&path)).unwrap();
        let (sent, ended) = (Duration::from_micros(1), recorder.now());
        let outcomes = [
            Ok(Primary {
                host: "one".into(),
                timeline: 3,
            }),
            Err(Failure::ReadOnly),
        ];
        for outcome in outcomes {
            let write = Write {
                writer: 0,
                number: 7,
                sent,
                ended,
                outcome,
            };
            recorder.note(Note::Write(write)).unwrap();
        }
        let seen = Seen {
            host: "two".into(),
            in_recovery: true,
            newest: None,
        };
        let read = Read {
            reader: 1,
            sent,
            ended,
            outcome: Ok(seen),
        };
        recorder.note(Note::Read(read)).unwrap();
        let unreached = Unreached {
            who: Who::Reader(1),
            began: sent,
            ended,
            why: Failure::Refused,
        };
        recorder.note(Note::Unreached(unreached)).unwrap();
        recorder.end().unwrap();

        let noted = recorder.look(Record::clone);
        assert_eq!((noted.writes.len(), noted.reads.len()), (2, 1));
        assert!(noted.end.is_some());
        assert_eq!(Record::read(&path).unwrap(), noted);

        let text = fs::read_to_string(&path).unwrap() + "{\"write\":";
        fs::write(&path, text).unwrap();
        assert_eq!(Record::read(&path).unwrap(), noted);
    }

    #[test]
    fn another_file_is_refused_with_the_line() {
        let scratch = support::scratch::Scratch::new().unwrap();
        let path = scratch.path().join("record");
        let begin = serde_json::to_string(&Note::Begin(begin())).unwrap();
        for (text, line) in [
            ("", 1),
            ("{}\n", 1),
            ("{\"end\":{\"at_us\":1}}\n", 1),
            (&format!("{begin}\nnothing\n"), 2),
        ] {
            fs::write(&path, text).unwrap();
            let said = Record::read(&path).unwrap_err().to_string();
            assert!(said.contains(&format!("line {line},")), "{said}");
        }
    }
}
