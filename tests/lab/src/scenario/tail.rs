//! Reads a record while it is being written; knows nothing of what the notes mean.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use pgsql_state_traffic::Note;

use super::clients::unread;
use crate::error::Error;

/// The end of a growing file of notes.
#[derive(Clone, Debug)]
pub(super) struct Tail {
    path: PathBuf,
    read: u64,
    begin: Option<Duration>,
}

impl Tail {
    /// From the file's beginning; it may not be there yet.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            read: 0,
            begin: None,
        }
    }

    /// When the clients began, since 1970; every note's time is counted from there.
    pub(super) fn begin(&self) -> Option<Duration> {
        self.begin
    }

    /// The notes that were added since the last call.
    pub(super) fn fresh(&mut self) -> Result<Vec<Note>, Error> {
        let Ok(mut file) = File::open(&self.path) else {
            return Ok(Vec::new());
        };
        let reading = || Error::io(format!("read {}", self.path.display()));
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.read)).map_err(reading())?;
        file.read_to_end(&mut bytes).map_err(reading())?;
        let mut notes = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if !line.ends_with(b"\n") {
                break;
            }
            self.read += u64::try_from(line.len()).unwrap_or_default();
            let note = serde_json::from_slice(line).map_err(unread(&self.path))?;
            if let Note::Begin(begin) = &note {
                self.begin = Some(begin.at);
            }
            notes.push(note);
        }
        Ok(notes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn each_note_is_seen_once_and_only_when_its_line_is_whole() {
        let scratch = support::scratch::Scratch::new().unwrap();
        let path = scratch.path().join("record");
        let mut tail = Tail::of(&path);
        assert!(tail.fresh().unwrap().is_empty());
        let mut file = File::create(&path).unwrap();
        let begin = "{\"begin\":{\"run\":\"r\",\"at_us\":5,\"writers\":[],\"readers\":[]}}\n";
        file.write_all(begin.as_bytes()).unwrap();
        file.write_all(b"{\"end\":{\"at").unwrap();
        assert_eq!(tail.fresh().unwrap().len(), 1);
        assert_eq!(tail.begin(), Some(Duration::from_micros(5)));
        assert!(tail.fresh().unwrap().is_empty());
        file.write_all(b"_us\":7}}\n").unwrap();
        assert!(matches!(tail.fresh().unwrap()[..], [Note::End(_)]));
    }
}
