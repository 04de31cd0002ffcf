//! When a timeline began, from its WAL.

use super::{PgWal, Writer};
use crate::agent::decide::wal_extent::promoted_at;
use crate::postgres::timeline::{PromotionTime, Timeline};
use crate::postgres::wal::{History, RecordKind};

/// A server that was promoted after this many bytes, at this time, and wrote other records before that of its
/// promotion.
fn promoted(length: usize, before: usize, time: u64) -> (Writer, History) {
    let mut server = super::writer();
    server.other(length);
    let history = server.fork();
    for _ in 0..before {
        server.record(0, 0xA0, &[0; 8], RecordKind::Other);
    }
    server.mark(wal_writer::Mark::EndOfRecovery(time), Timeline(1));
    server.other(300);
    (server, history)
}

fn time(server: &Writer, history: &History) -> Option<PromotionTime> {
    let histories = [history.clone()];
    let mut pg_wal = PgWal::of(&server.files, &histories);
    promoted_at(&mut pg_wal, server.format, history).unwrap()
}

#[test]
fn a_timeline_began_at_the_time_in_its_end_of_recovery_record() {
    // In the middle of a page, at the end of one, and after the records that may come first.
    for length in [200, 7900, 8000, 8090, 30_000] {
        for before in [0, 1, 2] {
            let (server, history) = promoted(length, before, 848_923_415_123_456);
            assert_eq!(
                time(&server, &history),
                Some(PromotionTime(848_923_415_123_456)),
                "{length} {before}"
            );
        }
    }
}

#[test]
fn the_time_is_unknown_if_the_beginning_of_the_timeline_was_removed() {
    let (mut server, history) = promoted(200, 0, 5);
    server.files.0.clear();
    assert_eq!(time(&server, &history), None);
    let (server, history) = promoted(200, 9, 5);
    assert_eq!(time(&server, &history), None);
    let (server, _) = promoted(200, 0, 5);
    assert_eq!(time(&server, &History::alone(Timeline(1))), None);
}
