//! The same part of WAL in files of several timelines: only records of the history are read, from whichever file has
//! them.

use std::convert::Infallible;

use wal_writer::Mark;

use super::find_end;
use super::writer::{Files, START, Writer, walk};
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{History, Segment, Segments, Stop};

const FIRST: &str = "000000010000000000000001";
const SECOND: &str = "000000020000000000000001";

/// A server that was promoted in the middle of a segment, and the history of its new timeline.
fn promoted() -> (Writer, History) {
    let mut server = Writer::new(15);
    server.other(3000);
    server.other(200);
    let history = server.fork();
    server.mark(Mark::EndOfRecovery(99), Timeline(1));
    server.other(2000);
    (server, history)
}

fn find(files: &Files, server: &Writer, history: &History) -> (Option<Position>, Stop) {
    let found = find_end(&mut &*files, server.format, history, START).unwrap();
    (found.end.map(|end| end.position), found.stopped)
}

#[test]
fn a_promotion_is_followed() {
    let (mut server, history) = promoted();
    assert_eq!(
        walk(&server.files, server.format, &history, START).0,
        server.records
    );
    // The part before the promotion is in the new timeline's file too.
    server.files.0.remove(FIRST);
    assert_eq!(
        walk(&server.files, server.format, &history, START).0,
        server.records
    );
    let timelines: Vec<u32> = server
        .records
        .iter()
        .map(|record| record.timeline.0)
        .collect();
    assert_eq!(timelines, [1, 1, 2, 2]);
}

#[test]
fn an_old_primary_is_not_followed_beyond_the_promotion() {
    let (server, history) = promoted();
    let fork = history.end_of(Timeline(1)).unwrap();
    // The old primary went on alone, and has the history of the promotion but none of its WAL.
    let mut old = Writer::new(15);
    for length in [3000, 200, 100, 4000] {
        old.other(length);
    }
    let own = find(&old.files, &old, &History::alone(Timeline(1)))
        .0
        .unwrap();
    assert_eq!(own.lsn, old.at());
    let (end, stop) = find(&old.files, &old, &history);
    let end = end.unwrap();
    assert_eq!((end.timeline, end.lsn), (Timeline(1), fork));
    assert!(matches!(stop, Stop::LeftBehind { .. }), "{stop}");
    // The same with a record of its own that spans the position of the promotion.
    let mut across = Writer::new(15);
    across.other(3000);
    across.other(2000);
    let end = find(&across.files, &across, &history).0.unwrap();
    assert_eq!(end.lsn, across.records[0].end);
    // Once it has received the WAL of the promotion, that is read.
    let mut both = old.files.clone();
    both.0.insert(SECOND.into(), server.files.0[SECOND].clone());
    assert_eq!(find(&both, &server, &history).0.unwrap().lsn, server.at());
}

#[test]
fn records_that_the_newer_timelines_file_lacks_are_read_from_the_older() {
    let (server, history) = promoted();
    let fork = history.end_of(Timeline(1)).unwrap();
    let mut half = server.files.clone();
    half.0.get_mut(SECOND).unwrap()[1024..].fill(0);
    let (end, stop) = find(&half, &server, &history);
    let end = end.unwrap();
    assert_eq!((end.timeline, end.lsn), (Timeline(1), fork));
    assert!(matches!(stop, Stop::Page { .. }), "{stop}");
    // With bytes of the record that was being received.
    let mut torn = server.files.clone();
    torn.0.get_mut(SECOND).unwrap()[usize::try_from(fork.0 % 1024).unwrap() + 2048..].fill(0);
    assert_eq!(find(&torn, &server, &history).0.unwrap().lsn, fork);
}

#[test]
fn a_file_that_is_missing_is_looked_for_once() {
    struct Counted<'a>(&'a Files, usize);
    impl Segments for Counted<'_> {
        type Error = Infallible;
        fn read(
            &mut self,
            segment: Segment,
            offset: u64,
            buffer: &mut [u8],
        ) -> Result<Option<usize>, Infallible> {
            self.1 += 1;
            let mut files = self.0;
            files.read(segment, offset, buffer)
        }
    }
    let mut server = Writer::new(15);
    server.other(200_000);
    let history = server.fork();
    server.files.0.remove(SECOND);
    let mut counted = Counted(&server.files, 0);
    find_end(&mut counted, server.format, &history, START).unwrap();
    // One for the missing one, and one for each piece of the other.
    assert_eq!(counted.1, 3);
}

#[test]
fn a_promotion_at_the_end_of_a_segment_is_followed() {
    let mut server = Writer::new(15);
    server.other(100);
    server.switch();
    let history = server.fork();
    server.other(200);
    assert_eq!(server.files.0.len(), 2);
    assert_eq!(
        walk(&server.files, server.format, &history, START).0,
        server.records
    );
}

#[test]
fn a_page_of_a_timeline_that_its_file_cannot_hold_is_refused() {
    let (server, history) = promoted();
    let mut files = server.files.clone();
    let second = files.0[SECOND].clone();
    files.0 = [(FIRST.into(), second)].into();
    // The last page was begun on timeline 2.
    let (end, _) = find(&files, &server, &history);
    assert_eq!(end.unwrap().timeline, Timeline(1));
    let (records, stop) = walk(&files, server.format, &History::alone(Timeline(1)), START);
    assert!(records.len() < server.records.len());
    assert!(
        stop.to_string().contains("timeline 2, which is impossible"),
        "{stop}"
    );
}
