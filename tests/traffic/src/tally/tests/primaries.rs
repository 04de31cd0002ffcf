//! Who acknowledged, and whether two did at once.

use super::*;

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
