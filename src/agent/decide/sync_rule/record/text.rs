//! Prints and parses the record of a primary's rules. Knows no meaning of it.

use std::fmt;
use std::str::FromStr;

use super::{Since, SyncRules, SyncRulesError};
use crate::agent::decide::sync_rule::{SyncRule, names};
use crate::base::decimal::number;
use crate::health::Lsn;
use crate::postgres::timeline::{Branch, Timeline};

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(branch) => branch.fmt(f),
            Self::After {
                parent,
                parent_begin: None,
                end,
            } => write!(f, "{parent}+{}", end.0),
            Self::After {
                parent,
                parent_begin: Some(begin),
                end,
            } => write!(f, "{parent}@{begin}+{}", end.0),
        }
    }
}

impl fmt::Display for SyncRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}#", self.system_identifier, self.since)?;
        match &self.now {
            Some(rule) => write!(f, "{rule}")?,
            None => f.write_str("none")?,
        }
        for (end, rule) in &self.before {
            write!(f, "#{}={rule}", end.0)?;
        }
        Ok(())
    }
}

impl FromStr for SyncRules {
    type Err = SyncRulesError;

    fn from_str(text: &str) -> Result<Self, SyncRulesError> {
        parse(text).ok_or_else(|| SyncRulesError(text.chars().take(200).collect()))
    }
}

fn parse(text: &str) -> Option<SyncRules> {
    let (system, rest) = text.split_once('#')?;
    let (since, rest) = rest.split_once('#')?;
    let mut rules = parts(rest).into_iter();
    let now = match rules.next()? {
        "none" => None,
        rule => Some(read(rule)?),
    };
    let before = rules.map(|part| {
        let (end, rule) = part.split_once('=')?;
        Some((Lsn(number(end)?), read(rule)?))
    });
    Some(SyncRules {
        system_identifier: number(system)?,
        since: parse_since(since)?,
        now,
        before: before.collect::<Option<_>>()?,
    })
}

fn parse_since(text: &str) -> Option<Since> {
    let Some((parent, end)) = text.split_once('+') else {
        return Some(Since::On(text.parse().ok()?));
    };
    let end = Lsn(number(end)?);
    if parent.contains('@') {
        let Branch { timeline, begin } = parent.parse().ok()?;
        return Some(Since::After {
            parent: timeline,
            parent_begin: Some(begin),
            end,
        });
    }
    Some(Since::After {
        parent: Timeline(number(parent)?),
        parent_begin: None,
        end,
    })
}

/// Splits a text at the number signs that are not within quotes.
fn parts(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|c| {
        is_quoted ^= c == '"';
        c == '#' && !is_quoted
    })
    .collect()
}

/// Reads a rule as it is printed; it may have no members.
fn read(text: &str) -> Option<SyncRule> {
    let is_printed = text.starts_with("ANY ") || text.starts_with("FIRST ");
    let text = Some(text).filter(|_| is_printed)?;
    let (text, is_empty) = match text.strip_suffix(" ()") {
        Some(before) => (format!("{before} (x)"), true),
        None => (text.to_owned(), false),
    };
    let names = names::read(&text).ok()??;
    Some(SyncRule {
        method: names.method,
        number: names.number,
        members: if is_empty { Vec::new() } else { names.list },
    })
}
