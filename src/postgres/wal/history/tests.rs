use proptest::prelude::*;

use super::*;

/// The history file of a server that was promoted twice.
const TWICE: &str =
    "1\t0/3000148\tno recovery target specified\n\n2\t0/5000000\tno recovery target specified\n";

fn parse(text: &str) -> Result<History, HistoryError> {
    History::parse(Timeline(3), text)
}

#[test]
fn each_position_belongs_to_one_timeline() {
    let history = parse(TWICE).unwrap();
    let at = |lsn| history.timeline_at(Lsn(lsn)).0;
    assert_eq!([at(0), at(0x300_0147), at(0x300_0148)], [1, 1, 2]);
    assert_eq!([at(0x4FF_FFFF), at(0x500_0000), at(u64::MAX)], [2, 3, 3]);
    assert_eq!(history.end_of(Timeline(2)), Some(Lsn(0x500_0000)));
    assert_eq!(history.end_of(Timeline(3)), None);
    assert_eq!(history.end_of(Timeline(4)), None);
}

#[test]
fn the_timelines_between_two_positions_come_newest_first() {
    let history = parse(TWICE).unwrap();
    let between = |from, to| {
        let timelines = history.between(Lsn(from), Lsn(to));
        timelines.map(|timeline| timeline.0).collect::<Vec<_>>()
    };
    assert_eq!(between(0x300_0000, 0x400_0000), [2, 1]);
    assert_eq!(between(0x400_0000, 0x500_0000), [2]);
    assert_eq!(between(0x500_0000, 0x600_0000), [3]);
    assert_eq!(between(0, u64::MAX), [3, 2, 1]);
}

#[test]
fn comments_and_empty_lines_are_skipped() {
    assert_eq!(parse("# 1 0/1\n\n   \n"), Ok(History::alone(Timeline(3))));
    assert_eq!(History::file_name(Timeline(31)), "0000001F.history");
}

#[test]
fn the_error_about_an_invalid_history_names_the_line() {
    let refused = |text| parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(
        [
            refused("1"),
            refused("1 x"),
            refused("+1 0/1"),
            refused("0 0/1"),
            refused("\u{1b}[2J 0/1"),
            refused("3 0/1"),
            refused("\n2 0/2\n1 0/3"),
            refused("1 0/3\n2 0/2"),
        ]
        .join("\n"),
        @r#"
    line 1 of the history of timeline 3 begins with "1"; a timeline and a WAL position were expected, as in "1 16/B374D848"
    line 1 of the history of timeline 3 begins with "1 x"; a timeline and a WAL position were expected, as in "1 16/B374D848"
    line 1 of the history of timeline 3 begins with "+1 0/1"; a timeline and a WAL position were expected, as in "1 16/B374D848"
    line 1 of the history of timeline 3 begins with "0 0/1"; a timeline and a WAL position were expected, as in "1 16/B374D848"
    line 1 of the history of timeline 3 begins with "[2J 0/1"; a timeline and a WAL position were expected, as in "1 16/B374D848"
    line 1 of the history of timeline 3 names timeline 3 out of order
    line 3 of the history of timeline 3 names timeline 1 out of order
    line 2 of the history of timeline 3 has timeline 2 end before it begins
    "#
    );
}

proptest! {
    #[test]
    fn any_text_is_a_history_or_is_refused(text in "(?s).{0,200}", target: u32) {
        if let Ok(history) = History::parse(Timeline(target), &text) {
            prop_assert_eq!(history.target(), Timeline(target));
        }
    }
}
