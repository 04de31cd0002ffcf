//! How much WAL is read.

use super::{PgWal, at, checkpoint, first_checkpoint, replayed, writer};
use crate::agent::decide::wal_extent::Extent;
use crate::health::Lsn;
use crate::postgres::position::{Position, Traces};
use crate::postgres::wal::tests::writer::{Files, SEGMENT, Writer};

const BUDGET: u64 = 4 << 20;

/// A server that has filled this many segments.
fn filled(segments: usize) -> Writer {
    let mut server = writer();
    while server.files.0.len() < segments {
        server.other(50_000);
    }
    for _ in 0..5 {
        server.other(40);
    }
    server
}

/// Measures a standby that reports to have replayed only the first records, and returns how many bytes are read for
/// that.
fn measure(server: &Writer, files: &Files) -> (Traces, u64) {
    let control = first_checkpoint(server);
    let mut pg_wal = PgWal::of(files, &[]);
    let mut extent = Extent::new(&control, server.format.magic, &mut pg_wal);
    extent.budget = BUDGET;
    let traces = extent.of_standby(replayed(server.records[3].end)).traces;
    (traces, u64::try_from(pg_wal.read).unwrap())
}

/// Where the last record before a position ends.
fn last_before(server: &Writer, place: u64) -> Option<Position> {
    let last = server.records.iter().rfind(|one| one.end.0 <= place);
    at(1, last.unwrap().end)
}

#[test]
fn if_there_is_much_wal_only_its_end_is_read() {
    let server = filled(40);
    let (traces, read) = measure(&server, &server.files);
    assert_eq!(traces.position(), at(1, server.at()));
    // A page of each segment, what is read at once for the first, and the rest.
    assert!(read < BUDGET + 3 * SEGMENT, "{read} bytes");
    assert!(read >= BUDGET, "{read} bytes");
}

#[test]
fn if_there_is_little_wal_all_of_it_is_read() {
    let server = filled(4);
    let (traces, read) = measure(&server, &server.files);
    assert_eq!(traces.position(), at(1, server.at()));
    assert!(read > 3 * SEGMENT, "{read} bytes");
}

#[test]
fn wal_ends_at_an_incomplete_segment() {
    let server = filled(40);
    let name = |number: u64| server.stream.layout.file(1, number * SEGMENT);
    let end_before = |number: u64| last_before(&server, number * SEGMENT);
    let damaged = |damage: &dyn Fn(&mut Files)| {
        let mut files = server.files.clone();
        damage(&mut files);
        let (traces, read) = measure(&server, &files);
        assert!(read < BUDGET + 3 * SEGMENT, "{read} bytes");
        traces.position()
    };
    let missing = damaged(&|files| drop(files.0.remove(&name(20))));
    assert_eq!(missing, end_before(20));
    let short = damaged(&|files| files.0.get_mut(&name(20)).unwrap().truncate(1 << 19));
    // The existing part of a short segment is read.
    assert!(short > end_before(20) && short < end_before(21));
    for (place, whose) in [
        (24, "another cluster's"),
        (8, "of another place"),
        (0, "of another version"),
    ] {
        let wrong = damaged(&|files| files.0.get_mut(&name(20)).unwrap()[place] ^= 1);
        assert_eq!(wrong, end_before(20), "{whose}");
    }
}

#[test]
fn if_the_end_cannot_be_read_alone_all_wal_is_read() {
    let server = filled(40);
    let mut files = server.files.clone();
    // The page at which reading the end would begin.
    let last = server.at().0 / SEGMENT * SEGMENT;
    let (file, offset) = {
        let layout = server.stream.layout;
        let near = last - BUDGET;
        (layout.file(1, near), layout.offset(near))
    };
    let content = files.0.get_mut(&file).unwrap();
    content[offset + 1024..offset + 3 * 1024].fill(0);
    let whole = last_before(&server, last - BUDGET + 1024);
    let (traces, _) = measure(&server, &files);
    assert_eq!(traces.position(), whole);
}

#[test]
fn a_long_record_before_the_end_is_no_reason_to_read_everything() {
    let mut server = filled(10);
    server.other(6_000_000);
    server.other(10);
    let (traces, read) = measure(&server, &server.files);
    assert_eq!(traces.position(), at(1, server.at()));
    assert!(read < 10 * SEGMENT, "{read} bytes");
}

#[test]
fn a_crashed_server_is_read_from_its_checkpoint_and_no_more_than_that() {
    let server = filled(40);
    let control = checkpoint(server.format, server.records[0].at);
    let mut pg_wal = PgWal::of(&server.files, &[]);
    let mut extent = Extent::new(&control, server.format.magic, &mut pg_wal);
    extent.budget = BUDGET;
    assert_eq!(extent.of_silent().traces.position(), at(1, server.at()));
    assert!(pg_wal.read < usize::try_from(BUDGET + 3 * SEGMENT).unwrap());
}

#[test]
fn before_a_position_only_the_page_with_the_last_record_is_read() {
    let server = filled(40);
    let control = first_checkpoint(&server);
    let mut pg_wal = PgWal::of(&server.files, &[]);
    let mut extent = Extent::new(&control, server.format.magic, &mut pg_wal);
    extent.budget = BUDGET;
    let traces = extent.of_standby(replayed(server.at())).traces;
    assert_eq!(traces.on_disk, at(1, Lsn(server.at().0)));
    assert!(
        pg_wal.read < usize::try_from(SEGMENT).unwrap(),
        "{} bytes",
        pg_wal.read
    );
}
