//! Splits a line of `HAProxy`'s configuration into words; knows no keyword (Configuration Manual, "Quoting and
//! escaping").

use thiserror::Error;

/// Why a line cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuotingError {
    /// A quote that is not closed.
    #[error("a quote is not closed")]
    Quote,
    /// `\x` without two digits.
    #[error("\\x needs two hexadecimal digits")]
    Hexadecimal,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    /// `"`: escapes and variables are interpreted, blanks and `#` are not.
    Weak,
    /// `'`: nothing is interpreted.
    Strong,
}

/// The words of a line before a comment. A variable stays as it is written, because its value is not known.
pub(super) fn words(line: &str) -> Result<Vec<String>, QuotingError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = Quote::None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match (quote, c) {
            // A carriage return ends a line wherever it is.
            (Quote::None, '#') | (_, '\r') => break,
            (Quote::None, ' ' | '\t') => words.extend(word.take()),
            // In weak quotes a variable needs no braces.
            (Quote::Weak, '$') if rest.peek().copied().is_some_and(begins_name) => {
                let word = word.get_or_insert_default();
                word.push_str("${");
                while let Some(next) = rest.next_if(|c| begins_name(*c) || c.is_ascii_digit()) {
                    word.push(next);
                }
                word.push('}');
            }
            (Quote::None, '"') => quote = opened(&mut word, Quote::Weak),
            (Quote::None, '\'') => quote = opened(&mut word, Quote::Strong),
            (Quote::Weak, '"') | (Quote::Strong, '\'') => quote = Quote::None,
            (Quote::None | Quote::Weak, '\\') => {
                let word = word.get_or_insert_default();
                match rest.peek().copied() {
                    Some('x') => {
                        rest.next();
                        let digits: String = rest.by_ref().take(2).collect();
                        word.push(byte(&digits).ok_or(QuotingError::Hexadecimal)?);
                    }
                    Some(next) => match escaped(next) {
                        Some(meant) => {
                            rest.next();
                            word.push(meant);
                        }
                        None => word.push('\\'),
                    },
                    None => word.push('\\'),
                }
            }
            (Quote::None | Quote::Weak | Quote::Strong, c) => {
                word.get_or_insert_default().push(c);
            }
        }
    }
    if quote != Quote::None {
        return Err(QuotingError::Quote);
    }
    words.extend(word);
    Ok(words)
}

/// Whether the name of a variable can begin with this character.
fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '.')
}

/// Opens a quote. Empty quotes are a word too.
fn opened(word: &mut Option<String>, quote: Quote) -> Quote {
    word.get_or_insert_default();
    quote
}

fn escaped(c: char) -> Option<char> {
    match c {
        ' ' | '\t' | '#' | '\\' | '\'' | '"' | '$' => Some(c),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        _ => None,
    }
}

fn byte(digits: &str) -> Option<char> {
    let only_digits = digits.chars().all(|c| c.is_ascii_hexdigit());
    let byte = u8::from_str_radix(digits, 16).ok();
    byte.filter(|_| only_digits && digits.len() == 2)
        .map(char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<String> {
        words(line).unwrap()
    }

    #[test]
    fn blanks_part_words_and_a_hash_ends_them() {
        assert_eq!(
            read("  server\ta  b:1 check"),
            ["server", "a", "b:1", "check"]
        );
        assert_eq!(read("global#this is it"), ["global"]);
        assert_eq!(read("bind :80\r"), ["bind", ":80"]);
        for nothing in ["", "   ", "# all of it", "\t#"] {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn quotes_and_escapes_are_taken_away() {
        let same = [
            r"%{+Q}o\ %t\ %s\ %{-Q}r",
            r#""%{+Q}o %t %s %{-Q}r""#,
            r"'%{+Q}o %t %s %{-Q}r'",
            r#""%{+Q}o %t"' %s %{-Q}r'"#,
            r#""%{+Q}o %t"' %s'\ %{-Q}r"#,
        ];
        for line in same {
            assert_eq!(read(line), ["%{+Q}o %t %s %{-Q}r"], "{line}");
        }
        assert_eq!(read(r"ro\n \x41\# a\\b"), ["ro\n", "A#", r"a\b"]);
        assert_eq!(read(r#"'a\n' "" "it's""#), [r"a\n", "", "it's"]);
        assert_eq!(
            read(r"^HTTP/1\.[01] \d end\"),
            [r"^HTTP/1\.[01]", r"\d", r"end\"]
        );
    }

    #[test]
    fn variables_stay() {
        let line = r#"server a "${DB-db1}":5432"#;
        assert_eq!(read(line), ["server", "a", "${DB-db1}:5432"]);
        assert_eq!(
            read(r#""^(a|$ROLE_1)" '$X' $X "\$X" "x$""#),
            ["^(a|${ROLE_1})", "$X", "$X", "$X", "x$"]
        );
    }

    #[test]
    fn a_carriage_return_ends_a_line() {
        assert_eq!(
            read("acl several nbsrv(a) gt 2\r 1"),
            ["acl", "several", "nbsrv(a)", "gt", "2"]
        );
        assert_eq!(words("a \"b\r\""), Err(QuotingError::Quote));
    }

    #[test]
    fn quotes_and_escapes_without_an_end_are_refused() {
        for open in [r#"a "b"#, "a 'b", r#"a "b\""#, "'#"] {
            assert_eq!(words(open), Err(QuotingError::Quote), "{open}");
        }
        for wrong in [r"\x", r"\x4", r"\x4g", r"\x+1"] {
            assert_eq!(words(wrong), Err(QuotingError::Hexadecimal), "{wrong}");
        }
    }
}
