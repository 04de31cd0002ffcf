//! Elections among servers on several timelines, also on two that have one number.

use super::*;

#[test]
fn a_server_that_was_promoted_by_hand_does_not_win_by_the_number_of_its_timeline() {
    // It left timeline 1 at 500, and the primary continued on that timeline.
    let stray = "2#900 7#1@0,2@500";
    let complete = "1#800 7#1@0";
    for reports in [[stray, complete], [complete, stray]] {
        let facts = after(&reports, "srv1", "1#0#7#started#0#0");
        let right = if reports[0] == complete {
            Choice::Designated
        } else {
            others(&["srv2"])
        };
        assert_eq!(chosen(&facts), right);
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
    let facts = after(&[right, stray], "srv3", "2#700#7#started#1#700");
    assert_eq!(chosen(&facts), Choice::Designated);
    let without = self::facts(&[right, stray]);
    assert_eq!(chosen(&without), Choice::Nobody);
    assert_eq!(
        why_not(&without, "srv1"),
        "srv2 is at 2#950 (1@0,2@500) and srv1 is at 2#900 (1@0,2@700): each has what the other lacks"
    );
}

#[test]
fn a_complete_standby_of_the_timeline_before_takes_the_place_of_a_new_primary_that_was_lost() {
    for (report, choice) in [
        ("1#700 7#1@0", Choice::Designated),
        ("1#699 7#1@0", Choice::Nobody),
        ("2#700 7#1@0,2@700", Choice::Designated),
        ("1#700", Choice::Designated),
    ] {
        let facts = after(&[report, ""], "srv2", "2#700#7#started#1#700");
        assert_eq!(chosen(&facts), choice, "{report}");
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
    let mut facts = after(
        &["1#900 7#1@0", "2#750 7#1@0,2@700"],
        "srv1",
        "1#0#7#started#0#0",
    );
    assert_eq!(chosen(&facts), Choice::Designated);
    let announced = "7#1+700#ANY 1 (srv1,srv2)";
    facts.rules = [(node("srv3"), announced.parse().unwrap())].into();
    assert_eq!(chosen(&facts), others(&["srv2"]));
    // Two timelines began where that promotion was planned to begin: another server began one of them.
    facts
        .nodes
        .insert(node("srv3"), report("3#710 7#1@0,3@710"));
    assert_eq!(chosen(&facts), others(&["srv2"]));
    for (announced, choice) in [
        // No node has acknowledged anything that was written on the other one, unless commits waited for no standby.
        ("7#1+700#none", Choice::Nobody),
        // The promotion was planned from another timeline 1.
        ("7#1@0@5+700#none", Choice::Nobody),
        ("7#1@3+700#none", Choice::Designated),
    ] {
        facts.rules = [(node("srv3"), announced.parse().unwrap())].into();
        assert_eq!(chosen(&facts), choice, "{announced}");
    }
}

#[test]
fn a_recorded_promotion_that_a_later_one_has_replaced_makes_no_demand() {
    // srv2 was promoted and lost before any node followed it, and then srv4, which recorded no more than its plan.
    let (replaced, last) = ("2#750 7#1@0,2@700@5", "2#900 7#1@0,2@700@6");
    let mut facts = after(&[last, replaced, last], "srv2", "2#700#7#started#1@0#700#5");
    assert_eq!(chosen(&facts), others(&["srv2"]));
    let rule = |name: &str, text: &str| (node(name), text.parse().unwrap());
    let plan = rule("srv4", "7#1@0+700#ANY 1 (srv1,srv2,srv3)");
    facts.rules = [plan.clone()].into();
    assert_eq!(chosen(&facts), Choice::Designated);
    facts.rules = [rule("srv4", "7#2@700@6#ANY 1 (srv1,srv2,srv3)")].into();
    assert_eq!(chosen(&facts), Choice::Designated);
    // The plan was of another timeline 1.
    facts.rules = [rule("srv4", "7#1@5+700#ANY 1 (srv1,srv2,srv3)")].into();
    assert_eq!(chosen(&facts), others(&["srv2"]));
    // srv2 still has its rule: the other promotion may have come before, and srv4 may have followed this one.
    let own = rule("srv2", "7#1@0+700#ANY 1 (srv1,srv3,srv4)");
    facts.rules = [own, plan].into();
    assert_eq!(chosen(&facts), Choice::Nobody);
    facts.nodes.insert(node("srv4"), report(last));
    assert_eq!(chosen(&facts), Choice::Designated);
}

#[test]
fn a_promotion_whose_end_came_late_is_no_later_primary_than_one_that_went_on() {
    // srv1 was to be promoted at 500, hung, and was promoted when it went on; srv2 is still the primary of timeline 1.
    let reports = ["2#510 7#1@0,2@500", "1#900 7#1@0", "1#900 7#1@0"];
    let announced = |rule: &str| ElectionFacts {
        rules: [(node("srv1"), format!("7#1+500#{rule}").parse().unwrap())].into(),
        ..after(&reports, "srv2", "1#900#7#stopped#0#0")
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
    let reports = ["2#800 7#1@0,2@720", "2#900 7#1@0,2@700"];
    let mut both = after(&reports, "srv4", "2#700#7#started#1#700");
    both.ends
        .insert(node("srv5"), "2#720#7#started#1#720".parse().unwrap());
    assert_eq!(chosen(&both), Choice::Designated);
    assert!(why_not(&both, "srv2").starts_with("it is at 2#900, whose timeline forked off"));
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
fn a_primary_that_was_lost_is_followed_by_whoever_has_its_timelines_parent_and_not_by_another_one_of_that_number()
 {
    // srv3 was promoted by hand to a timeline 6, and after that srv2 was elected to one of its own, and to 7 from there.
    let stray = "6#880 7#1@0,5@500,6@750@5";
    let follower = "6#850 7#1@0,5@500,6@800@8";
    let end = "7#840#7#started#6@800@8#840#9";
    let lost = |reports: &[&str]| after(reports, "srv4", end);
    assert_eq!(chosen(&lost(&[stray])), Choice::Nobody);
    assert_eq!(chosen(&lost(&[follower])), Choice::Designated);
    assert_eq!(chosen(&lost(&[stray, follower])), others(&["srv2"]));
    // Also where both were promoted from one position, at different moments.
    let twin = "6#880 7#1@0,5@500,6@800@5";
    assert_eq!(chosen(&lost(&[twin])), Choice::Nobody);
    // One that is on record only as about to be promoted is known by those that follow it.
    let announced = ElectionFacts {
        rules: [(node("srv4"), "7#6@800@8+840#ANY 1 (srv2)".parse().unwrap())].into(),
        ..facts(&[
            "6#880 7#1@0,5@500,6@750@5",
            "7#860 7#1@0,5@500,6@800@8,7@840@9",
        ])
    };
    assert_eq!(chosen(&announced), others(&["srv2"]));
}
