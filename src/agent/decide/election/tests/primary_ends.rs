//! What the recorded ends of earlier primaries demand of the next one.

use super::*;

#[test]
fn a_stale_node_is_not_promoted_while_the_others_are_away() {
    for (report, said) in [
        (
            "1#5000",
            "it is at 1#5000 and there was a primary at 2#1000",
        ),
        (
            "1#5000 7#1@0",
            "it is at 1#5000 and there was a primary at 2#1000",
        ),
    ] {
        for end in ["2#1000#7#stopped", "2#1000#7#stopped#1#900"] {
            // The system identifier of a node with PAF is not known.
            let stale = after(&[report, "", "1#1 7#1@0"], "srv2", end);
            assert_eq!(chosen(&stale), Choice::Nobody);
            assert_eq!(why_not(&stale, "srv1"), said);
        }
    }
}

#[test]
fn a_node_that_lacks_the_end_of_a_primary_that_was_stopped_in_order_is_not_promoted() {
    let reports = ["1#999 7#1@0", "1#998 7#1@0"];
    let mut stopped = after(&reports, "srv3", "1#1000#7#stopped#0#0");
    assert_eq!(chosen(&stopped), Choice::Nobody);
    // Not even within maxlag: there is no need to lose anything.
    stopped.seen = vec!["1#1000#7".parse().unwrap()];
    stopped.maxlag = Some(Bytes(100));
    assert_eq!(chosen(&stopped), Choice::Nobody);
    let enough = after(&reports, "srv3", "1#999#7#stopped#0#0");
    assert_eq!(chosen(&enough), Choice::Designated);
}

#[test]
fn another_database_cluster_takes_no_part() {
    let reports = ["1#5 7#1@0", "9#900 8#9@0"];
    let facts = after(&reports, "srv1", "1#0#7#started#0#0");
    assert_eq!(chosen(&facts), Choice::Designated);
    assert_eq!(
        why_not(&facts, "srv2"),
        "its system identifier is 8 and that of the last primary was 7"
    );
    let strange = after(&["9#900 8#9@0", "1#5 7#1@0"], "srv2", "1#0#7#started#0#0");
    assert_eq!(chosen(&strange), others(&["srv2"]));
    for ends in [
        &[][..],
        &[("srv1", "1#0#7#started"), ("srv2", "9#0#8#started")],
    ] {
        let unknown = after_all(&reports, ends);
        assert_eq!(chosen(&unknown), Choice::Nobody);
        assert!(why_not(&unknown, "srv1").contains("7 and 8"));
    }
    // The record of a database cluster that no longer exists makes no demand.
    let anew = after(&["1#5 8#1@0", "1#5 8#1@0"], "srv2", "9#900#7#stopped");
    assert_eq!(chosen(&anew), Choice::Designated);
}

#[test]
fn a_node_further_behind_than_maxlag_is_not_promoted() {
    let mut late = facts(&["2#900 7#1@0,2@500", "1#400 7#1@0"]);
    late.seen = vec!["2#1000#7".parse().unwrap(), "9#9000#8".parse().unwrap()];
    assert_eq!(chosen(&late), Choice::Designated);
    late.maxlag = Some(Bytes(100));
    assert_eq!(chosen(&late), Choice::Designated);
    late.maxlag = Some(Bytes(99));
    assert_eq!(chosen(&late), Choice::Nobody);
    assert_eq!(
        why_not(&late, "srv1"),
        "it is 100B behind the last primary and maxlag is 99B"
    );
    // A server on a newer timeline is not behind.
    late.seen = vec!["1#1000000#7".parse().unwrap()];
    assert_eq!(chosen(&late), Choice::Designated);
    // The end of a timeline that is not in this node's history is not known.
    late.seen = vec!["3#1000#7".parse().unwrap()];
    assert_eq!(chosen(&late), Choice::Nobody);
    late.ends = [(node("srv3"), "3#850#7#started#2#850".parse().unwrap())].into();
    assert_eq!(chosen(&late), Choice::Nobody);
    late.maxlag = Some(Bytes(150));
    assert_eq!(chosen(&late), Choice::Designated);
}

#[test]
fn the_record_of_a_server_that_was_rebuilt_makes_no_demand() {
    let anew = "3#950 7#1@0,2@500,3@900@22";
    for (reports, choice) in [
        ([anew, anew], Choice::Designated),
        (["3#950 7#1@0,2@500,3@900", anew], Choice::Nobody),
        (["", anew], Choice::Nobody),
    ] {
        let mut facts = after(&reports, "srv1", "3#990#7#stopped#2#900#11");
        if choice == Choice::Nobody {
            facts.designated = node("srv2");
        }
        assert_eq!(chosen(&facts), choice, "{reports:?}");
    }
    let rule = "7#3@900@11#ANY 1 (srv2,srv3)".parse().unwrap();
    let mut facts = after(&[anew, anew], "srv2", "3#900#7#started#2#900#22");
    facts.rules = [(node("srv1"), rule)].into();
    assert_eq!(chosen(&facts), Choice::Designated);
}

#[test]
fn the_record_of_a_server_promoted_by_hand_counts_as_well_as_that_of_the_primary() {
    let found = ("srv3", "3#700#7#found-started#2#700");
    let primary = ("srv1", "2#500#7#started#1#500");
    let own = "2#900 7#1@0,2@500";
    let stray = "3#750 7#1@0,2@500,3@700";
    // It was promoted in parallel to the primary: each has what the other lacks.
    assert_eq!(
        chosen(&after_all(&[own, own, stray], &[primary, found])),
        Choice::Nobody
    );
    // If it is absent, its record does not prevent the promotion of a server that has what the primary had.
    assert_eq!(
        chosen(&after_all(&[own, own], &[primary, found])),
        Choice::Designated
    );
    // It replaced the primary, and the others have followed it.
    let followed = "3#740 7#1@0,2@500,3@700";
    assert_eq!(
        chosen(&after_all(&[followed, followed, stray], &[primary, found])),
        others(&["srv3"])
    );
    // The primary was stopped in order, after the point where the other began.
    let ended = ("srv1", "2#900#7#stopped#1#500");
    assert_eq!(
        chosen(&after_all(&["", "", stray], &[ended, found])),
        Choice::Nobody
    );
    // A server that was promoted by an election since had all of it.
    let since = ("srv2", "4#760#7#started#3#760");
    let last = "4#770 7#1@0,2@500,3@700,4@760";
    let after = after_all(&[last, last, own], &[primary, found, since]);
    assert_eq!(chosen(&after), Choice::Designated);
}

#[test]
fn what_two_servers_had_that_somebody_promoted_both_counts() {
    // srv1 was the primary on timeline 2, and srv2 was promoted beside it, and once more. Then srv1, which was stopped at
    // 900, was promoted by hand: what it kept of its election is gone.
    let first = ("srv1", "3#950#7#found-stopped#2#900");
    let second = ("srv2", "4#980#7#found-stopped#3#850");
    let reports = [
        "3#950 7#1@0,2@500,3@900@8",
        "4#980 7#1@0,2@500,3@800@5,4@850",
    ];
    let apart = after_all(&reports, &[first, second]);
    assert_eq!(chosen(&apart), Choice::Nobody);
    // Nor does the newer one count alone while the other is away.
    let away = after_all(&[reports[1], reports[1]], &[("srv3", first.1), second]);
    assert_eq!(chosen(&away), Choice::Nobody);
    // Once an election has held one to the other, that one counts.
    let since = ("srv3", "5#990#7#started#4#990");
    let last = "5#995 7#1@0,2@500,3@800@5,4@850,5@990";
    let after = after_all(&[last, last], &[first, second, since]);
    assert_eq!(chosen(&after), Choice::Designated);
}
