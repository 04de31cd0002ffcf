use super::*;

#[test]
fn printing_and_parsing_are_inverse() {
    for text in [
        "2#67263616#18446744073709551615#stopped#1#67108864",
        "1#67263616#7#stopped#0#0",
        "2#67263616#7#started#1#67263616",
        "2#67263616#7#started#1#67263616#848923415123456",
        "2#67263616#7#started#1@0#67263616#848923415123456",
        "3#67263616#7#stopped#2@67108864@848923415123456#67263616",
        "2#67263616#7#started",
        "2#67263616#7#stopped",
        "2#67263616#7#found-started#1#67263616#5",
        "2#67263700#7#found-stopped#1#67263616#5",
    ] {
        let end: PrimaryEnd = text.parse().unwrap();
        assert_eq!(end.to_string(), text);
    }
}

#[test]
fn the_beginning_of_the_timeline_is_known_unless_an_old_end_lacks_it() {
    for (text, begin) in [
        ("2#900#7#stopped#1#800", Some(800)),
        ("1#900#7#stopped#0#0", Some(0)),
        ("2#900#7#started#1#900", Some(900)),
        ("2#900#7#started", Some(900)),
        ("2#900#7#stopped", None),
    ] {
        let end: PrimaryEnd = text.parse().unwrap();
        assert_eq!(end.begin(), begin.map(|at| Lsn(at).into()), "{text}");
    }
}

#[test]
fn an_older_copy_of_a_server_does_not_replace_its_recorded_end() {
    let end = |text: &str| text.parse::<PrimaryEnd>().unwrap();
    let kept = end("2#900#7#stopped#1#800");
    for (other, is_covered) in [
        ("2#900#7#stopped#1#800", true),
        ("2#850#7#stopped#1#800", true),
        ("2#950#7#stopped#1#800", false),
        ("2#800#7#started#1#800", false),
        ("2#850#7#stopped#1#700", false),
        ("2#850#8#stopped#1#800", false),
        ("1#850#7#stopped#0#0", false),
    ] {
        assert_eq!(kept.covers(&end(other)), is_covered, "{other}");
    }
    let started = end("2#800#7#started#1#800");
    assert!(started.covers(&started) && !started.covers(&kept));
}

#[test]
fn the_last_primary_was_stopped_if_all_records_of_it_say_so() {
    for (texts, stopped) in [
        (&[][..], false),
        (&["1#900#7#stopped#0#0"], true),
        (&["1#0#7#started#0#0"], false),
        (&["1#900#7#stopped#0#0", "2#900#7#started#1#900"], false),
        (&["1#0#7#started#0#0", "2#950#7#stopped#1#900"], true),
        // Of one number, the one that began later counts; of one beginning, both.
        (&["2#900#7#started#1#800", "2#950#7#stopped#1#900"], true),
        (
            &["2#900#7#started#1#900#5", "2#950#7#stopped#1#900#6"],
            false,
        ),
        (&["1#900#8#stopped#0#0"], false),
        // The previous primary may still run in parallel to one that was found.
        (&["1#0#7#started#0#0", "2#950#7#found-stopped#1#900"], false),
        (
            &["1#990#7#stopped#0#0", "2#950#7#found-stopped#1#900"],
            true,
        ),
    ] {
        let ends: Vec<PrimaryEnd> = texts.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(is_stopped(ends.iter(), 7), stopped, "{texts:?}");
    }
}

#[test]
fn those_that_were_found_count_beside_the_last_one_that_was_elected() {
    for (texts, last) in [
        (
            &["1#900#7#stopped#0#0", "2#950#7#started#1#950"][..],
            &[1][..],
        ),
        (
            &["2#900#7#stopped#1#500", "3#950#7#found-started#2#850"],
            &[0, 1],
        ),
        // Nothing has held one that was found to what another one had, whatever their numbers.
        (
            &["3#950#7#found-stopped#2#900", "4#980#7#found-stopped#3#850"],
            &[0, 1],
        ),
        // An election has held the last one to what they had.
        (
            &[
                "3#950#7#found-stopped#2#900",
                "4#980#7#started#3#980",
                "4#960#7#found-started#3#960",
            ],
            &[1],
        ),
    ] {
        let ends: Vec<PrimaryEnd> = texts.iter().map(|text| text.parse().unwrap()).collect();
        let mut found: Vec<String> = super::last(ends.iter().collect())
            .iter()
            .map(ToString::to_string)
            .collect();
        found.sort();
        let mut expected: Vec<&str> = last.iter().map(|index| texts[*index]).collect();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}

#[test]
fn anything_else_is_refused() {
    for wrong in [
        "",
        "2#67263616",
        "2#67263616#1#",
        "2#67263616#1#stopped#",
        "2#67263616#1#stopped#1",
        "2#67263616#1#stopped#1#",
        "2#67263616#1#stopped#1#2#",
        "2#67263616#1#stopped#1#2#3#4",
        "2#67263616#1#stopped#1@#2#3",
        "2#67263616#1#ended",
        "2#67263616#1#found",
        "+2#67263616#1#stopped",
        "#1#1#stopped",
        "4294967296#1#1#stopped",
    ] {
        let refused = wrong.parse::<PrimaryEnd>();
        assert_eq!(refused, Err(PrimaryEndError(wrong.into())));
    }
}
