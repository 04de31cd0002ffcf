//! Parses `synchronous_standby_names` as PostgreSQL does (`src/backend/replication/syncrep_scanner.l` and
//! `syncrep_gram.y`, the same in PostgreSQL 10 to 18). Knows no cluster.

use thiserror::Error;

use crate::base::decimal::number;

/// The name that every standby matches.
pub(super) const EVERYBODY: &str = "*";

/// The length of the longest setting that is parsed.
const LONGEST: usize = 1 << 14;

/// How a commit chooses the members that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SyncMethod {
    /// Any of them, up to the number.
    Any,
    /// The first of them that are connected; these may change over time.
    First,
}

/// A text that cannot be parsed as this setting.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("cannot parse synchronous_standby_names {0:?}")]
pub struct NamesError(pub(super) String);

/// The parsed setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) method: SyncMethod,
    pub(super) number: usize,
    pub(super) list: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum NameToken {
    Any,
    First,
    Name(String),
    Number(String),
    Comma,
    Open,
    Close,
}

/// Parses the setting; returns `None` if commits wait for no standby.
pub(super) fn read(text: &str) -> Result<Option<Names>, NamesError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let read = Some(text)
        .filter(|text| text.len() <= LONGEST)
        .and_then(tokens)
        .and_then(|tokens| names(&tokens));
    read.map(Some)
        .ok_or_else(|| NamesError(text.chars().take(200).collect()))
}

fn names(tokens: &[NameToken]) -> Option<Names> {
    use NameToken::{Any, Close, First, Number, Open};
    let (method, count, list) = match tokens {
        [Any, Number(count), Open, list @ .., Close] => (SyncMethod::Any, count.as_str(), list),
        [First, Number(count), Open, list @ .., Close]
        | [Number(count), Open, list @ .., Close] => (SyncMethod::First, count.as_str(), list),
        list => (SyncMethod::First, "1", list),
    };
    let names: Option<Vec<String>> = list
        .split(|token| *token == NameToken::Comma)
        .map(|token| match token {
            [NameToken::Name(name) | Number(name)] => Some(name.clone()),
            _ => None,
        })
        .collect();
    Some(Names {
        method,
        number: number(count).filter(|number| *number > 0)?,
        list: names?,
    })
}

fn tokens(text: &str) -> Option<Vec<NameToken>> {
    let mut rest = text;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            ' ' | '\t' | '\n' | '\r' | '\x0c' | '\x0b' => {
                rest = rest.get(1..)?;
                continue;
            }
            ',' => (NameToken::Comma, rest.get(1..)?),
            '(' => (NameToken::Open, rest.get(1..)?),
            ')' => (NameToken::Close, rest.get(1..)?),
            '*' => (NameToken::Name(EVERYBODY.into()), rest.get(1..)?),
            '"' => {
                let (name, after) = quoted(rest.get(1..)?)?;
                (NameToken::Name(name), after)
            }
            '0'..='9' => {
                let (digits, after) = split(rest, |c| c.is_ascii_digit());
                (NameToken::Number(digits.into()), after)
            }
            c if begins_name(c) => {
                let (word, after) =
                    split(rest, |c| begins_name(c) || c.is_ascii_digit() || c == '$');
                let token = if word.eq_ignore_ascii_case("any") {
                    NameToken::Any
                } else if word.eq_ignore_ascii_case("first") {
                    NameToken::First
                } else {
                    NameToken::Name(word.into())
                };
                (token, after)
            }
            _ => return None,
        };
        tokens.push(token);
        rest = after;
    }
    Some(tokens)
}

fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// Returns the text before the closing quote, in which two quotes stand for one, and the text after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut name, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

/// Returns a name as it is written in the setting.
pub(super) fn written(name: &str) -> String {
    let is_word = name.chars().next().is_some_and(begins_name)
        && name
            .chars()
            .all(|c| begins_name(c) || c.is_ascii_digit() || c == '$');
    let is_keyword = ["any", "first"].contains(&name.to_ascii_lowercase().as_str());
    if is_word && !is_keyword {
        name.into()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (SyncMethod, usize, Vec<String>) {
        let Names {
            method,
            number,
            list: names,
        } = read(text).unwrap().unwrap();
        (method, number, names)
    }

    #[test]
    fn every_way_to_write_it_is_read() {
        for (text, method, number, names) in [
            (
                "ANY 1 (srv2, srv3)",
                SyncMethod::Any,
                1,
                &["srv2", "srv3"][..],
            ),
            ("any 2(a,b,c)", SyncMethod::Any, 2, &["a", "b", "c"]),
            ("First 1 ( * )", SyncMethod::First, 1, &["*"]),
            ("2 (a, b)", SyncMethod::First, 2, &["a", "b"]),
            ("a, b", SyncMethod::First, 1, &["a", "b"]),
            ("*", SyncMethod::First, 1, &["*"]),
            (
                "ANY 1 (\"srv-2\",\"a \"\"b\"\"\")",
                SyncMethod::Any,
                1,
                &["srv-2", "a \"b\""],
            ),
            ("ANY 1 (1, 22)", SyncMethod::Any, 1, &["1", "22"]),
            ("a$1, \"any\"", SyncMethod::First, 1, &["a$1", "any"]),
            ("\tnœud\n", SyncMethod::First, 1, &["nœud"]),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(told(text), (method, number, names), "{text}");
        }
        assert_eq!(read(""), Ok(None));
        assert_eq!(read(" "), Ok(None));
    }

    #[test]
    fn what_postgresql_refuses_is_refused() {
        for wrong in [
            "srv-2",
            "ANY (a)",
            "ANY 0 (a)",
            "ANY 1 ()",
            "ANY 1 (a",
            "ANY 1 a",
            "a,,b",
            "a b",
            "any, b",
            "\"a",
            "a;",
            "ANY 1 (a) b",
            "ANY 99999999999999999999999 (a)",
        ] {
            assert_eq!(read(wrong), Err(NamesError(wrong.into())));
        }
    }

    #[test]
    fn a_name_is_written_so_that_it_reads_the_same() {
        for name in ["srv2", "srv-2", "ANY", "a \"b\"#=(,)", "1", "*", "nœud", ""] {
            let read = read(&format!("x, {}", written(name))).unwrap().unwrap();
            assert_eq!(read.list, ["x", name]);
        }
        assert_eq!(written("srv2"), "srv2");
    }
}
