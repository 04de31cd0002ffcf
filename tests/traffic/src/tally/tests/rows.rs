//! Rows afterwards.

use super::*;

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
