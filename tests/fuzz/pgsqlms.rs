//! What must hold for any control file and any WAL that the agent finds on a disk.

use std::convert::Infallible;

use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::read;
use pgsql_state::postgres::wal::{
    Format, Geometry, History, Magic, Record, RecordKind, Segment, Segments, Walk,
};

/// The control file's reader: a file is read whole or refused in one printable sentence, and no changed
/// byte of what is read goes unnoticed.
pub(crate) fn control(bytes: &[u8]) {
    match read(bytes) {
        Ok(control) => {
            assert_eq!(read(&[bytes, b"more"].concat()), Ok(control));
            for place in 0..280 {
                let mut changed = bytes.to_vec();
                changed[place] ^= 1;
                assert!(read(&changed).is_err(), "{place}");
            }
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error}"),
    }
}

/// The files of two timelines, both with the segment of the same number.
struct Two<'a>([&'a [u8]; 2]);

impl Segments for Two<'_> {
    type Error = Infallible;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, Infallible> {
        let file = match (segment.timeline, segment.number) {
            (Timeline(1), 1) => self.0[0],
            (Timeline(2), 1) => self.0[1],
            _ => return Ok(None),
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = file.get(offset..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(Some(length))
    }
}

const START: u64 = 1 << 20;
const PAGE: u64 = 1 << 10;

fn walk(files: [&[u8]; 2], history: &History) -> Vec<Record> {
    let format = Format {
        magic: Magic::of(15).unwrap(),
        geometry: Geometry::new(1 << 20, 1 << 10).unwrap(),
        system_identifier: 7_123_456_789_012_345_678,
    };
    let mut files = Two(files);
    let mut walk = Walk::new(&mut files, format, history, Lsn(START));
    let mut records = Vec::new();
    loop {
        match walk.step() {
            Ok(Ok(record)) => records.push(record),
            Ok(Err(stop)) => {
                assert!(!stop.to_string().contains(char::is_control), "{stop}");
                return records;
            }
        }
    }
}

/// The walk over WAL: always forward, within the bytes that are there, and what is cut off takes no more
/// with it than itself. The first four bytes say where the second timeline begins, and how long the first
/// one's file is, in pages; none, and there is no second one.
pub(crate) fn wal(bytes: &[u8]) {
    let Some((&[fork_low, fork_high, first, _], content)) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let length = (usize::from(first) << 10).min(content.len());
    let fork = Lsn(START + (u64::from(u16::from_le_bytes([fork_low, fork_high])) << 3));
    let (history, files) = if first == 0 {
        (History::alone(Timeline(1)), [content, &[]])
    } else {
        let history = History::parse(Timeline(2), &format!("1\t{fork}\tpromoted\n"));
        (history.unwrap(), content.split_at(length).into())
    };
    let records = walk(files, &history);
    let mut last = Lsn(START);
    for record in &records {
        assert!(record.at >= last && record.at < record.end, "{record:?}");
        assert_eq!(record.timeline, history.timeline_at(record.at));
        last = record.end;
    }
    let there = files.map(<[u8]>::len).into_iter().max().unwrap_or_default();
    let whole = START + u64::try_from(there).unwrap() / PAGE * PAGE;
    let is_within =
        |record: &Record| record.end.0 <= whole || record.kind == RecordKind::SegmentSwitch;
    assert!(records.iter().all(is_within));
    if first == 0 {
        let half = walk([&content[..content.len() / 2], &[]], &history);
        assert!(records.starts_with(&half));
    }
}
