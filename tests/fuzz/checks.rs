//! What must hold for any bytes that untrusted clients send or operators write; panics where it does not. Used
//! by the fuzz targets and by the replay of their corpus.
#![allow(dead_code, reason = "each target uses one of them")]

pub(crate) mod pgsqlms;
pub(crate) mod protocols;
pub(crate) mod readers;
mod server;
pub(crate) mod strangers;

use std::str::FromStr;

use pgsql_state::admit::{Token, proxy, token};
use pgsql_state::config::ProblemReport;
use pgsql_state::config::parse::parse_bytes;
use pgsql_state::tools::doctor::haproxy::stat as statistics;
use pgsql_state::tools::lint::haproxy::{
    Configuration, Resolved, SourceFile, explain, findings, names, sections_judged,
};

/// The PROXY reader: bounded, and steady whatever comes in which pieces.
pub(crate) fn proxy(bytes: &[u8]) {
    let header = proxy::read(bytes);
    let more = [bytes, b"PROXY UNKNOWN\r\n"].concat();
    match header {
        proxy::ProxyHeader::Complete { length, .. } => {
            assert!(length <= bytes.len() && length <= proxy::MOST);
            assert_eq!(proxy::read(&bytes[..length]), header);
            assert_eq!(proxy::read(&more), header);
            for cut in 0..length {
                assert_eq!(proxy::read(&bytes[..cut]), proxy::ProxyHeader::Incomplete);
            }
        }
        proxy::ProxyHeader::Broken => assert_eq!(proxy::read(&more), header),
        proxy::ProxyHeader::Incomplete => assert!(bytes.len() < proxy::MOST),
    }
}

/// The token reader against a naive one: the first line of the input is the token, the rest is said.
pub(crate) fn token(bytes: &[u8]) {
    let split = bytes.iter().position(|byte| *byte == b'\n');
    let (content, said) = bytes.split_at(split.unwrap_or(bytes.len()));
    let said = said.strip_prefix(b"\n").unwrap_or(said);
    let content = content.strip_suffix(b"\r").unwrap_or(content);
    let Ok(token) = Token::new(content) else {
        return;
    };
    let naive = match said.iter().position(|byte| *byte == b'\n') {
        Some(end) if end < token::LONGEST_LINE => {
            let line = &said[..end];
            if line.strip_suffix(b"\r").unwrap_or(line) == content {
                token::TokenLine::Right { length: end + 1 }
            } else {
                token::TokenLine::Wrong
            }
        }
        None if said.len() <= token::LONGEST_LINE => token::TokenLine::Incomplete,
        Some(_) | None => token::TokenLine::Wrong,
    };
    assert_eq!(token.read(said), naive);
}

/// The configuration reader: settings, or problems with places in the text, printed without anything
/// that moves a terminal's cursor.
pub(crate) fn configuration(bytes: &[u8]) {
    let problems = match parse_bytes(bytes, String::from_str) {
        Ok(parsed) => parsed.warnings,
        Err(problems) => {
            assert!(!problems.is_empty());
            problems
        }
    };
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    for place in problems.iter().filter_map(|problem| problem.place.as_ref()) {
        let line = text.split('\n').nth(place.line - 1).unwrap();
        assert!(place.column <= line.chars().count() + 1, "{place:?}");
    }
    let report = ProblemReport::new("f", problems).to_string();
    assert!(
        !report.contains(['\u{1b}', '\r', '\0', '\u{202e}']),
        "{report:?}"
    );
}

/// HAProxy's file: findings with lines that the file has, and tables of every section that is judged, printed
/// in so many lines; or a reason with such a line.
pub(crate) fn haproxy(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let lines = text.lines().count();
    let source = SourceFile {
        name: "f".to_owned(),
        text,
    };
    let read = match Configuration::read(&[source]) {
        Ok(read) => read,
        Err(error) => return assert!((1..=lines).contains(&error.place.line), "{error}"),
    };
    let reader = "3.0.11".parse().ok();
    for finding in findings(&read, &Resolved::AllBut(names(&read)), reader) {
        assert!((1..=lines).contains(&finding.place.line), "{finding}");
        let said = finding.to_string();
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(!said.contains(['\u{1b}', '\r', '\0']), "{said:?}");
    }
    for (section, _) in sections_judged(&read) {
        let tables = explain(&read, &section).unwrap_or_default();
        assert!(!tables.contains(['\u{1b}', '\r', '\0']), "{tables:?}");
    }
}

/// The rows of `show stat`: no more than there are lines.
pub(crate) fn stat(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(servers) = statistics::read(&text) {
        assert!(servers.len() < text.lines().count());
    }
}
