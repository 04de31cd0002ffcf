//! Every record is found, and nothing after the last.

use proptest::prelude::*;
use wal_writer::Mark;

use super::find_end;
use super::writer::{START, Writer, format, walk};
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{History, RecordKind, Segment, Segments, Stop};

fn alone() -> History {
    History::alone(Timeline(1))
}

#[test]
fn every_version_is_known_by_its_magic_number() {
    for major in 12..=18 {
        let mut server = Writer::new(major);
        server.other(100);
        let (records, stop) = walk(&server.files, server.format, &alone(), START);
        assert_eq!(records, server.records);
        assert_eq!(
            stop,
            Stop::Length {
                at: server.at(),
                found: 0
            }
        );
        for other in (12..=18).filter(|other| *other != major) {
            let (records, stop) = walk(&server.files, format(other), &alone(), START);
            assert!(matches!(stop, Stop::Page { .. }), "{stop}");
            assert_eq!(records, []);
        }
    }
    assert!(crate::postgres::wal::Magic::of(11).is_none());
    assert!(crate::postgres::wal::Magic::of(19).is_none());
}

#[test]
fn the_end_is_where_the_next_record_would_be() {
    let mut server = Writer::new(15);
    server.mark(Mark::OnlineCheckpoint, Timeline(1));
    // Larger than a segment.
    server.other(1_500_000);
    server.switch();
    server.other(1);
    server.mark(Mark::ShutdownCheckpoint, Timeline(1));
    let found = find_end(&mut &server.files, server.format, &alone(), START).unwrap();
    let end = found.end.unwrap();
    assert_eq!(Some(&end.last), server.records.last());
    assert_eq!(
        end.position,
        Position {
            timeline: Timeline(1),
            lsn: server.at()
        }
    );
    assert_eq!(
        end.shutdown_checkpoint(),
        Some(Position {
            timeline: Timeline(1),
            lsn: end.last.at
        })
    );
}

#[test]
fn a_checkpoint_that_is_not_the_last_record_proves_nothing() {
    let mut server = Writer::new(15);
    server.mark(Mark::ShutdownCheckpoint, Timeline(1));
    server.other(10);
    let found = find_end(&mut &server.files, server.format, &alone(), START).unwrap();
    assert_eq!(found.end.unwrap().shutdown_checkpoint(), None);
}

#[test]
fn only_records_of_the_resource_manager_xlog_have_a_kind() {
    let mut server = Writer::new(15);
    server.mark(Mark::EndOfRecovery(99), Timeline(1));
    server.record(0, 0xA0, &[255, 0], RecordKind::Other);
    // Another resource manager with the number of a checkpoint, and a checkpoint without its data.
    server.record(1, 0x00, &[255; 90], RecordKind::Other);
    server.record(0, 0x00, &[254; 90], RecordKind::Other);
    server.record(0, 0x00, &[255], RecordKind::Other);
    assert_eq!(
        walk(&server.files, server.format, &alone(), START).0,
        server.records
    );
}

#[test]
fn a_walk_may_begin_at_any_record_and_nowhere_else() {
    let mut server = Writer::new(15);
    for length in [10, 3000, 900, 0, 5000] {
        server.other(length);
    }
    for (index, record) in server.records.iter().enumerate() {
        let (records, _) = walk(&server.files, server.format, &alone(), record.at);
        assert_eq!(records, server.records[index..]);
    }
    let begins: Vec<Lsn> = server.records.iter().map(|record| record.at).collect();
    let between = (START.0..server.at().0).filter(|at| at % 8 == 0 || at % 1013 == 0);
    for start in between.skip(1).map(Lsn) {
        if !begins.contains(&start) {
            let (records, _) = walk(&server.files, server.format, &alone(), start);
            // The beginning of a page stands for the first record on it.
            let first = records.first().map(|record| record.at.0);
            assert!(first.is_none_or(|at| start.0 % 1024 == 0 && at == start.0 + 24));
        }
    }
}

#[test]
fn a_record_whose_rest_was_lost_is_passed_over() {
    let mut server = Writer::new(15);
    server.other(50);
    server.lose_the_rest();
    server.other(60);
    server.other(70);
    assert_eq!(server.records.len(), 3);
    assert_eq!(
        walk(&server.files, server.format, &alone(), START).0,
        server.records
    );
}

#[test]
fn an_error_of_the_reader_ends_the_walk() {
    struct Late;
    impl Segments for Late {
        type Error = &'static str;
        fn read(&mut self, _: Segment, _: u64, _: &mut [u8]) -> Result<Option<usize>, Self::Error> {
            Err("too late")
        }
    }
    let found = find_end(&mut Late, format(15), &alone(), START);
    assert_eq!(found, Err("too late"));
}

#[test]
fn without_a_file_there_is_no_end() {
    let found = find_end(&mut &Writer::new(15).files, format(15), &alone(), START).unwrap();
    assert_eq!(found.end, None);
    assert_eq!(
        found.stopped.to_string(),
        "there is no segment 000000010000000000000001"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn records_of_any_length_are_found(
        lengths in proptest::collection::vec(proptest::option::weighted(0.95, 0_usize..4000), 1..60),
    ) {
        let mut server = Writer::new(18);
        for length in lengths {
            match length {
                Some(length) => server.other(length),
                None => server.switch(),
            }
        }
        let (records, _) = walk(&server.files, server.format, &alone(), START);
        prop_assert_eq!(records, server.records);
    }
}
