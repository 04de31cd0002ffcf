//! Makes text from files and servers of other parties safe to print on a terminal.

/// Escapes characters that would move the cursor, hide text or begin a line. They are not removed, so that no
/// name can turn into a different one.
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

/// Whether the character is neither a control character, nor a line separator, nor one that changes the direction of text
/// (Unicode Standard Annex #9).
fn is_harmless(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !(c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_control_a_terminal_are_escaped() {
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
