//! What a server has on its disk, read as the agent reads it, from files.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use pgsql_state::health::Lsn;
use pgsql_state::postgres::control::{Control, read};
use pgsql_state::postgres::wal::{
    End, Format, History, Magic, Record, Segment, Segments, Stop, Walk,
};
use pgsql_state::postgres::{Position, Timeline};
use support::Postgres;

use crate::waldump::{Dumped, pg_waldump};

/// The files of a `pg_wal`.
struct Folder(PathBuf);

impl Segments for Folder {
    type Error = io::Error;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> io::Result<Option<usize>> {
        let file = match File::open(self.0.join(segment.to_string())) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut length = 0;
        while length < buffer.len() {
            let from = offset + u64::try_from(length).unwrap();
            match file.read_at(&mut buffer[length..], from)? {
                0 => break,
                more => length += more,
            }
        }
        Ok(Some(length))
    }
}

/// What a server has on its disk.
pub(crate) struct Disk {
    pub(crate) folder: PathBuf,
    pub(crate) control: Control,
    pub(crate) format: Format,
}

impl Disk {
    pub(crate) fn of(server: &Postgres) -> Self {
        let data = server.data_dir();
        let control = read(&fs::read(data.join("global/pg_control")).unwrap()).unwrap();
        let major = fs::read_to_string(data.join("PG_VERSION")).unwrap();
        Self {
            folder: data.join("pg_wal"),
            control,
            format: Format {
                magic: Magic::of(major.trim().parse().unwrap()).unwrap(),
                geometry: control.geometry,
                system_identifier: control.system_identifier,
            },
        }
    }

    /// The history of a timeline, by its file if there is one.
    pub(crate) fn history(&self, timeline: u32) -> History {
        let timeline = Timeline(timeline);
        match fs::read_to_string(self.folder.join(History::file_name(timeline))) {
            Ok(text) => History::parse(timeline, &text).unwrap(),
            Err(_) => History::alone(timeline),
        }
    }

    pub(crate) fn end(&self, timeline: u32) -> (End, Stop) {
        let mut files = Folder(self.folder.clone());
        let start = self.control.checkpoint.redo;
        let history = self.history(timeline);
        let mut walk = Walk::new(&mut files, self.format, &history, start);
        let mut found = None;
        loop {
            match walk.step().unwrap() {
                Ok(last) => found = Some(last),
                Err(stopped) => {
                    let last = found.expect("some WAL");
                    let position = Position {
                        timeline: last.timeline,
                        lsn: last.end,
                    };
                    return (End { position, last }, stopped);
                }
            }
        }
    }

    pub(crate) fn walk(&self, history: &History, start: Lsn) -> Vec<Record> {
        let mut files = Folder(self.folder.clone());
        let mut walk = Walk::new(&mut files, self.format, history, start);
        let mut records = Vec::new();
        while let Ok(record) = walk.step().unwrap() {
            records.push(record);
        }
        records
    }

    /// Holds every record of one timeline from a position on against the program's.
    pub(crate) fn agrees(&self, timeline: u32, start: Lsn) -> Vec<Record> {
        let records = self.walk(&History::alone(Timeline(timeline)), start);
        let (dumped, next) = pg_waldump(&self.folder, timeline, start);
        let found: Vec<Dumped> = records.iter().map(Dumped::of).collect();
        for (ours, theirs) in found.iter().zip(&dumped) {
            assert_eq!(ours, theirs);
        }
        assert_eq!(found.len(), dumped.len());
        if let Some(next) = next {
            let end = records.last().unwrap().end;
            // It names the record's place, we the page that the record would be the first on.
            assert!(next == end || (end.0.is_multiple_of(8192) && next.0 - end.0 <= 40));
        }
        records
    }
}
