//! Records made by hand, and what they are summed up to.

use super::*;
use crate::record::{Begin, Note, Read, Seen, Unreached, Write};
use crate::report::Gap;

const SECOND: Duration = Duration::from_secs(1);

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

fn primary(host: &str, timeline: i64) -> Primary {
    Primary {
        host: host.into(),
        timeline,
    }
}

/// A run of ten seconds with one writer and one reader.
fn record() -> Record {
    let mut record = Record::of(Begin {
        run: "run".into(),
        at: ms(7),
        writers: vec!["writers".into()],
        readers: vec!["readers".into()],
    });
    record.end = Some(10 * SECOND);
    record
}

/// A row that was sent and acknowledged.
fn written(record: &mut Record, number: i64, (sent, ended): (u64, u64), by: &Primary) {
    record.add(Note::Write(Write {
        writer: 0,
        number,
        sent: ms(sent),
        ended: ms(ended),
        outcome: Ok(by.clone()),
    }));
}

fn failed(record: &mut Record, number: i64, ended: u64, why: Failure) {
    record.add(Note::Write(Write {
        writer: 0,
        number,
        sent: ms(ended),
        ended: ms(ended),
        outcome: Err(why),
    }));
}

fn read(record: &mut Record, at: u64, host: &str, in_recovery: bool, newest: Option<i64>) {
    record.add(Note::Read(Read {
        reader: 0,
        sent: ms(at),
        ended: ms(at + 1),
        outcome: Ok(Seen {
            host: host.into(),
            in_recovery,
            newest,
        }),
    }));
}

fn sum(record: &Record) -> Report {
    tally(record, SECOND, None)
}

fn gap(begin: u64, end: u64) -> Gap {
    Gap {
        begin: ms(begin),
        length: ms(end - begin),
    }
}

#[test]
fn a_run_without_success_is_one_gap() {
    let gaps = &sum(&record()).writers[0].gaps;
    assert_eq!(gaps.longest, gap(0, 10_000));
    assert_eq!(gaps.listed, [gap(0, 10_000)]);
}

#[test]
fn gaps_reach_from_success_to_success_whatever_failed_between() {
    let mut record = record();
    let one = primary("one", 1);
    for (number, at) in [(1, 200), (2, 1_000), (3, 4_500), (5, 5_500), (6, 9_900)] {
        written(&mut record, number, (at - 10, at), &one);
    }
    failed(&mut record, 4, 4_800, Failure::Closed);
    let report = sum(&record);
    assert_eq!(report.writers[0].acknowledged, 5);
    assert_eq!(report.longest_gap(), gap(5_500, 9_900));
    // One that is exactly as long as the threshold is listed, one that is shorter is not.
    assert_eq!(
        report.writers[0].gaps.listed,
        [gap(1_000, 4_500), gap(4_500, 5_500), gap(5_500, 9_900)]
    );
}

#[test]
fn the_time_before_the_first_and_after_the_last_success_counts() {
    let mut record = record();
    written(&mut record, 1, (2_990, 3_000), &primary("one", 1));
    let listed = &sum(&record).writers[0].gaps.listed;
    assert_eq!(*listed, [gap(0, 3_000), gap(3_000, 10_000)]);
}

#[test]
fn a_success_after_the_end_closes_no_gap_beyond_it() {
    let mut record = record();
    written(&mut record, 1, (9_000, 9_010), &primary("one", 1));
    written(&mut record, 2, (9_990, 12_000), &primary("one", 1));
    assert_eq!(sum(&record).longest_gap(), gap(0, 9_010));
}

#[test]
fn a_record_that_breaks_off_ends_with_its_last_note() {
    let mut record = record();
    record.end = None;
    written(&mut record, 1, (0, 10), &primary("one", 1));
    read(&mut record, 3_000, "two", true, Some(1));
    let report = sum(&record);
    assert_eq!(report.length, ms(3_001));
    assert_eq!(report.longest_gap(), gap(10, 3_001));
}

#[test]
fn every_writer_has_its_own_gaps_and_the_worst_counts() {
    let mut record = record();
    record.begin.writers.push("other writers".into());
    for at in 1..=9 {
        written(
            &mut record,
            at,
            (0, at.unsigned_abs() * 1_000),
            &primary("one", 1),
        );
    }
    let report = sum(&record);
    assert_eq!(report.writers[0].gaps.longest.length, SECOND);
    assert_eq!(report.writers[1].gaps.longest, gap(0, 10_000));
    assert_eq!(report.longest_gap(), gap(0, 10_000));
    assert_eq!(report.acknowledged(), 9);
}

#[test]
fn failures_are_counted_by_kind_for_each_client() {
    let mut record = record();
    failed(&mut record, 1, 10, Failure::Closed);
    failed(&mut record, 2, 20, Failure::ReadOnly);
    failed(&mut record, 3, 30, Failure::Closed);
    for (who, why) in [
        (Who::Writer(0), Failure::Refused),
        (Who::Reader(0), Failure::NoName),
    ] {
        record.add(Note::Unreached(Unreached {
            who,
            began: ms(1),
            ended: ms(2),
            why,
        }));
    }
    let report = sum(&record);
    let writing = &report.writers[0].failures;
    assert_eq!(writing.asking[&Failure::Closed], 2);
    assert_eq!(writing.asking[&Failure::ReadOnly], 1);
    assert_eq!(writing.connecting, [(Failure::Refused, 1)].into());
    let reading = &report.readers[0].failures;
    assert_eq!(reading.connecting, [(Failure::NoName, 1)].into());
    assert!(reading.asking.is_empty());
}

#[test]
fn a_quick_switchover_shares_a_second_and_is_no_overlap() {
    let mut record = record();
    let (one, two) = (primary("one", 1), primary("two", 2));
    written(&mut record, 1, (2_990, 3_100), &one);
    written(&mut record, 2, (3_100, 3_120), &one);
    written(&mut record, 3, (3_120, 3_900), &two);
    written(&mut record, 4, (3_900, 4_100), &two);
    let report = sum(&record);
    assert_eq!(report.overlaps, []);
    assert_eq!(report.shared_seconds.len(), 1);
    let second = &report.shared_seconds[0];
    assert_eq!(second.second, 3);
    let counts = [("one".to_owned(), 2), ("two".to_owned(), 1)];
    assert_eq!(second.acknowledged, counts.into());
}

#[test]
fn there_and_back_is_no_overlap_since_every_promotion_has_its_timeline() {
    let mut record = record();
    written(&mut record, 1, (100, 110), &primary("one", 1));
    written(&mut record, 2, (2_100, 2_110), &primary("two", 2));
    written(&mut record, 3, (4_100, 4_110), &primary("one", 3));
    let report = sum(&record);
    assert_eq!(report.overlaps, []);
    assert_eq!(report.shared_seconds, []);
    let hosts: Vec<&str> = report
        .reigns
        .iter()
        .map(|reign| reign.primary.host.as_str())
        .collect();
    assert_eq!(hosts, ["one", "two", "one"]);
}

#[test]
fn a_primary_that_goes_on_after_another_began_is_an_overlap() {
    let mut record = record();
    let (old, new) = (primary("one", 1), primary("two", 2));
    written(&mut record, 1, (100, 110), &old);
    written(&mut record, 2, (2_100, 2_110), &new);
    written(&mut record, 3, (4_100, 4_110), &old);
    written(&mut record, 4, (5_100, 5_110), &new);
    let overlaps = sum(&record).overlaps;
    assert_eq!(overlaps.len(), 1);
    assert_eq!(overlaps[0].primaries, [old, new]);
    // Both were primaries at least from the first acknowledgement of the new one to the last row
    // that the old one took.
    assert_eq!(overlaps[0].begin, ms(2_110));
    assert_eq!(overlaps[0].length, ms(4_100 - 2_110));
}

#[test]
fn a_single_row_between_those_of_another_host_is_an_overlap() {
    let mut record = record();
    written(&mut record, 1, (100, 110), &primary("one", 1));
    written(&mut record, 2, (200, 210), &primary("two", 1));
    written(&mut record, 3, (300, 310), &primary("one", 1));
    let overlaps = sum(&record).overlaps;
    assert_eq!(overlaps.len(), 1);
    assert_eq!(overlaps[0].length, Duration::ZERO);
}

#[test]
fn rows_that_were_under_way_together_prove_nothing() {
    let mut record = record();
    written(&mut record, 1, (100, 900), &primary("one", 1));
    written(&mut record, 2, (200, 1_900), &primary("two", 2));
    assert_eq!(sum(&record).overlaps, []);
}

#[test]
fn lost_rows_and_rows_that_nobody_was_told_of_are_told_apart() {
    let mut record = record();
    let one = primary("one", 1);
    for number in [1, 2, 4] {
        written(&mut record, number, (0, number.unsigned_abs() * 100), &one);
    }
    failed(&mut record, 3, 350, Failure::StatementTimeout);
    failed(&mut record, 5, 550, Failure::ReadOnly);
    let found = Found {
        on: primary("two", 2),
        numbers: vec![1, 4, 3],
    };
    let rows = tally(&record, SECOND, Some(&found)).rows.unwrap();
    assert_eq!((rows.on, rows.found), (primary("two", 2), 3));
    assert_eq!(rows.unacknowledged, [3]);
    assert_eq!(rows.missing.len(), 1);
    let missing = &rows.missing[0];
    assert_eq!((missing.number, missing.at), (2, ms(200)));
    assert_eq!(missing.acknowledged_by, one);
    assert_eq!(sum(&record).rows, None);
}

#[test]
fn answers_are_counted_by_host_and_those_of_a_primary_apart() {
    let mut record = record();
    read(&mut record, 100, "one", false, None);
    read(&mut record, 200, "two", true, None);
    read(&mut record, 300, "two", true, None);
    let reader = &sum(&record).readers[0];
    let counts = [("one".to_owned(), 1), ("two".to_owned(), 2)];
    assert_eq!(reader.answered, counts.into());
    assert_eq!(reader.by_a_primary, 1);
    assert_eq!(reader.gaps.longest, gap(301, 10_000));
}

#[test]
fn an_answer_is_as_old_as_the_first_row_it_misses() {
    let mut record = record();
    let one = primary("one", 1);
    written(&mut record, 1, (90, 100), &one);
    // Of two writers, the higher number may be acknowledged first.
    written(&mut record, 3, (290, 300), &one);
    written(&mut record, 2, (280, 400), &one);
    written(&mut record, 4, (490, 500), &one);
    read(&mut record, 450, "fresh", true, Some(3));
    read(&mut record, 460, "lagging", true, Some(1));
    read(&mut record, 310, "new", true, Some(4));
    let stalest = sum(&record).readers[0].stalest.clone().unwrap();
    assert_eq!(stalest.host, "lagging");
    assert_eq!((stalest.at, stalest.behind), (ms(460), ms(160)));
}

#[test]
fn an_answer_without_any_row_misses_the_first() {
    let mut record = record();
    written(&mut record, 1, (90, 100), &primary("one", 1));
    read(&mut record, 150, "two", true, None);
    let stalest = sum(&record).readers[0].stalest.clone().unwrap();
    assert_eq!(stalest.behind, ms(50));
}

#[test]
fn an_answer_that_misses_only_what_came_later_is_not_stale() {
    let mut record = record();
    written(&mut record, 1, (90, 100), &primary("one", 1));
    read(&mut record, 50, "two", true, None);
    read(&mut record, 150, "two", true, Some(1));
    assert_eq!(sum(&record).readers[0].stalest, None);
}
