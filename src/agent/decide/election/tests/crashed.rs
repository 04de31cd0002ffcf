//! Elections while a crashed primary is kept stopped.

use super::*;

const ASYNCHRONOUS: &str = "7#1@0#none";
const SYNCHRONOUS: &str = "7#1@0#ANY 1 (srv1,srv2)";

/// An election among `srv1`, which is designated, and `srv2`, after the primary on `srv4` has crashed at a position.
fn crashed(reports: &[&str], at: &str, rules: &str) -> ElectionFacts {
    let NodeReport::At(said) = report(at) else {
        panic!("{at}");
    };
    ElectionFacts {
        crashed: [(node("srv4"), said)].into(),
        rules: [(node("srv4"), rules.parse().unwrap())].into(),
        ..after(reports, "srv4", "1#0#7#started#0#0")
    }
}

#[test]
fn where_commits_waited_for_nobody_who_lacks_what_the_crashed_server_has_gives_way_to_it() {
    for (at, choice) in [
        ("1#6 7#1@0", others(&["srv4"])),
        ("1#5 7#1@0", Choice::Designated),
        ("1#4 7#1@0", Choice::Designated),
    ] {
        let facts = crashed(&["1#5 7#1@0", "1#5 7#1@0"], at, ASYNCHRONOUS);
        assert_eq!(chosen(&facts), choice, "{at}");
        let unrecorded = ElectionFacts {
            rules: BTreeMap::new(),
            ..facts
        };
        assert_eq!(chosen(&unrecorded), choice, "{at}");
    }
    let facts = crashed(&["1#5 7#1@0", "1#5 7#1@0"], "1#6 7#1@0", ASYNCHRONOUS);
    assert_eq!(
        elect(&facts).scores(&facts),
        [
            (node("srv1"), Score::GAVE_WAY),
            // With its rank and `resource-stickiness` it would be tried before srv4.
            (node("srv2"), Score::GAVE_WAY),
            (node("srv4"), Score::BEST)
        ]
        .into()
    );
}

#[test]
fn where_commits_waited_for_standbys_one_of_them_is_promoted_at_once() {
    let facts = crashed(&["1#5 7#1@0", "1#5 7#1@0"], "1#9 7#1@0", SYNCHRONOUS);
    assert_eq!(chosen(&facts), Choice::Designated);
    let without = ElectionFacts {
        crashed: BTreeMap::new(),
        ..facts
    };
    assert!(!asks_for_crashed(&without, &elect(&without)));
}

#[test]
fn where_too_few_standbys_are_there_the_crashed_server_tells_what_was_acknowledged() {
    for (at, choice) in [
        ("1#6 7#1@0", others(&["srv4"])),
        // Whoever has all that it has has what was acknowledged.
        ("1#5 7#1@0", Choice::Designated),
    ] {
        let facts = crashed(&["1#5 7#1@0", ""], at, "7#1@0#ANY 1 (srv2,srv3)");
        assert_eq!(chosen(&facts), choice, "{at}");
        let without = ElectionFacts {
            crashed: BTreeMap::new(),
            ..facts
        };
        assert_eq!(chosen(&without), Choice::Nobody);
        assert!(asks_for_crashed(&without, &elect(&without)));
    }
}

#[test]
fn a_running_server_that_has_as_much_is_preferred_to_the_crashed_one() {
    let facts = crashed(&["1#5 7#1@0", "1#6 7#1@0"], "1#6 7#1@0", ASYNCHRONOUS);
    assert_eq!(chosen(&facts), others(&["srv2"]));
    let facts = crashed(&["1#5 7#1@0", "1#6 7#1@0"], "1#7 7#1@0", ASYNCHRONOUS);
    assert_eq!(chosen(&facts), others(&["srv4"]));
}

#[test]
fn a_crashed_server_that_settles_nothing_prevents_no_promotion() {
    for at in ["1#6 8#1@0", "2#6 7#1@0,2@4"] {
        let facts = crashed(&["1#5 7#1@0", "1#5 7#1@0"], at, ASYNCHRONOUS);
        assert_eq!(chosen(&facts), Choice::Designated, "{at}");
    }
}
