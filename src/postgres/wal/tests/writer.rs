//! A server that writes WAL, and the records that a walk should find in it.

use std::convert::Infallible;
use std::ops::{Deref, DerefMut, Range};

use wal_writer::Layout;

use crate::health::Lsn;
use crate::postgres::timeline::{PromotionTime, Timeline};
use crate::postgres::wal::{
    Format, Geometry, History, Magic, Mark, Record, RecordKind, Segment, Segments,
};
use crate::postgres::wal::{Stop, Walk};

pub(crate) use wal_writer::Files;

pub(crate) const SYSTEM: u64 = 7_123_456_789_012_345_678;
pub(crate) const SEGMENT: u64 = 1 << 20;
pub(crate) const PAGE: u64 = 1 << 10;
/// Where the WAL of a new writer begins.
pub(crate) const START: Lsn = Lsn(SEGMENT);

impl Segments for &Files {
    type Error = Infallible;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, Infallible> {
        Ok(self.read_file(&segment.to_string(), offset, buffer))
    }
}

/// A server that writes.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    inner: wal_writer::Writer,
    /// The records that a walk should find.
    pub(crate) records: Vec<Record>,
    pub(crate) format: Format,
}

impl Deref for Writer {
    type Target = wal_writer::Writer;

    fn deref(&self) -> &wal_writer::Writer {
        &self.inner
    }
}

impl DerefMut for Writer {
    fn deref_mut(&mut self) -> &mut wal_writer::Writer {
        &mut self.inner
    }
}

pub(crate) fn format(major: u32) -> Format {
    Format {
        magic: Magic::of(major).unwrap(),
        geometry: Geometry::new(u32::try_from(SEGMENT).unwrap(), 1024).unwrap(),
        system_identifier: SYSTEM,
    }
}

impl Writer {
    pub(crate) fn new(major: u32) -> Self {
        let format = format(major);
        let layout = Layout {
            magic: format.magic.0,
            system: SYSTEM,
            segment: SEGMENT,
            page: PAGE,
        };
        Self {
            inner: wal_writer::Writer::new(layout, START.0),
            records: Vec::new(),
            format,
        }
    }

    /// Where the next record begins, or the page on which it is the first.
    pub(crate) fn at(&self) -> Lsn {
        Lsn(self.inner.stream.at)
    }

    /// Writes a record of no particular kind.
    pub(crate) fn other(&mut self, length: usize) {
        let record = self.inner.other(length);
        self.wrote(record, RecordKind::Other, None);
    }

    /// Writes a record of the resource manager XLOG with two timelines.
    pub(crate) fn mark(&mut self, mark: wal_writer::Mark, previous: Timeline) {
        let named = Mark {
            timeline: Timeline(self.inner.stream.timeline),
            previous,
        };
        let redo = self.at();
        let record = self.inner.mark(mark, previous.0);
        let (kind, redo) = match mark {
            wal_writer::Mark::ShutdownCheckpoint => {
                (RecordKind::ShutdownCheckpoint(named), Some(redo))
            }
            wal_writer::Mark::OnlineCheckpoint => (RecordKind::OnlineCheckpoint(named), Some(redo)),
            wal_writer::Mark::EndOfRecovery(time) => {
                (RecordKind::EndOfRecovery(named, PromotionTime(time)), None)
            }
        };
        self.wrote(record, kind, redo);
    }

    /// Leaves the rest of the segment empty.
    pub(crate) fn switch(&mut self) {
        let record = self.inner.switch();
        self.wrote(record, RecordKind::SegmentSwitch, None);
    }

    /// Writes a record with any content.
    pub(crate) fn record(&mut self, manager: u8, info: u8, content: &[u8], kind: RecordKind) {
        let record = self.inner.record(manager, info, content);
        self.wrote(record, kind, None);
    }

    /// Promotes the server: copies the segment up to here for a new timeline, and returns its history.
    pub(crate) fn fork(&mut self) -> History {
        let text = self.inner.fork();
        History::parse(Timeline(self.inner.stream.timeline), &text).unwrap()
    }

    fn wrote(&mut self, record: Range<u64>, kind: RecordKind, redo: Option<Lsn>) {
        self.records.push(Record {
            at: Lsn(record.start),
            end: Lsn(record.end),
            timeline: Timeline(self.inner.stream.timeline),
            kind,
            redo,
        });
    }
}

/// Walks to the end.
pub(crate) fn walk(
    files: &Files,
    format: Format,
    history: &History,
    start: Lsn,
) -> (Vec<Record>, Stop) {
    let mut files = files;
    let mut walk = Walk::new(&mut files, format, history, start);
    let mut records = Vec::new();
    loop {
        match walk.step() {
            Ok(Ok(record)) => records.push(record),
            Ok(Err(stop)) => return (records, stop),
        }
    }
}
