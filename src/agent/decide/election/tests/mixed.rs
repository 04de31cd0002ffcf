//! Elections in which only some nodes report their timelines: while agents are upgraded, and when a record was made by
//! an older agent.

use super::*;

#[test]
fn a_node_that_does_not_tell_its_timelines_is_compared_by_number() {
    for (reports, choice) in [
        (
            ["1#900 7#1@0", "2#500", "2#400 7#1@0,2@300"],
            others(&["srv2"]),
        ),
        (
            ["2#500", "2#400 7#1@0,2@300", "1#900 7#1@0"],
            Choice::Nobody,
        ),
        (
            ["2#500", "2#400 7#1@0,2@300", "1#300 7#1@0"],
            Choice::Designated,
        ),
        (
            ["2#400 7#1@0,2@300", "2#400", "1#300 7#1@0"],
            Choice::Designated,
        ),
    ] {
        let choice = match reports[0] {
            // Two that report their timelines each have what the other lacks, whichever node is ahead of both by
            // number.
            "1#900 7#1@0" => Choice::Nobody,
            _ => choice,
        };
        assert_eq!(chosen(&facts(&reports)), choice, "{reports:?}");
    }
}

#[test]
fn an_end_that_does_not_say_where_its_timeline_began_is_met_by_any_of_that_number() {
    for report in ["2#900 7#1@0,2@700", "2#900 7#1@0,2@500", "2#900"] {
        let facts = after(&[report], "srv9", "2#900#7#stopped");
        assert_eq!(chosen(&facts), Choice::Designated, "{report}");
        let told = after(&[report], "srv9", "2#900#7#stopped#1#700");
        let is_right = report != "2#900 7#1@0,2@500";
        assert_eq!(chosen(&told) == Choice::Designated, is_right, "{report}");
    }
}

/// Sixteen timelines, the oldest of which is the 25th.
fn long() -> String {
    let timelines: Vec<String> = (25..=40).map(|one| format!("{one}@{one}00")).collect();
    format!("40#5000 7#{}", timelines.join(","))
}

#[test]
fn of_a_timeline_older_than_all_that_are_told_numbers_decide() {
    let long = long();
    let stale = facts(&[&long, "24#9000 7#1@0,24@100"]);
    assert_eq!(chosen(&stale), Choice::Designated);
    assert_eq!(
        why_not(&stale, "srv2"),
        "it is at 24#9000 and another at 40#5000"
    );
    let older = after(&[&long], "srv9", "24#9000#7#stopped#23#100");
    assert_eq!(chosen(&older), Choice::Designated);
    let told = after(&[&long], "srv9", "25#9000#7#stopped#24#2500");
    assert_eq!(chosen(&told), Choice::Nobody);
}
