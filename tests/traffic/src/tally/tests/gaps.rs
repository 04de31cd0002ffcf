//! Gaps and failures of each client.

use super::*;

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
