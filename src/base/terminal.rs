//! Text of other people's files and servers on its way to a terminal.

/// The same without what would move a cursor, hide text or begin a line: that is escaped and not left out, so that no
/// name becomes another by what it loses.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmless(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// Control characters, the separators of lines, and what changes the direction of text (Unicode Standard Annex #9).
fn is_harmless(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !(c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        for (text, seen) in [
            ("srv1 [ok] \u{e9}", "srv1 [ok] \u{e9}"),
            ("\u{1b}[2Jgood", "\\u{1b}[2Jgood"),
            ("a\r\nb\0", "a\\u{d}\\u{a}b\\u{0}"),
            ("\u{9b}1m", "\\u{9b}1m"),
            ("\u{202e}abc", "\\u{202e}abc"),
        ] {
            assert_eq!(shown(text), seen);
        }
    }
}
