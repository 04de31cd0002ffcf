//! Elections after commits waited for synchronous standbys.

use super::*;

/// The same, with a node whose commits waited for standbys.
fn waited(reports: &[&str], end: &str, rules: &str) -> ElectionFacts {
    ElectionFacts {
        rules: [(node("srv4"), rules.parse().unwrap())].into(),
        ..after(reports, "srv4", end)
    }
}

const STARTED: &str = "1#0#7#started#0#0";

#[test]
fn a_member_that_was_rebuilt_from_another_history_does_not_count() {
    let rules = "7#3@50#ANY 1 (srv1,srv2)";
    let after = "7#2@20+50#ANY 1 (srv1,srv2)";
    // The primary was on timeline 3; srv1 was promoted by hand to 4, and srv2 was rebuilt from it.
    let reports = ["4#70 7#1@0,2@20,3@50,4@60", "4#70 7#1@0,2@20,3@50,4@60"];
    let end = "3#50#7#started#2#50";
    for (copy, rules, choice) in [
        ("7#1@0,2@20,3@50,4@60", rules, Choice::Nobody),
        ("7#1@0,2@20,3@55", rules, Choice::Nobody),
        ("7#1@0,2@20,3@50", rules, Choice::Designated),
        ("7#1@0,2@20", rules, Choice::Designated),
        ("8#1@0,2@20,3@50,4@60", rules, Choice::Designated),
        ("7#", rules, Choice::Designated),
        ("7#1@0,2@20,3@50,4@60", after, Choice::Nobody),
        ("7#1@0,2@20,3@50", after, Choice::Designated),
        ("7#1@0,2@20", after, Choice::Designated),
    ] {
        let facts = ElectionFacts {
            copies: [(node("srv2"), copy.parse().unwrap())].into(),
            ..waited(&reports, end, rules)
        };
        assert_eq!(chosen(&facts), choice, "{copy} {rules}");
    }
    let facts = ElectionFacts {
        copies: [(node("srv2"), "7#1@0,2@20,3@50,4@60".parse().unwrap())].into(),
        ..waited(&reports, end, rules)
    };
    assert_eq!(
        why_not(&facts, "srv1"),
        "commits on srv4 waited for ANY 1 (srv1,srv2), and 1 more of srv2 must take part; made anew from another server \
         since: srv2"
    );
    let outcome = elect(&facts);
    let remedy = outcome.why_not[&node("srv1")].remedy(&"pgsqld".parse().unwrap());
    let remedy = remedy.unwrap();
    assert!(remedy.starts_with("Start the servers of srv4;"), "{remedy}");
}

#[test]
fn without_enough_members_no_node_is_promoted() {
    let [at5, at6] = ["1#5 7#1@0", "1#6 7#1@0"];
    for (reports, rules, choice) in [
        (
            [at5, "", ""],
            "7#1@0#ANY 1 (srv1,srv2,srv3)",
            Choice::Nobody,
        ),
        (
            [at5, at6, ""],
            "7#1@0#ANY 1 (srv1,srv2,srv3)",
            Choice::Nobody,
        ),
        (
            [at5, at6, at5],
            "7#1@0#ANY 1 (srv1,srv2,srv3)",
            others(&["srv2"]),
        ),
        (
            [at5, at5, ""],
            "7#1@0#ANY 2 (srv1,srv2,srv3)",
            Choice::Designated,
        ),
        (
            [at5, "", ""],
            "7#1@0#ANY 3 (srv1,srv2,srv3)",
            Choice::Designated,
        ),
        ([at5, "", ""], "7#1@0#FIRST 1 (srv1,srv2)", Choice::Nobody),
        (
            [at5, at5, ""],
            "7#1@0#FIRST 1 (srv1,srv2)",
            Choice::Designated,
        ),
        ([at5, at5, ""], "7#1@0#ANY 1 (srv1,backup)", Choice::Nobody),
        ([at5, "", ""], "7#1@0#ANY 2 (srv1)", Choice::Designated),
        // The rule of another database cluster, or of a primary before the last one.
        ([at5, "", ""], "8#1@0#ANY 1 (srv1,srv2)", Choice::Designated),
    ] {
        assert_eq!(chosen(&waited(&reports, STARTED, rules)), choice, "{rules}");
    }
    let waiting = waited(&[at5, at6, ""], STARTED, "7#1@0#ANY 1 (SRV1,srv2,srv3)");
    assert_eq!(
        why_not(&waiting, "srv1"),
        "commits on srv4 waited for ANY 1 (SRV1,srv2,srv3), and 1 more of srv3 must take part"
    );
    let remedy = elect(&waiting).why_not[&node("srv1")].remedy(&"pgsqld".parse().unwrap());
    let accept = "crm_attribute --node srv4 --name sync_rule-pgsqld --lifetime forever --delete";
    assert!(remedy.unwrap().contains(accept));
}

#[test]
fn a_rule_ends_with_the_promotion_of_another_primary() {
    let report = "2#950 7#1@0,2@900";
    let rules = "7#1@0#ANY 1 (srv1,srv2)";
    let later = waited(&[report, ""], "2#900#7#started#1#900", rules);
    assert_eq!(chosen(&later), Choice::Designated);
    // A planned promotion counts, whether it was carried out or not.
    let announced = waited(
        &[report, ""],
        "2#900#7#started#1#900",
        "7#2+950#ANY 1 (srv1,srv2)",
    );
    assert_eq!(chosen(&announced), Choice::Nobody);
    // Of two promotions from one timeline, it is not known which came first.
    let sibling = waited(
        &[report, ""],
        "2#900#7#started#1#900",
        "7#1+900#ANY 1 (srv1,srv2)",
    );
    assert_eq!(chosen(&sibling), Choice::Nobody);
    let before = waited(
        &["3#950 7#1@0,2@900,3@940", ""],
        "3#940#7#started#2#940",
        "7#1+900#ANY 1 (srv1,srv2)",
    );
    assert_eq!(chosen(&before), Choice::Designated);
}

/// Its server refused the agent after the promotion, so that its rule is on record as it was announced before.
#[test]
fn an_announced_rule_counts_beside_the_record_of_one_that_was_promoted_by_hand_elsewhere() {
    // srv4 was elected and went from timeline 1 to 2; somebody has promoted srv2, which was on timeline 2, to 4.
    let rules = "7#1+900#ANY 1 (srv1,srv2,srv3)";
    let elected = "2#900#7#started#1#900";
    let report = "2#950 7#1@0,2@900";
    let with = |found: Option<&str>, reports: &[&str]| {
        let mut facts = waited(reports, elected, rules);
        let found = found.map(|end| (node("srv5"), end.parse().unwrap()));
        facts.ends.extend(found);
        facts
    };
    let found = Some("4#940#7#found-started#2#940");
    for found in [None, found] {
        assert_eq!(chosen(&with(found, &[report, report, ""])), Choice::Nobody);
        let all = with(found, &[report, report, report]);
        assert_eq!(chosen(&all), Choice::Designated);
    }
    // Without any record, every rule is in question.
    let mut unknown = with(None, &[report, report, ""]);
    unknown.ends.clear();
    assert_eq!(chosen(&unknown), Choice::Nobody);
}

#[test]
fn of_two_timelines_of_one_number_that_were_begun_apart_the_one_that_could_acknowledge_counts() {
    // srv1 was promoted while no standby could follow, from a later position than srv2 was meanwhile; srv3 follows
    // srv2.
    let reports = [
        "3#920 7#2@0,3@910",
        "3#1500 7#2@0,3@900",
        "3#1400 7#2@0,3@900",
    ];
    for (of_srv1, choice) in [
        ("7#3@910#ANY 1 (srv2,srv3)", others(&["srv2"])),
        ("7#2+905#ANY 1 (srv2,srv3)", others(&["srv2"])),
        // Commits may have been acknowledged there.
        ("7#3@910#none", Choice::Designated),
    ] {
        let mut facts = waited(&reports, "3#920#7#stopped#2#910", of_srv1);
        facts
            .ends
            .insert(node("srv2"), "3#900#7#started#2#900".parse().unwrap());
        let rules = "7#3@900#ANY 1 (srv1,srv3)".parse().unwrap();
        facts.rules.insert(node("srv2"), rules);
        assert_eq!(chosen(&facts), choice, "{of_srv1}");
    }
}

#[test]
fn the_primary_itself_has_everything() {
    let rules = "7#1@0#ANY 1 (srv1,srv2,srv3)";
    let mut there = waited(&["1#5 7#1@0", "", ""], STARTED, rules);
    there.nodes.insert(node("srv4"), report("1#9 7#1@0"));
    assert_eq!(chosen(&there), others(&["srv4"]));
    there.nodes.insert(node("srv4"), NodeReport::Silent);
    assert_eq!(chosen(&there), Choice::Nobody);
    // Its server was rebuilt, from one that was behind.
    let rules = "7#2@5#ANY 1 (srv1,srv2,srv3)";
    let mut anew = waited(&["2#7 7#1@0,2@5", "", ""], "2#5#7#started#1#5", rules);
    anew.nodes.insert(node("srv4"), report("1#5 7#1@0"));
    assert_eq!(chosen(&anew), Choice::Nobody);
}

#[test]
fn what_was_acknowledged_by_an_earlier_rule_ends_where_that_was_changed() {
    let rules = "7#1@0#none#100=ANY 1 (srv1,srv2)";
    for (reports, choice) in [
        (["1#99 7#1@0", ""], Choice::Nobody),
        (["1#100 7#1@0", ""], Choice::Designated),
        (["1#98 7#1@0", "1#99 7#1@0"], others(&["srv2"])),
    ] {
        assert_eq!(chosen(&waited(&reports, STARTED, rules)), choice);
    }
}

#[test]
fn a_promotion_that_was_only_planned_ends_no_rule_of_the_timeline_before() {
    let plan = "7#1@0+100#none#100=ANY 1 (srv1,srv2)";
    for (reports, choice) in [
        (["1#99 7#1@0", ""], Choice::Nobody),
        (["1#100 7#1@0", ""], Choice::Designated),
        (["1#98 7#1@0", "1#99 7#1@0"], others(&["srv2"])),
        // Once it was followed, whoever has its beginning has all that was acknowledged before.
        (["2#110 7#1@0,2@100", ""], Choice::Designated),
    ] {
        assert_eq!(
            chosen(&waited(&reports, STARTED, plan)),
            choice,
            "{reports:?}"
        );
    }
    // The node itself has everything.
    let mut there = waited(&["1#99 7#1@0", ""], STARTED, plan);
    there.nodes.insert(node("srv4"), report("1#100 7#1@0"));
    assert_eq!(chosen(&there), others(&["srv4"]));
}

#[test]
fn a_node_that_is_passed_over_counts_only_for_what_was_acknowledged() {
    let reports = ["1#5 7#1@0", "1#6 7#1@0", "1#5 7#1@0"];
    let mut banned = after(&reports, "srv4", STARTED);
    banned.passed_over = [node("srv2")].into();
    let outcome = elect(&banned);
    assert_eq!(outcome.choice, Choice::Designated);
    assert_eq!(
        outcome.why_not[&node("srv2")].to_string(),
        "the cluster does not promote it; it is at 1#6"
    );
    // What is recorded still counts.
    let mut stopped = after(&reports, "srv4", "1#6#7#stopped#0#0");
    stopped.passed_over = [node("srv2")].into();
    assert_eq!(chosen(&stopped), Choice::Nobody);
    // A commit may have waited for it alone.
    let mut waited = waited(&reports, STARTED, "7#1@0#ANY 1 (srv1,srv2,srv3)");
    waited.passed_over = [node("srv2")].into();
    assert_eq!(chosen(&waited), Choice::Nobody);
    assert_eq!(
        why_not(&waited, "srv1"),
        "it is at 1#5 and srv2, which the cluster does not promote, at 1#6, which may have been acknowledged"
    );
    let remedy = elect(&waited).why_not[&node("srv1")].remedy(&"pgsqld".parse().unwrap());
    let accept = "crm_attribute --node srv4 --name sync_rule-pgsqld --lifetime forever --delete";
    assert!(remedy.unwrap().contains(accept));
    // Commits waited for two standbys, so that one of the others has them.
    waited.rules = [(
        node("srv4"),
        "7#1@0#ANY 2 (srv1,srv2,srv3)".parse().unwrap(),
    )]
    .into();
    assert_eq!(chosen(&waited), Choice::Designated);
}

#[test]
fn no_node_gives_way_again_to_one_that_was_passed_over() {
    let reports = ["1#5 7#1@0", "1#7 7#1@0", "1#6 7#1@0"];
    let mut round = after(&reports, "srv4", STARTED);
    round.passed_over = [node("srv2")].into();
    let outcome = elect(&round);
    assert_eq!(outcome.choice, others(&["srv3"]));
    assert_eq!(
        outcome.scores(&round),
        [
            (node("srv1"), Score::GAVE_WAY),
            (node("srv2"), Score::PASSED_OVER),
            (node("srv3"), Score::BEST),
        ]
        .into()
    );
}

#[test]
fn a_node_with_the_end_of_a_primary_that_was_stopped_in_order_has_all_that_was_acknowledged() {
    for rules in [
        "7#2@3#ANY 1 (srv1,srv2,srv3)",
        "7#1+3#ANY 1 (srv1,srv2,srv3)",
    ] {
        let ended = |report, end| chosen(&waited(&[report, "", ""], end, rules));
        let end = "2#5#7#stopped#1#3";
        assert_eq!(ended("2#5 7#1@0,2@3", end), Choice::Designated);
        assert_eq!(ended("2#4 7#1@0,2@3", end), Choice::Nobody);
        assert_eq!(ended("2#5 7#1@0,2@3", "2#3#7#started#1#3"), Choice::Nobody);
        // The end of another time as a primary.
        assert_eq!(ended("2#5 7#1@0,2@2", "2#5#7#stopped#1#2"), Choice::Nobody);
    }
}

#[test]
fn a_server_promoted_by_hand_needs_the_beginning_of_an_elected_timeline_without_commits() {
    // srv4 was the primary on timeline 3 and then on 4, which no node followed; srv2 was promoted by hand before.
    let reports = ["3#80 7#1@0,2@20,3@50", "4#95 7#1@0,2@20,3@50,4@70"];
    let facts = |found: &str, reports: &[&str]| ElectionFacts {
        ends: [
            (node("srv4"), "4#90#7#stopped#3#80".parse().unwrap()),
            (node("srv2"), found.parse().unwrap()),
        ]
        .into(),
        rules: [(node("srv4"), "7#4@80#ANY 1 (srv1,srv2)".parse().unwrap())].into(),
        ..facts(reports)
    };
    let by_hand = facts("4#95#7#found-stopped#3#70", &reports);
    assert_eq!(chosen(&by_hand), Choice::Nobody);
    // An election has verified that the server that was elected there has what was acknowledged.
    let elected = facts("4#95#7#stopped#3#70", &reports);
    assert_eq!(chosen(&elected), others(&["srv2"]));
    // A server that was promoted by hand from the same position has everything before that, too.
    let reports = [reports[0], "4#95 7#1@0,2@20,3@50,4@80@5"];
    let twin = facts("4#95#7#found-stopped#3#80#5", &reports);
    assert_eq!(chosen(&twin), others(&["srv2"]));
}
