use proptest::prelude::*;

use super::*;
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

mod mixed;
mod properties;
mod rules;

fn node(name: &str) -> Node {
    name.parse().unwrap()
}

fn at(timeline: u32, lsn: u64) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn: Lsn(lsn),
    }
}

/// Parses what a node has reported: with PAF `1#5`, with this agent `1#5 7#1@0`; an empty text is silence.
fn word(text: &str) -> NodeWord {
    if text.is_empty() {
        return NodeWord::Silent;
    }
    let (position, descent) = match text.split_once(' ') {
        Some((position, descent)) => (position, Some(descent.parse().unwrap())),
        None => (text, None),
    };
    NodeWord::At(NodePosition::new(position.parse().unwrap(), descent))
}

/// An election among `srv1`, which is designated, `srv2` and so on.
fn ballot(words: &[&str]) -> Ballot {
    let names = (1..).map(|number| node(&format!("srv{number}")));
    Ballot {
        designated: node("srv1"),
        nodes: names.zip(words.iter().map(|text| word(text))).collect(),
        ends: BTreeMap::new(),
        rules: BTreeMap::new(),
        copies: BTreeMap::new(),
        passed_over: BTreeSet::new(),
        seen: Vec::new(),
        maxlag: None,
    }
}

/// The same, with a node that remembers its time as a primary.
fn after(words: &[&str], name: &str, end: &str) -> Ballot {
    Ballot {
        ends: [(node(name), end.parse().unwrap())].into(),
        ..ballot(words)
    }
}

fn others(names: &[&str]) -> Choice {
    Choice::Others(names.iter().map(|name| node(name)).collect())
}

fn chosen(ballot: &Ballot) -> Choice {
    elect(ballot).choice
}

fn why_not(ballot: &Ballot, name: &str) -> String {
    elect(ballot).why_not[&node(name)].to_string()
}

#[test]
fn a_node_that_lacks_wal_another_node_has_is_not_promoted() {
    for descent in ["", " 7#1@0"] {
        let words = ["1#5", "1#6", "1#4"].map(|word| format!("{word}{descent}"));
        let ballot = ballot(&words.each_ref().map(String::as_str));
        assert_eq!(chosen(&ballot), others(&["srv2"]));
        assert_eq!(why_not(&ballot, "srv1"), "it is at 1#5 and another at 1#6");
        assert_eq!(
            elect(&ballot).scores(&ballot),
            [(node("srv1"), Score::GAVE_WAY), (node("srv2"), Score::BEST)].into()
        );
    }
}

#[test]
fn numbers_decide_and_not_texts() {
    assert_eq!(chosen(&ballot(&["9#9", "10#1"])), others(&["srv2"]));
    assert_eq!(chosen(&ballot(&["1#99", "1#100"])), others(&["srv2"]));
}

#[test]
fn among_equals_the_designated_one_is_promoted() {
    let equal = ballot(&["1#5 7#1@0", "1#5 7#1@0"]);
    let outcome = elect(&equal);
    assert_eq!(outcome.choice, Choice::Designated);
    assert_eq!(outcome.why_not, [(node("srv2"), WhyNot::Equal)].into());
    assert!(outcome.scores(&equal).is_empty());
}

#[test]
fn the_designated_one_gives_way_to_all_that_are_furthest() {
    let ballot = ballot(&["1#5", "1#6", "1#6"]);
    assert_eq!(chosen(&ballot), others(&["srv2", "srv3"]));
}

#[test]
fn a_silent_node_does_not_prevent_a_promotion() {
    assert_eq!(chosen(&ballot(&["1#5", ""])), Choice::Designated);
    assert_eq!(chosen(&ballot(&["", "1#5"])), others(&["srv2"]));
    let none = elect(&ballot(&["", ""]));
    assert_eq!(none.choice, Choice::Nobody);
    assert_eq!(none.why_not.len(), 2);
}

#[test]
fn a_server_that_was_promoted_by_hand_does_not_win_by_the_number_of_its_timeline() {
    // It left timeline 1 at 500, and the primary continued on that timeline.
    let stray = "2#900 7#1@0,2@500";
    let complete = "1#800 7#1@0";
    for words in [[stray, complete], [complete, stray]] {
        let ballot = after(&words, "srv1", "1#0#7#started#0#0");
        let right = if words[0] == complete {
            Choice::Designated
        } else {
            others(&["srv2"])
        };
        assert_eq!(chosen(&ballot), right);
    }
    let alone = after(&[stray, ""], "srv3", "1#800#7#stopped#0#0");
    assert_eq!(chosen(&alone), Choice::Nobody);
    assert_eq!(
        why_not(&alone, "srv1"),
        "it is at 2#900, whose timeline forked off at 1#500, and the last primary's went on to 1#800"
    );
}

#[test]
fn two_timelines_of_one_number_are_told_apart_by_where_they_began() {
    let (right, stray) = ("2#900 7#1@0,2@700", "2#950 7#1@0,2@500");
    let ballot = after(&[right, stray], "srv3", "2#700#7#started#1#700");
    assert_eq!(chosen(&ballot), Choice::Designated);
    let without = self::ballot(&[right, stray]);
    assert_eq!(chosen(&without), Choice::Nobody);
    assert_eq!(
        why_not(&without, "srv1"),
        "srv2 is at 2#950 (1@0,2@500) and srv1 is at 2#900 (1@0,2@700): each has what the other lacks"
    );
}

#[test]
fn a_complete_standby_of_the_timeline_before_takes_the_place_of_a_new_primary_that_was_lost() {
    for (word, choice) in [
        ("1#700 7#1@0", Choice::Designated),
        ("1#699 7#1@0", Choice::Nobody),
        ("2#700 7#1@0,2@700", Choice::Designated),
        ("1#700", Choice::Designated),
    ] {
        let ballot = after(&[word, ""], "srv2", "2#700#7#started#1#700");
        assert_eq!(chosen(&ballot), choice, "{word}");
    }
    // Unless a node is on the new timeline.
    let followed = after(
        &["1#900 7#1@0", "2#750 7#1@0,2@700"],
        "srv3",
        "2#700#7#started#1#700",
    );
    assert_eq!(chosen(&followed), others(&["srv2"]));
}

#[test]
fn a_promotion_that_was_planned_and_not_recorded_counts_as_soon_as_a_node_follows_it() {
    let mut ballot = after(
        &["1#900 7#1@0", "2#750 7#1@0,2@700"],
        "srv1",
        "1#0#7#started#0#0",
    );
    assert_eq!(chosen(&ballot), Choice::Designated);
    let announced = "7#1+700#ANY 1 (srv1,srv2)";
    ballot.rules = [(node("srv3"), announced.parse().unwrap())].into();
    assert_eq!(chosen(&ballot), others(&["srv2"]));
    // Two timelines began where that promotion was planned to begin: another server began one of them.
    ballot.nodes.insert(node("srv3"), word("3#710 7#1@0,3@710"));
    assert_eq!(chosen(&ballot), others(&["srv2"]));
    for (announced, choice) in [
        // No node has acknowledged anything that was written on the other one, unless commits waited for no standby.
        ("7#1+700#none", Choice::Nobody),
        // The promotion was planned from another timeline 1.
        ("7#1@0@5+700#none", Choice::Nobody),
        ("7#1@3+700#none", Choice::Designated),
    ] {
        ballot.rules = [(node("srv3"), announced.parse().unwrap())].into();
        assert_eq!(chosen(&ballot), choice, "{announced}");
    }
}

#[test]
fn a_promotion_whose_end_came_late_is_no_later_primary_than_one_that_went_on() {
    // srv1 was to be promoted at 500, hung, and was promoted when it went on; srv2 is still the primary of timeline 1.
    let words = ["2#510 7#1@0,2@500", "1#900 7#1@0", "1#900 7#1@0"];
    let announced = |rule: &str| Ballot {
        rules: [(node("srv1"), format!("7#1+500#{rule}").parse().unwrap())].into(),
        ..after(&words, "srv2", "1#900#7#stopped#0#0")
    };
    // Nothing was acknowledged there: one of srv2 and srv3 would have it.
    assert_eq!(
        chosen(&announced("ANY 1 (srv2,srv3)")),
        others(&["srv2", "srv3"])
    );
    // Something may have been acknowledged.
    for rule in ["none", "ANY 1 (srv2,srv3,srv4)"] {
        assert_eq!(chosen(&announced(rule)), Choice::Nobody, "{rule}");
    }
}

#[test]
fn of_two_primaries_whose_timelines_have_one_number_the_one_that_began_later_was_the_last() {
    // srv4 was promoted at 700 and lost at once, then srv5 was promoted at 720 from the parent timeline.
    let words = ["2#800 7#1@0,2@720", "2#900 7#1@0,2@700"];
    let mut both = after(&words, "srv4", "2#700#7#started#1#700");
    both.ends
        .insert(node("srv5"), "2#720#7#started#1#720".parse().unwrap());
    assert_eq!(chosen(&both), Choice::Designated);
    assert!(why_not(&both, "srv2").starts_with("it is at 2#900, whose timeline forked off"));
}

#[test]
fn a_stale_node_is_not_promoted_while_the_others_are_away() {
    for (word, said) in [
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
            let stale = after(&[word, "", "1#1 7#1@0"], "srv2", end);
            assert_eq!(chosen(&stale), Choice::Nobody);
            assert_eq!(why_not(&stale, "srv1"), said);
        }
    }
}

#[test]
fn a_node_that_lacks_the_end_of_a_primary_that_was_stopped_in_order_is_not_promoted() {
    let words = ["1#999 7#1@0", "1#998 7#1@0"];
    let mut stopped = after(&words, "srv3", "1#1000#7#stopped#0#0");
    assert_eq!(chosen(&stopped), Choice::Nobody);
    // Not even within maxlag: there is no need to lose anything.
    stopped.seen = vec!["1#1000#7".parse().unwrap()];
    stopped.maxlag = Some(Bytes(100));
    assert_eq!(chosen(&stopped), Choice::Nobody);
    let enough = after(&words, "srv3", "1#999#7#stopped#0#0");
    assert_eq!(chosen(&enough), Choice::Designated);
}

#[test]
fn another_database_cluster_takes_no_part() {
    let words = ["1#5 7#1@0", "9#900 8#9@0"];
    let ballot = after(&words, "srv1", "1#0#7#started#0#0");
    assert_eq!(chosen(&ballot), Choice::Designated);
    assert_eq!(
        why_not(&ballot, "srv2"),
        "its system identifier is 8 and that of the last primary was 7"
    );
    let strange = after(&["9#900 8#9@0", "1#5 7#1@0"], "srv2", "1#0#7#started#0#0");
    assert_eq!(chosen(&strange), others(&["srv2"]));
    for ends in [
        &[][..],
        &[("srv1", "1#0#7#started"), ("srv2", "9#0#8#started")],
    ] {
        let mut unknown = self::ballot(&words);
        unknown.ends = ends
            .iter()
            .map(|(name, end)| (node(name), end.parse().unwrap()))
            .collect();
        assert_eq!(chosen(&unknown), Choice::Nobody);
        assert!(why_not(&unknown, "srv1").contains("7 and 8"));
    }
    // The record of a database cluster that no longer exists makes no demand.
    let anew = after(&["1#5 8#1@0", "1#5 8#1@0"], "srv2", "9#900#7#stopped");
    assert_eq!(chosen(&anew), Choice::Designated);
}

#[test]
fn a_node_further_behind_than_maxlag_is_not_promoted() {
    let mut late = ballot(&["2#900 7#1@0,2@500", "1#400 7#1@0"]);
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
fn of_servers_promoted_apart_to_one_timeline_that_of_the_last_primary_counts() {
    let further = "3#990 7#1@0,2@500,3@900@11";
    let right = "3#950 7#1@0,2@500,3@900@22";
    let record = "3#900#7#started#2#900#22";
    let held = after(&[further, right], "srv3", record);
    assert_eq!(chosen(&held), others(&["srv2"]));
    assert_eq!(
        chosen(&after(&[right, further], "srv3", record)),
        Choice::Designated
    );
    // It is not known whose it was: none of them is chosen.
    for record in ["3#900#7#started#2#900", "2#500#7#started#1#500#5"] {
        assert_eq!(
            chosen(&after(&[further, right], "srv3", record)),
            Choice::Nobody
        );
    }
    // If one of them no longer knows when its timeline began, numbers decide.
    let silent = "3#990 7#1@0,2@500,3@900";
    assert_eq!(
        chosen(&after(&[right, silent], "srv3", record)),
        others(&["srv2"])
    );
}

#[test]
fn the_record_of_a_server_that_was_rebuilt_makes_no_demand() {
    let anew = "3#950 7#1@0,2@500,3@900@22";
    for (words, choice) in [
        ([anew, anew], Choice::Designated),
        (["3#950 7#1@0,2@500,3@900", anew], Choice::Nobody),
        (["", anew], Choice::Nobody),
    ] {
        let mut ballot = after(&words, "srv1", "3#990#7#stopped#2#900#11");
        if choice == Choice::Nobody {
            ballot.designated = node("srv2");
        }
        assert_eq!(chosen(&ballot), choice, "{words:?}");
    }
    let rule = "7#3@900@11#ANY 1 (srv2,srv3)".parse().unwrap();
    let mut ballot = after(&[anew, anew], "srv2", "3#900#7#started#2#900#22");
    ballot.rules = [(node("srv1"), rule)].into();
    assert_eq!(chosen(&ballot), Choice::Designated);
}

#[test]
fn the_record_of_a_server_promoted_by_hand_counts_as_well_as_that_of_the_primary() {
    let found = ("srv3", "3#700#7#found-started#2#700");
    let primary = ("srv1", "2#500#7#started#1#500");
    let ballot = |words: &[&str], ends: &[(&str, &str)]| {
        let ends = ends
            .iter()
            .map(|(name, end)| (node(name), end.parse().unwrap()));
        Ballot {
            ends: ends.collect(),
            ..ballot(words)
        }
    };
    let own = "2#900 7#1@0,2@500";
    let stray = "3#750 7#1@0,2@500,3@700";
    // It was promoted in parallel to the primary: each has what the other lacks.
    assert_eq!(
        chosen(&ballot(&[own, own, stray], &[primary, found])),
        Choice::Nobody
    );
    // If it is absent, its record does not prevent the promotion of a server that has what the primary had.
    assert_eq!(
        chosen(&ballot(&[own, own], &[primary, found])),
        Choice::Designated
    );
    // It replaced the primary, and the others have followed it.
    let followed = "3#740 7#1@0,2@500,3@700";
    assert_eq!(
        chosen(&ballot(&[followed, followed, stray], &[primary, found])),
        others(&["srv3"])
    );
    // The primary was stopped in order, after the point where the other began.
    let ended = ("srv1", "2#900#7#stopped#1#500");
    assert_eq!(
        chosen(&ballot(&["", "", stray], &[ended, found])),
        Choice::Nobody
    );
    // A server that was promoted by an election since had all of it.
    let since = ("srv2", "4#760#7#started#3#760");
    let last = "4#770 7#1@0,2@500,3@700,4@760";
    let after = ballot(&[last, last, own], &[primary, found, since]);
    assert_eq!(chosen(&after), Choice::Designated);
}

#[test]
fn what_two_servers_had_that_somebody_promoted_both_counts() {
    // srv1 was the primary on timeline 2, and srv2 was promoted beside it, and once more. Then srv1, which was stopped at
    // 900, was promoted by hand: what it kept of its election is gone.
    let first = ("srv1", "3#950#7#found-stopped#2#900");
    let second = ("srv2", "4#980#7#found-stopped#3#850");
    let ballot = |words: &[&str], ends: &[(&str, &str)]| {
        let ends = ends
            .iter()
            .map(|(name, end)| (node(name), end.parse().unwrap()));
        Ballot {
            ends: ends.collect(),
            ..ballot(words)
        }
    };
    let words = [
        "3#950 7#1@0,2@500,3@900@8",
        "4#980 7#1@0,2@500,3@800@5,4@850",
    ];
    let apart = ballot(&words, &[first, second]);
    assert_eq!(chosen(&apart), Choice::Nobody);
    // Nor does the newer one count alone while the other is away.
    let away = ballot(&[words[1], words[1]], &[("srv3", first.1), second]);
    assert_eq!(chosen(&away), Choice::Nobody);
    // Once an election has held one to the other, that one counts.
    let since = ("srv3", "5#990#7#started#4#990");
    let last = "5#995 7#1@0,2@500,3@800@5,4@850,5@990";
    let after = ballot(&[last, last], &[first, second, since]);
    assert_eq!(chosen(&after), Choice::Designated);
}

#[test]
fn a_primary_that_was_lost_is_followed_by_whoever_has_its_timelines_parent_and_not_by_another_one_of_that_number()
 {
    // srv3 was promoted by hand to a timeline 6, and after that srv2 was elected to one of its own, and to 7 from there.
    let stray = "6#880 7#1@0,5@500,6@750@5";
    let follower = "6#850 7#1@0,5@500,6@800@8";
    let end = "7#840#7#started#6@800@8#840#9";
    let lost = |words: &[&str]| after(words, "srv4", end);
    assert_eq!(chosen(&lost(&[stray])), Choice::Nobody);
    assert_eq!(chosen(&lost(&[follower])), Choice::Designated);
    assert_eq!(chosen(&lost(&[stray, follower])), others(&["srv2"]));
    // Also where both were promoted from one position, at different moments.
    let twin = "6#880 7#1@0,5@500,6@800@5";
    assert_eq!(chosen(&lost(&[twin])), Choice::Nobody);
    // One that is on record only as about to be promoted is known by those that follow it.
    let announced = Ballot {
        rules: [(node("srv4"), "7#6@800@8+840#ANY 1 (srv2)".parse().unwrap())].into(),
        ..ballot(&[
            "6#880 7#1@0,5@500,6@750@5",
            "7#860 7#1@0,5@500,6@800@8,7@840@9",
        ])
    };
    assert_eq!(chosen(&announced), others(&["srv2"]));
}
