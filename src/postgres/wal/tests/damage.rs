//! Only records that were written are found.

use proptest::prelude::*;

use super::writer::{Files, PAGE, START, SYSTEM, Writer, walk};
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{Format, History, Record, Stop};

const FIRST: &str = "000000010000000000000001";

fn server() -> Writer {
    let mut server = Writer::new(15);
    for length in [10, 3000, 995, 0, 5000, 1, 40] {
        server.other(length);
    }
    server
}

fn records(files: &Files, format: Format) -> (Vec<Record>, Stop) {
    walk(files, format, &History::alone(Timeline(1)), START)
}

/// Changes the one file.
fn changed(server: &Writer, change: impl FnOnce(&mut Vec<u8>)) -> Files {
    let mut files = server.files.clone();
    change(files.0.get_mut(FIRST).unwrap());
    files
}

#[test]
fn each_way_to_end_has_its_own_message() {
    let server = server();
    let whole = server.format;
    let stopped = |change: &dyn Fn(&mut Vec<u8>), format| {
        records(&changed(&server, change), format).1.to_string()
    };
    let other_system = Format {
        system_identifier: SYSTEM + 1,
        ..whole
    };
    insta::assert_snapshot!(
        [
            stopped(&|_| (), whole),
            stopped(&|_| (), other_system),
            stopped(&|file| file[34] = 0x20, whole),
            stopped(&|file| file.truncate(1023), whole),
            stopped(&|file| file[1024..].fill(0), whole),
            // A segment that was reused.
            stopped(&|file| file[1024 + 8..][..8].fill(0), whole),
            stopped(&|file| file[1024 + 2] = 16, whole),
            stopped(&|file| file[2] = 0, whole),
            // A wrong length of the rest of a record.
            stopped(&|file| file[1024 + 2] = 0, whole),
            stopped(&|file| file[1024 + 16] = 9, whole),
            stopped(&|file| file[0x50 + 8] = 0xFF, whole),
            stopped(&|file| file[40..44].fill(0xFF), whole),
            stopped(&|file| file[2000] ^= 1, whole),
        ]
        .join("\n"),
        @r#"
    the record at 0/102510 would have 0 bytes
    the segment 000000010000000000000001 has another page at 0/100000: it belongs to the cluster 7123456789012345678
    the segment 000000010000000000000001 has another page at 0/100000: it belongs to a segment of 2097152 bytes with pages of 1024 bytes
    the segment 000000010000000000000001 ends before the end of the page at 0/100000
    the segment 000000010000000000000001 has another page at 0/100400: it begins with 0000, which is not the magic number of this version
    the segment 000000010000000000000001 has another page at 0/100400: it is the page of 0/0
    the segment 000000010000000000000001 has another page at 0/100400: it has the flags 0010, some of which are unknown
    the segment 000000010000000000000001 has another page at 0/100000: it begins a segment and does not identify its cluster
    the page at 0/100400 does not have the rest of the record at 0/100050
    the page at 0/100400 does not have the rest of the record at 0/100050
    the record at 0/100050 follows one at 0/1000FF, which is not the one before it
    the page at 0/100400 does not have the rest of the record at 0/100028
    the record at 0/100050 has a wrong checksum
    "#
    );
}

#[test]
fn a_record_in_the_wrong_place_is_not_read() {
    let server = server();
    let [first, second] = [&server.records[0], &server.records[1]];
    let range = |from: u64, to: u64| {
        let at = |lsn: u64| usize::try_from(lsn - START.0).unwrap();
        at(from)..at(to)
    };
    // The first record again: it is whole, but its link is to another record.
    let files = changed(&server, |file| {
        let copy = file[range(first.at.0, first.end.0)].to_vec();
        file[range(second.at.0, second.at.0 + first.end.0 - first.at.0)].copy_from_slice(&copy);
    });
    let (records, stop) = records(&files, server.format);
    assert_eq!(records, [*first]);
    assert!(matches!(stop, Stop::Link { .. }), "{stop}");
}

#[test]
fn a_segment_is_known_by_its_first_page_wherever_a_walk_begins() {
    let server = server();
    let amid = server.records[4].at;
    let history = History::alone(Timeline(1));
    assert!(amid.0 > START.0 + PAGE);
    assert!(
        !walk(&server.files, server.format, &history, amid)
            .0
            .is_empty()
    );
    // The page has another system identifier.
    let files = changed(&server, |file| file[24] ^= 1);
    let (found, stop) = walk(&files, server.format, &history, amid);
    assert_eq!(found, []);
    assert!(matches!(stop, Stop::Page { at: START, .. }), "{stop}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn after_any_change_only_records_that_were_written_are_found(
        place in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let server = server();
        let used = usize::try_from(server.at().0 - START.0).unwrap();
        let place = place.index(used + 40);
        let files = changed(&server, |file| file[place] ^= flip);
        let (found, _) = records(&files, server.format);
        prop_assert!(server.records.starts_with(&found), "{found:?}");
        let page = START.0 + u64::try_from(place).unwrap() / PAGE * PAGE;
        let before = server.records.iter().filter(|record| record.end.0 <= page).count();
        prop_assert!(found.len() >= before);
    }

    #[test]
    fn of_a_truncated_file_all_records_on_whole_pages_are_found(length in 0_usize..12_000) {
        let server = server();
        let files = changed(&server, |file| file.truncate(length));
        let (found, _) = records(&files, server.format);
        let whole = START.0 + u64::try_from(length).unwrap() / PAGE * PAGE;
        let left = server.records.iter().filter(|record| record.end.0 <= whole);
        prop_assert_eq!(found, left.copied().collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_walked_to_an_end(
        bytes in proptest::collection::vec(any::<u8>(), 0..4096),
        place in 0_usize..12_000,
    ) {
        let server = server();
        let files = changed(&server, |file| {
            file[place..place + bytes.len()].copy_from_slice(&bytes);
        });
        let (found, _) = records(&files, server.format);
        prop_assert!(server.records.starts_with(&found), "{found:?}");
    }
}
