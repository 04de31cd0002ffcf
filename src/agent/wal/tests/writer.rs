//! A server that writes WAL, and what a walk should find of it.

use std::convert::Infallible;
use std::ops::{Deref, DerefMut, Range};

use wal_writer::Layout;

use crate::agent::branch::PromotionTime;
use crate::agent::timeline::Timeline;
use crate::agent::wal::{Format, Geometry, History, Kind, Magic, Mark, Record, Segment, Segments};
use crate::agent::wal::{Stop, Walk};
use crate::role::Lsn;

pub(in crate::agent) use wal_writer::Files;

pub(in crate::agent) const SYSTEM: u64 = 7_123_456_789_012_345_678;
pub(in crate::agent) const SEGMENT: u64 = 1 << 20;
pub(in crate::agent) const PAGE: u64 = 1 << 10;
/// Where the WAL of a new writer begins.
pub(in crate::agent) const START: Lsn = Lsn(SEGMENT);

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
pub(in crate::agent) struct Writer {
    inner: wal_writer::Writer,
    /// What a walk should find.
    pub(in crate::agent) records: Vec<Record>,
    pub(in crate::agent) format: Format,
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

pub(in crate::agent) fn format(major: u32) -> Format {
    Format {
        magic: Magic::of(major).unwrap(),
        geometry: Geometry::new(u32::try_from(SEGMENT).unwrap(), 1024).unwrap(),
        system_identifier: SYSTEM,
    }
}

impl Writer {
    pub(in crate::agent) fn new(major: u32) -> Self {
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

    /// Where the next record begins, or the page that it is the first on.
    pub(in crate::agent) fn at(&self) -> Lsn {
        Lsn(self.inner.stream.at)
    }

    /// Writes a record that means nothing here.
    pub(in crate::agent) fn other(&mut self, length: usize) {
        let record = self.inner.other(length);
        self.wrote(record, Kind::Other);
    }

    /// Writes a record of the log itself that names two timelines.
    pub(in crate::agent) fn mark(&mut self, mark: wal_writer::Mark, previous: Timeline) {
        let named = Mark {
            timeline: Timeline(self.inner.stream.timeline),
            previous,
        };
        let record = self.inner.mark(mark, previous.0);
        let kind = match mark {
            wal_writer::Mark::ShutdownCheckpoint => Kind::ShutdownCheckpoint(named),
            wal_writer::Mark::OnlineCheckpoint => Kind::OnlineCheckpoint(named),
            wal_writer::Mark::EndOfRecovery(time) => {
                Kind::EndOfRecovery(named, PromotionTime(time))
            }
        };
        self.wrote(record, kind);
    }

    /// Leaves the rest of the segment empty.
    pub(in crate::agent) fn switch(&mut self) {
        let record = self.inner.switch();
        self.wrote(record, Kind::SegmentSwitch);
    }

    /// Writes a record with any content.
    pub(in crate::agent) fn record(&mut self, manager: u8, info: u8, content: &[u8], kind: Kind) {
        let record = self.inner.record(manager, info, content);
        self.wrote(record, kind);
    }

    /// Promotes: the segment is copied up to here for a new timeline, and its history returned.
    pub(in crate::agent) fn fork(&mut self) -> History {
        let text = self.inner.fork();
        History::parse(Timeline(self.inner.stream.timeline), &text).unwrap()
    }

    fn wrote(&mut self, record: Range<u64>, kind: Kind) {
        self.records.push(Record {
            at: Lsn(record.start),
            end: Lsn(record.end),
            timeline: Timeline(self.inner.stream.timeline),
            kind,
        });
    }
}

/// Walks to the end.
pub(in crate::agent) fn walk(
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
