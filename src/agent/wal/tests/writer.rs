//! Writes WAL as a server does (`CopyXLogRecordToWAL` and `AdvanceXLInsertBuffer` in
//! `src/backend/access/transam/xlog.c`).

use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::agent::timeline::Timeline;
use crate::agent::wal::{Format, Geometry, History, Kind, Magic, Record, Segment, Segments};
use crate::agent::wal::{Stop, Walk};
use crate::role::Lsn;

pub(super) const SYSTEM: u64 = 7_123_456_789_012_345_678;
pub(super) const SEGMENT: u64 = 1 << 20;
pub(super) const PAGE: u64 = 1 << 10;
/// Where the WAL of a new writer begins.
pub(super) const START: Lsn = Lsn(SEGMENT);

/// The files of `pg_wal`, by their name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Files(pub(super) BTreeMap<String, Vec<u8>>);

impl Segments for &Files {
    type Error = Infallible;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, Infallible> {
        Ok(self.0.get(&segment.to_string()).map(|file| {
            let rest = file.get(usize::try_from(offset).unwrap()..);
            let rest = rest.unwrap_or_default();
            let length = rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&rest[..length]);
            length
        }))
    }
}

/// A server that writes.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) files: Files,
    /// What a walk should find.
    pub(super) records: Vec<Record>,
    pub(super) format: Format,
    pub(super) timeline: Timeline,
    /// Where the next record begins, or the page that it is the first on.
    pub(super) at: Lsn,
    previous: Lsn,
    /// What the next page's header is to say beside what it must.
    flags: u16,
}

pub(super) fn format(major: u32) -> Format {
    Format {
        magic: Magic::of(major).unwrap(),
        geometry: Geometry::new(u32::try_from(SEGMENT).unwrap(), 1024).unwrap(),
        system_identifier: SYSTEM,
    }
}

impl Writer {
    pub(super) fn new(major: u32) -> Self {
        Self {
            files: Files::default(),
            records: Vec::new(),
            format: format(major),
            timeline: Timeline(1),
            at: START,
            previous: Lsn(0x28),
            flags: 0,
        }
    }

    /// Writes a record that means nothing here.
    pub(super) fn other(&mut self, length: usize) {
        let content: Vec<u8> = (0_u8..=255).cycle().take(length).collect();
        self.record(10, 0, &content, Kind::Other);
    }

    /// Writes a record of the log itself that names two timelines.
    pub(super) fn mark(&mut self, info: u8, previous: Timeline, kind: Kind) {
        let mut content = vec![255, 88];
        content.extend(self.at.0.to_ne_bytes());
        content.extend(self.timeline.0.to_ne_bytes());
        content.extend(previous.0.to_ne_bytes());
        content.resize(90, 0);
        self.record(0, info, &content, kind);
    }

    /// Leaves the rest of the segment empty.
    pub(super) fn switch(&mut self) {
        self.record(0, 0x40, &[], Kind::SegmentSwitch);
        self.at = Lsn(self.at.0.next_multiple_of(SEGMENT));
        self.records.last_mut().unwrap().end = self.at;
    }

    /// Promotes: the segment is copied up to here for a new timeline, and its history returned.
    pub(super) fn fork(&mut self) -> History {
        let from = Segment::holding(self.at, self.timeline, self.format.geometry).to_string();
        let text = format!("{}\t{}\tpromoted\n", self.timeline, self.at);
        self.timeline = Timeline(self.timeline.0 + 1);
        let to = Segment::holding(self.at, self.timeline, self.format.geometry).to_string();
        if let Some(mut copy) = self.files.0.get(&from).cloned() {
            copy[usize::try_from(self.at.0 % SEGMENT).unwrap()..].fill(0);
            self.files.0.insert(to, copy);
        }
        History::parse(self.timeline, &text).unwrap()
    }

    /// Writes the first page's part of a record, and has the next page say that its rest is lost.
    pub(super) fn lose_the_rest(&mut self) {
        let (files, at) = (self.files.clone(), self.at);
        let lost = self.at.0 / PAGE * PAGE + PAGE;
        self.other(3000);
        self.records.pop();
        let file = Segment::holding(at, self.timeline, self.format.geometry).to_string();
        let kept = usize::try_from(lost % SEGMENT).unwrap();
        let mut content = self.files.0[&file].clone();
        content[kept..].fill(0);
        self.files = files;
        self.files.0.insert(file, content);
        self.previous = self.records.last().unwrap().at;
        self.at = Lsn(lost);
        self.flags = 8;
    }

    /// Writes a record with any content.
    pub(super) fn record(&mut self, manager: u8, info: u8, content: &[u8], kind: Kind) {
        let mut bytes = Vec::from(u32::try_from(24 + content.len()).unwrap().to_ne_bytes());
        bytes.extend(77_u32.to_ne_bytes());
        bytes.extend(self.previous.0.to_ne_bytes());
        bytes.extend([info, manager, 0, 0]);
        let crc = crc32c::crc32c_append(crc32c::crc32c(content), &bytes);
        bytes.extend(crc.to_ne_bytes());
        bytes.extend(content);
        let mut begin = None;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            if self.at.0.is_multiple_of(PAGE) {
                self.header(begin.map(|_| rest.len()));
            }
            begin.get_or_insert(self.at);
            let room = usize::try_from(PAGE - self.at.0 % PAGE).unwrap();
            let (now, later) = rest.split_at(rest.len().min(room));
            self.put(now);
            rest = later;
        }
        self.at = Lsn(self.at.0.next_multiple_of(8));
        self.previous = begin.unwrap();
        self.records.push(Record {
            at: self.previous,
            end: self.at,
            timeline: self.timeline,
            kind,
        });
    }

    fn header(&mut self, rest: Option<usize>) {
        let is_long = self.at.0.is_multiple_of(SEGMENT);
        let flags = u16::from(rest.is_some()) | u16::from(is_long) << 1 | self.flags;
        self.flags = 0;
        let mut bytes = Vec::from(self.format.magic.0.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(self.timeline.0.to_ne_bytes());
        bytes.extend(self.at.0.to_ne_bytes());
        let rest = u32::try_from(rest.unwrap_or_default()).unwrap();
        bytes.extend(rest.to_ne_bytes());
        bytes.extend([0; 4]);
        if is_long {
            bytes.extend(SYSTEM.to_ne_bytes());
            bytes.extend(u32::try_from(SEGMENT).unwrap().to_ne_bytes());
            bytes.extend(u32::try_from(PAGE).unwrap().to_ne_bytes());
        }
        self.put(&bytes);
    }

    fn put(&mut self, bytes: &[u8]) {
        let file = Segment::holding(self.at, self.timeline, self.format.geometry).to_string();
        let whole = usize::try_from(SEGMENT).unwrap();
        let content = self.files.0.entry(file).or_insert_with(|| vec![0; whole]);
        let offset = usize::try_from(self.at.0 % SEGMENT).unwrap();
        content[offset..offset + bytes.len()].copy_from_slice(bytes);
        self.at = Lsn(self.at.0 + u64::try_from(bytes.len()).unwrap());
    }
}

/// Walks to the end.
pub(super) fn walk(
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
