use std::collections::BTreeSet;

use super::*;

fn rule(setting: &str) -> Option<SyncRule> {
    let local = "srv1".parse().unwrap();
    SyncRule::of(setting, &local, &BTreeSet::new()).unwrap()
}

fn branch(timeline: u32, begin: u64) -> Branch {
    Branch {
        timeline: Timeline(timeline),
        begin: Lsn(begin).into(),
    }
}

#[test]
fn printing_and_parsing_are_inverse() {
    for text in [
        "7#1@0#ANY 1 (srv2,srv3)",
        "7#2@900#none",
        "7#2@900@55#none",
        "7#1+900#none",
        "7#2@900+950#none",
        "7#2@900@55+950#none",
        "7#2@900@55+950#none#1000=ANY 1 (srv2)",
        "7#2@900#none#1000=ANY 1 (srv2)#2000=FIRST 2 (\"a#b=c\",\"\"\"\",srv2)",
        "7#2@900#FIRST 1 ()",
    ] {
        let rules: SyncRules = text.parse().unwrap();
        assert_eq!(rules.to_string(), text);
    }
}

#[test]
fn anything_else_is_refused() {
    for wrong in [
        "",
        "7#1@0",
        "7#1@0#",
        "7#1@0#ANY 1",
        "7#1#none",
        "7#1@+1#none",
        "7#1+#none",
        "7#1@0#none#",
        "7#1@0#none#ANY 1 (a)",
        "7#1@0#none#5=none",
        "x#1@0#none",
    ] {
        assert!(wrong.parse::<SyncRules>().is_err(), "{wrong}");
    }
}

#[test]
fn an_earlier_rule_applies_up_to_where_it_was_changed() {
    let next = |before: Option<&SyncRules>, setting, end| {
        SyncRules::following(before, 7, branch(1, 0), rule(setting), Lsn(end))
    };
    let first = next(None, "ANY 1 (a,b)", 100);
    assert_eq!(first.to_string(), "7#1@0#ANY 1 (a,b)");
    assert_eq!(next(Some(&first), "ANY 1 (a,b)", 150), first);
    let none = next(Some(&first), "", 200);
    assert_eq!(none.to_string(), "7#1@0#none#200=ANY 1 (a,b)");
    let other = next(Some(&none), "ANY 1 (c)", 300);
    let text = "7#1@0#ANY 1 (c)#200=ANY 1 (a,b)";
    assert_eq!(other.to_string(), text);
    // As long as it is in force again, it counts for everything.
    let back = next(Some(&other), "ANY 1 (a,b)", 400);
    assert_eq!(back.to_string(), "7#1@0#ANY 1 (a,b)#400=ANY 1 (c)");
}

#[test]
fn a_planned_promotion_is_identified_by_its_parent_timeline() {
    let after: SyncRules = "7#1+900#ANY 1 (a)".parse().unwrap();
    for (timeline, begin, parent, is_of) in [
        (2, 900, 1, true),
        // Another timeline had its number before.
        (3, 950, 1, true),
        (2, 899, 1, false),
        (3, 950, 2, false),
    ] {
        let parent = Some(Timeline(parent));
        assert_eq!(after.since.is_of(branch(timeline, begin), parent), is_of);
    }
    let on: SyncRules = "7#2@900#ANY 1 (a)".parse().unwrap();
    for (timeline, begin, is_of) in [(2, 900, true), (2, 901, false), (3, 900, false)] {
        let parent = Some(Timeline(1));
        assert_eq!(on.since.is_of(branch(timeline, begin), parent), is_of);
    }
}

#[test]
fn a_planned_promotion_keeps_the_rules_of_the_timeline_that_its_node_was_the_primary_of() {
    for (before, planned) in [
        // It was the primary of that timeline.
        ("7#2@900#ANY 1 (a)", "7#2@900+1000#none#1000=ANY 1 (a)"),
        ("7#1@0+900#ANY 1 (a)", "7#2@900+1000#none#1000=ANY 1 (a)"),
        (
            "7#2@900#none#950=ANY 1 (a)",
            "7#2@900+1000#none#950=ANY 1 (a)",
        ),
        // It was about to be promoted from there before: nobody has acknowledged anything after that.
        (
            "7#2@900+990#ANY 1 (b)#990=ANY 1 (a)",
            "7#2@900+1000#none#990=ANY 1 (a)",
        ),
        // It was the primary of another timeline, or of another database cluster.
        ("7#1@0#ANY 1 (a)", "7#2@900+1000#none"),
        ("7#2@800#ANY 1 (a)", "7#2@900+1000#none"),
        ("8#2@900#ANY 1 (a)", "7#2@900+1000#none"),
    ] {
        let before: SyncRules = before.parse().unwrap();
        let parent = Some(Timeline(1));
        let plan = SyncRules::announced(Some(&before), 7, branch(2, 900), parent, Lsn(1000), None);
        assert_eq!(plan.to_string(), planned, "{before}");
    }
}

#[test]
fn the_rules_that_a_planned_promotion_keeps_are_of_its_parent_timeline() {
    let plan: SyncRules = "7#2@900+1000#ANY 1 (b)#950=ANY 1 (a)".parse().unwrap();
    let parent = plan.of_parent().unwrap();
    assert_eq!(parent.to_string(), "7#2@900#none#950=ANY 1 (a)");
    assert_eq!(parent.of_parent(), None);
    assert_eq!(
        (plan.earlier(), parent.earlier()),
        (&[][..], &plan.before[..])
    );
    // Once it has begun a timeline, whoever has the beginning of that has all that was acknowledged before.
    let begun = SyncRules::following(Some(&plan), 7, branch(3, 1000), None, Lsn(1200));
    assert_eq!(begun.to_string(), "7#3@1000#none#1200=ANY 1 (b)");
}

#[test]
fn earlier_rules_that_are_dropped_are_returned() {
    let mut rules = None;
    for number in 1..=20 {
        let setting = format!("ANY 1 (a{number})");
        let next =
            SyncRules::following(rules.as_ref(), 7, branch(1, 0), rule(&setting), Lsn(number));
        rules = Some(next);
    }
    let mut rules = rules.unwrap();
    assert_eq!(rules.before.len(), 19);
    let forgotten = rules.shorten();
    let forgotten: Vec<String> = forgotten.iter().map(ToString::to_string).collect();
    assert_eq!(forgotten, ["ANY 1 (a1)", "ANY 1 (a2)", "ANY 1 (a3)"]);
    assert_eq!((rules.before.len(), rules.shorten()), (16, vec![]));
}
