use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;

struct Shown<'a>(&'a Excerpt);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, 7, "hint")
    }
}

fn shown(line: &str, part: &str) -> String {
    let start = line.find(part).unwrap();
    Shown(&Excerpt::new(line, line, start..start + part.len())).to_string()
}

#[test]
fn carets_stand_under_their_part() {
    for (line, part, expected) in [
        ("port = 1", "1", "   7 | port = 1\n     |        ^ hint\n"),
        (
            "\tport\t= 12",
            "12",
            "   7 |     port    = 12\n     |               ^^ hint\n",
        ),
        (
            "user = \"日本\" # x",
            "\"日本\"",
            "   7 | user = \"日本\" # x\n     |        ^^^^^^ hint\n",
        ),
        (
            "# caf\u{e9} e\u{301} x",
            "x",
            "   7 | # caf\u{e9} e\u{301} x\n     |          ^ hint\n",
        ),
    ] {
        assert_eq!(shown(line, part), expected, "{line}");
    }
}

#[test]
fn a_caret_for_something_missing_stands_behind_the_line() {
    let excerpt = Excerpt::new("port = \"5", "port = \"5", 9..9);
    let expected = "   7 | port = \"5\n     |          ^ hint\n";
    assert_eq!(Shown(&excerpt).to_string(), expected);
    let empty = Excerpt::new("", "", 0..0);
    assert_eq!(Shown(&empty).to_string(), "   7 | \n     | ^ hint\n");
}

#[test]
fn characters_that_move_the_cursor_are_replaced() {
    let line = "port = \u{1b}[31m\u{202e}1";
    let expected = "   7 | port = \u{fffd}[31m\u{fffd}1\n     |              ^ hint\n";
    assert_eq!(shown(line, "1").matches('\u{1b}').count(), 0);
    assert_eq!(
        Shown(&Excerpt::new(line, line, 14..15)).to_string(),
        expected
    );
}

#[test]
fn a_long_line_is_cut_to_the_part_around_the_carets() {
    let line = format!("{}X{}", "a".repeat(500), "b".repeat(500));
    let expected = format!(
        "   7 | \u{2026}{}X{}\u{2026}\n     | {}^ hint\n",
        "a".repeat(BEFORE),
        "b".repeat(MOST - BEFORE - 1),
        " ".repeat(BEFORE + 1)
    );
    assert_eq!(shown(&line, "X"), expected);
}

#[test]
fn a_part_that_may_be_a_secret_is_cut_off_with_its_carets() {
    let (line, harmless) = ("password = \"geheim\"", "pass");
    for (span, carets) in [(0..8, "^^^^^"), (11..19, "    ^"), (19..19, "    ^")] {
        let excerpt = Excerpt::new(line, harmless, span);
        let expected = format!("   7 | pass\u{2026}\n     | {carets} hint\n");
        assert_eq!(Shown(&excerpt).to_string(), expected);
    }
}

proptest! {
    #[test]
    fn carets_lie_within_the_line(line in "[^\n]{0,300}", cut: prop::sample::Index, start in 0_usize..400, length in 0_usize..400) {
        let ends: Vec<_> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
        let harmless = line.get(..*cut.get(&ends)).unwrap();
        let excerpt = Excerpt::new(&line, harmless, start..start + length);
        let width = excerpt.line.width();
        prop_assert!(excerpt.indent <= width, "{:?}", excerpt);
        prop_assert!(excerpt.carets >= 1);
        let behind_the_end = excerpt.indent == width && excerpt.carets == 1;
        prop_assert!(behind_the_end || excerpt.indent + excerpt.carets <= width, "{:?}", excerpt);
        prop_assert!(excerpt.line.chars().count() <= MOST + 2);
    }
}
