//! Parses a connection string in libpq's keyword/value form, with libpq's quotes and
//! backslashes.
//!
//! PostgreSQL manual, "Keyword/Value Connection Strings"; where that is silent, `conninfo_parse` in
//! `src/interfaces/libpq/fe-connect.c`.

use super::error::TargetError;
use super::given::Given;
use super::is_space;

/// Reads `keyword = value keyword = 'a value' ...`.
///
/// - Spaces around `=`, and between settings after a quoted value, may be left out.
/// - A backslash makes the next character part of the value, in quotes and outside; as the last
///   character outside quotes it is dropped.
/// - A quote means something only as the first character of a value.
pub(super) fn parse(text: &str) -> Result<Given, TargetError> {
    let mut given = Given::default();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let start = rest;
        let (name, after) =
            rest.split_at(rest.find(|c| c == '=' || is_space(c)).unwrap_or(rest.len()));
        let after = after
            .trim_start_matches(is_space)
            .strip_prefix('=')
            .ok_or_else(|| TargetError::MissingEquals {
                position: position(text, start),
            })?
            .trim_start_matches(is_space);
        let (value, after) = match after.strip_prefix('\'') {
            Some(inside) => quoted(inside).ok_or_else(|| TargetError::UnterminatedQuote {
                position: position(text, after),
            })?,
            None => bare(after),
        };
        given.store(name, value)?;
        rest = after.trim_start_matches(is_space);
    }
    Ok(given)
}

fn bare(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if is_space(c) => break,
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    (value, chars.as_str())
}

fn quoted(inside: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = inside.chars();
    loop {
        match chars.next()? {
            '\'' => return Some((value, chars.as_str())),
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
}

/// Returns the position of the first character of `rest` in `text`, from 1.
fn position(text: &str, rest: &str) -> usize {
    text.chars().count() - rest.chars().count() + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> TargetError {
        parse(text)
            .map(|given| format!("{:?}", given.pairs()))
            .expect_err(text)
    }

    #[test]
    fn spaces_quotes_and_backslashes_mean_what_they_mean_to_libpq() {
        for (text, pairs) in [
            ("", vec![]),
            (" \t\u{b}\n", vec![]),
            ("host=a port=1", vec![("host", "a"), ("port", "1")]),
            (
                "host = a\n\tport\u{b}=\u{c}1 ",
                vec![("host", "a"), ("port", "1")],
            ),
            ("host=a host=b", vec![("host", "b")]),
            ("host='a b'", vec![("host", "a b")]),
            ("host='a'port='1'", vec![("host", "a"), ("port", "1")]),
            (
                r"host='it\'s' port=1",
                vec![("host", "it's"), ("port", "1")],
            ),
            (r"host=a\ b\\c", vec![("host", r"a b\c")]),
            (r"host=a\", vec![("host", "a")]),
            ("host=a'b'c", vec![("host", "a'b'c")]),
            ("host='' port=1", vec![("host", ""), ("port", "1")]),
            ("host= port=1", vec![("host", "port=1")]),
            ("host=", vec![("host", "")]),
            ("requiressl=1", vec![("sslmode", "require")]),
            ("requiressl=0", vec![("sslmode", "prefer")]),
        ] {
            assert_eq!(parse(text).expect(text).pairs(), pairs, "{text}");
        }
    }

    #[test]
    fn an_error_gives_its_place() {
        assert_eq!(error("mydb"), TargetError::MissingEquals { position: 1 });
        assert_eq!(
            error("user=ä db name=x"),
            TargetError::MissingEquals { position: 8 }
        );
        assert_eq!(
            error("user='ä' host= 'x"),
            TargetError::UnterminatedQuote { position: 16 }
        );
        assert_eq!(
            error(r"host='x\'"),
            TargetError::UnterminatedQuote { position: 6 }
        );
    }

    proptest! {
        #[test]
        fn a_quoted_value_reads_as_it_was(
            values in prop::collection::vec("\\PC*|[ \t\n'\\\\=]*", 3),
            space in "[ \t\n]{1,3}",
        ) {
            let text: Vec<_> = ["host", "password", "user"]
                .iter()
                .zip(&values)
                .map(|(name, v)| format!("{name}='{}'", v.replace('\\', r"\\").replace('\'', r"\'")))
                .collect();
            let given = parse(&text.join(&space)).expect("quoted");
            let read: Vec<_> = ["host", "password", "user"]
                .iter()
                .map(|name| given.pairs().iter().find(|(n, _)| n == name).map(|(_, v)| v.to_string()))
                .collect();
            prop_assert_eq!(read, values.into_iter().map(Some).collect::<Vec<_>>());
        }

        #[test]
        fn a_value_with_every_character_escaped_reads_as_it_was(value in ".+") {
            let escaped: String = value.chars().flat_map(|c| ['\\', c]).collect();
            let given = parse(&format!("user={escaped} port=1")).expect("escaped");
            prop_assert_eq!(given.pairs(), vec![("port", "1"), ("user", value.as_str())]);
        }
    }
}
