//! What a standby reports, and what of it its disk confirms.

use super::{PgWal, at, first_checkpoint, replayed, standby, writer};
use crate::agent::decide::wal_extent::{Extent, StandbyWord};
use crate::health::Lsn;
use crate::postgres::control::ClusterState;
use crate::postgres::wal::tests::writer::{PAGE, SEGMENT, Writer};

#[test]
fn what_was_received_and_not_replayed_is_walked_to_its_end() {
    let mut server = writer();
    server.other(100);
    let before = server.at();
    server.other(3000);
    server.other(10);
    let traces = standby(&server, &server.files, &[], replayed(before));
    assert_eq!(traces.replayed, at(1, before));
    assert_eq!(traces.on_disk, at(1, server.at()));
    assert_eq!(traces.position(), at(1, server.at()));
}

#[test]
fn the_timeline_of_what_was_replayed_is_the_newest_that_had_begun_and_has_a_file() {
    let mut server = writer();
    server.other(100);
    let fork = server.at();
    let histories = [server.fork()];
    server.other(10);
    let files = server.files.clone();
    let traces = |files, lsn| standby(&server, files, &histories, replayed(lsn)).replayed;
    assert_eq!(traces(&files, server.at()), at(2, server.at()));
    assert_eq!(traces(&files, fork), at(1, fork));
    let mut without = files.clone();
    without.0.remove("000000020000000000000001");
    assert_eq!(traces(&without, server.at()), at(1, server.at()));
}

#[test]
fn the_disk_confirms_every_position_that_was_replayed() {
    let mut server = writer();
    // Records that end with their page and with their segment, that begin one, and that fill several.
    for length in [900, 24, 3000, 0, 976 * 3, 5000, 1, 40] {
        server.other(length);
    }
    let to_the_page = |at: Lsn| usize::try_from(PAGE - at.0 % PAGE).unwrap();
    server.other(to_the_page(server.at()) - 24);
    assert_eq!(server.at().0 % PAGE, 0);
    server.other(1);
    server.other(2_500_000);
    server.switch();
    server.other(10);
    assert!(server.files.0.len() > 3);
    for record in &server.records {
        let traces = standby(&server, &server.files, &[], replayed(record.end));
        assert_eq!(traces.on_disk, at(1, server.at()), "{record:?}");
    }
    // The report of a server that has replayed nothing: the position where a recovery begins.
    let begin = server.records[0].at;
    let traces = standby(&server, &server.files, &[], replayed(begin));
    assert_eq!(traces.on_disk, at(1, server.at()));
}

#[test]
fn a_place_at_which_no_record_ends_is_not_confirmed() {
    let mut server = writer();
    for length in [900, 3000, 40, 100] {
        server.other(length);
    }
    let ends: Vec<u64> = server.records.iter().map(|one| one.end.0).collect();
    let begins: Vec<u64> = server.records.iter().map(|one| one.at.0).collect();
    let (first, last) = (begins[0], server.at().0);
    let places = (first..last).filter(|place| place % 8 == 0 || place % 97 == 0);
    for place in places.filter(|place| !ends.contains(place) && !begins.contains(place)) {
        let traces = standby(&server, &server.files, &[], replayed(Lsn(place)));
        assert_eq!(traces.on_disk, None, "{place:X}");
        assert_eq!(traces.position(), at(1, Lsn(place)));
    }
}

#[test]
fn replayed_wal_counts_after_its_segments_were_removed() {
    let mut server = writer();
    server.other(100);
    let mut files = server.files.clone();
    files.0.clear();
    let traces = standby(&server, &files, &[], replayed(server.at()));
    assert_eq!(traces.on_disk, None);
    assert_eq!(traces.position(), at(1, server.at()));
}

/// A server with a segment for each of this many long records.
fn of_segments(count: usize) -> Writer {
    let mut server = writer();
    for _ in 0..count {
        server.other(1000);
        server.switch();
    }
    server.other(1000);
    server
}

#[test]
fn what_was_received_counts_only_as_far_as_its_wal_can_be_read() {
    let server = of_segments(4);
    let before = server.records[1].end;
    let word = StandbyWord {
        received: Some(server.at()),
        ..replayed(before)
    };
    let whole = standby(&server, &server.files, &[], word);
    assert_eq!(whole.received, at(1, server.at()));
    assert_eq!(whole.position(), at(1, server.at()));
    let mut files = server.files.clone();
    files.0.remove("000000010000000000000003");
    let traces = standby(&server, &files, &[], word);
    assert_eq!(traces.received, at(1, server.at()));
    assert_eq!(traces.position(), at(1, Lsn(3 * SEGMENT)));
}

#[test]
fn standbys_with_the_same_last_record_are_equally_far_whatever_they_have_of_the_next() {
    let mut server = writer();
    server.other(100);
    let whole = server.at();
    let mut next = server.clone();
    next.other(5000);
    for part in [24, 992, 2000, 4000] {
        let received = Lsn(whole.0 + part);
        let mut files = next.files.clone();
        let cut = usize::try_from(received.0 % SEGMENT).unwrap();
        files.0.get_mut("000000010000000000000001").unwrap()[cut..].fill(0);
        let word = StandbyWord {
            received: Some(received),
            ..replayed(server.records[0].end)
        };
        let traces = standby(&server, &files, &[], word);
        assert_eq!(traces.position(), at(1, whole), "{part}");
    }
}

#[test]
fn what_a_receiver_was_told_to_begin_with_is_on_the_timeline_that_was_begun_there() {
    let mut server = writer();
    server.other(100);
    let histories = [server.fork()];
    server.other(100);
    let word = StandbyWord {
        received: Some(Lsn(SEGMENT)),
        receiving: Some(crate::postgres::Timeline(2)),
        ..replayed(server.at())
    };
    let traces = standby(&server, &server.files, &histories, word);
    assert_eq!(traces.received, at(1, Lsn(SEGMENT)));
}

#[test]
fn a_standby_that_has_replayed_nothing_yet_is_walked_from_where_its_recovery_begins() {
    let mut server = writer();
    server.other(100);
    let mut control = first_checkpoint(&server);
    control.state = ClusterState::ArchiveRecovery;
    let mut pg_wal = PgWal::of(&server.files, &[]);
    let extent = Extent::new(&control, server.format.magic, &mut pg_wal);
    let traces = extent.of_standby(StandbyWord::default()).traces;
    assert_eq!(traces.position(), at(1, server.at()));
}
