//! Parses an `expect` line of a check; judges nothing.

use regex::{Regex, RegexBuilder};

use super::super::anchor::anchored;
use crate::tools::lint::FileLine;

/// Longest compiled expression, in bytes; no expression for a role needs as much.
const MOST: usize = 1 << 20;

/// What an answer must match.
#[derive(Clone, Debug)]
pub(in crate::tools::lint::haproxy) struct Expect {
    pub(in crate::tools::lint::haproxy) negated: bool,
    pub(in crate::tools::lint::haproxy) matching: Matching,
    pub(in crate::tools::lint::haproxy) pattern: String,
    /// The pattern, if it is a regular expression that the crate `regex` supports.
    pub(in crate::tools::lint::haproxy) expression: Option<Regex>,
    pub(in crate::tools::lint::haproxy) place: FileLine,
    /// The status of the check if the answer does not match (`error-status`), for example `L7OKC`.
    pub(in crate::tools::lint::haproxy) error_status: Option<String>,
    /// The status of the check if the answer matches the last rule (`ok-status`).
    pub(in crate::tools::lint::haproxy) ok_status: Option<String>,
}

/// How the pattern is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Matching {
    /// A text, anywhere in the answer.
    Text,
    /// A regular expression.
    Expression,
    /// Bytes, in hexadecimal.
    Bytes,
    /// HTTP statuses, with commas and ranges.
    Status,
    /// A regular expression for the HTTP status.
    StatusExpression,
    /// A header, or an unknown kind.
    Other,
}

/// The options of a rule; each has a value.
const OPTIONS: &[&str] = &[
    "min-recv",
    "comment",
    "ok-status",
    "error-status",
    "tout-status",
    "on-success",
    "on-error",
    "status-code",
];

/// Compiles a pattern once for all servers and cases.
fn expression(matching: Matching, pattern: &str) -> Option<Regex> {
    match matching {
        Matching::Expression | Matching::StatusExpression => {
            RegexBuilder::new(pattern).size_limit(MOST).build().ok()
        }
        Matching::Text | Matching::Bytes | Matching::Status | Matching::Other => None,
    }
}

impl Expect {
    /// Parses the words after `expect`; the options precede the match.
    pub(super) fn read(all: &[&str], place: &FileLine) -> Option<Self> {
        let mut words = all.iter().copied();
        let (mut negated, mut error_status, mut ok_status) = (false, None, None);
        loop {
            let mut word = words.next()?;
            if OPTIONS.contains(&word) {
                let value = words.next().map(str::to_uppercase);
                match word {
                    "ok-status" => ok_status = value,
                    "error-status" => error_status = value,
                    _ => {}
                }
                continue;
            }
            if let Some(rest) = word.strip_prefix('!') {
                negated = !negated;
                word = rest;
            }
            let matching = match word {
                "" => continue,
                "string" | "string-lf" => Matching::Text,
                "rstring" => Matching::Expression,
                "binary" | "rbinary" | "binary-lf" => Matching::Bytes,
                "status" => Matching::Status,
                "rstatus" => Matching::StatusExpression,
                _ => Matching::Other,
            };
            let pattern = words.next()?.to_owned();
            // HAProxy reads options after the match too.
            while let Some(word) = words.next() {
                let value = || words.clone().next().map(str::to_uppercase);
                match word {
                    "ok-status" => ok_status = value(),
                    "error-status" => error_status = value(),
                    _ => {}
                }
            }
            return Some(Self {
                negated,
                matching,
                expression: expression(matching, &pattern),
                pattern,
                place: place.clone(),
                error_status,
                ok_status,
            });
        }
    }

    /// Whether the pattern matches a word inside another text.
    pub(in crate::tools::lint::haproxy) fn is_found_anywhere(&self) -> bool {
        match self.matching {
            Matching::Text => true,
            Matching::Expression => !anchored(&self.pattern),
            Matching::Bytes | Matching::Status | Matching::StatusExpression | Matching::Other => {
                false
            }
        }
    }
}
