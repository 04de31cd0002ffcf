//! What readers saw.

use super::*;

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
