//! Segments that contain old WAL after what was received: a standby's receiver writes what it gets and nothing more,
//! so that after its last byte, a page still contains what the file held before (`XLogWalRcvWrite` in
//! `src/backend/replication/walreceiver.c`).

use proptest::prelude::*;

use super::{at, replayed, standby, writer};
use crate::health::Lsn;
use crate::postgres::wal::tests::writer::{Files, SEGMENT, Writer};
use crate::postgres::wal::{Record, RecordKind};

/// A server that writes the same records into each segment, so that the records of all segments begin at the same
/// offsets.
fn same_in_each(segments: usize, lengths: &[usize]) -> Writer {
    let mut server = writer();
    server.switch();
    for _ in 0..segments {
        for length in lengths {
            server.other(*length);
        }
        server.switch();
    }
    server
}

/// What a standby has of a server's WAL up to a cut. Each segment from the third on was recycled: it was written once
/// before, with the content of the segment two before it.
fn received(server: &Writer, cut: Lsn) -> Files {
    let layout = server.stream.layout;
    let mut files = Files::default();
    let mut begin = SEGMENT;
    while let Some(content) = server.files.0.get(&layout.file(1, begin)) {
        let old = layout.file(1, begin.saturating_sub(2 * SEGMENT));
        let old = server.files.0.get(&old).cloned();
        let held = old.unwrap_or_else(|| vec![0; content.len()]);
        files.0.insert(layout.file(1, begin), held);
        begin += SEGMENT;
    }
    receive(server, &mut files, Lsn(SEGMENT), cut);
    files
}

/// Writes the WAL between two positions.
fn receive(server: &Writer, files: &mut Files, from: Lsn, to: Lsn) {
    let layout = server.stream.layout;
    let mut from = from.0;
    while from < to.0 {
        let end = (from + 1).next_multiple_of(SEGMENT).min(to.0);
        let (begin, length) = (layout.offset(from), usize::try_from(end - from).unwrap());
        let content = &server.files.0[&layout.file(1, from)][begin..begin + length];
        files.write(layout, 1, from, content);
        from = end;
    }
}

/// Where the last record ends that lies completely before a cut.
fn last_whole(server: &Writer, cut: Lsn) -> Lsn {
    let whole = server.records.iter().rfind(|one| one.end <= cut);
    whole.unwrap().end
}

#[test]
fn an_old_record_that_begins_where_the_received_ones_end_does_not_count() {
    let server = same_in_each(4, &[76; 60]);
    let begin = Lsn(4 * SEGMENT);
    let inside = |one: &&Record| one.at > begin && one.end.0 < begin.0 + SEGMENT;
    let ends: Vec<Lsn> = server
        .records
        .iter()
        .filter(inside)
        .map(|one| one.end)
        .collect();
    assert_eq!(ends.len(), 60);
    for cut in &ends {
        let files = received(&server, *cut);
        // Replayed up to there, and paused before.
        for before in [*cut, ends[0], Lsn(3 * SEGMENT)] {
            let traces = standby(&server, &files, &[], replayed(before));
            assert_eq!(traces.on_disk, at(1, *cut), "{before}");
        }
    }
}

#[test]
fn a_record_whose_later_page_is_an_old_one_does_not_count() {
    let server = same_in_each(4, &[2500, 76, 900]);
    let begin = 4 * SEGMENT;
    let is_other = |one: &&Record| one.at.0 > begin && one.kind == RecordKind::Other;
    let end = server.records.iter().filter(is_other).nth(2).unwrap().end;
    let mut files = received(&server, Lsn(begin));
    for cut in (begin + 40..=end.0).step_by(8).map(Lsn) {
        let whole = last_whole(&server, cut);
        receive(&server, &mut files, Lsn(begin), cut);
        for before in [whole, Lsn(begin)] {
            let traces = standby(&server, &files, &[], replayed(before));
            assert_eq!(traces.on_disk, at(1, whole), "{cut} {before}");
        }
    }
}

/// The lengths of records, many of which are the same.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    let length = prop_oneof![
        4 => Just(76_usize),
        2 => Just(200_usize),
        1 => 0_usize..6000,
        1 => Just(300_000_usize),
    ];
    proptest::collection::vec(length, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_record_beyond_a_cut_is_found(
        lengths in lengths(),
        same in any::<bool>(),
        switch_after in 0_usize..60,
        cut in any::<prop::sample::Index>(),
        paused in any::<prop::sample::Index>(),
    ) {
        let mut server = writer();
        while server.files.0.len() < 5 {
            if same {
                server.switch();
            }
            for (index, length) in lengths.iter().enumerate() {
                server.other(*length);
                if index == switch_after {
                    server.switch();
                }
            }
        }
        let begin = server.records[0].end.0;
        let room = usize::try_from((server.at().0 - begin) / 8).unwrap();
        let cut = Lsn(begin + u64::try_from(cut.index(room)).unwrap() * 8);
        let whole = last_whole(&server, cut);
        let files = received(&server, cut);
        let before: Vec<Lsn> = server.records.iter().map(|one| one.end).filter(|end| *end <= whole).collect();
        let before = before[paused.index(before.len())];
        let traces = standby(&server, &files, &[], replayed(before));
        let told = traces.position().unwrap().lsn;
        // The empty rest after a segment switch belongs to no record.
        let switched = server.records.iter().find(|one| one.at < cut && cut < one.end);
        let most = switched.filter(|one| one.kind == RecordKind::SegmentSwitch).map_or(cut, |one| one.end);
        prop_assert!(told <= most, "{told} is beyond {cut}");
        prop_assert!(told >= whole, "{told} is less than {whole}");
    }
}
