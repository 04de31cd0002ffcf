//! The record of one primary's rules, which its node keeps. Knows no setting.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{SyncRule, names};
use crate::base::decimal::number;
use crate::health::Lsn;
use crate::postgres::timeline::{Beginning, Branch, Timeline};

/// How many earlier rules are recorded. No two of them are the same.
const MOST: usize = 16;

/// The rules of a primary, written `SYSTEMIDENTIFIER#SINCE#RULE`, or `…#none`, and for each earlier rule `#LSN=RULE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRules {
    /// The system identifier of its database cluster.
    pub system_identifier: u64,
    /// The timeline on which they apply.
    pub since: Since,
    /// The rule in force, if there is one.
    pub now: Option<SyncRule>,
    /// The earlier rules, each with a position before which everything lies that was acknowledged under it.
    pub before: Vec<(Lsn, SyncRule)>,
}

/// The timeline on which a primary's rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// A known timeline, from its beginning; written as a [`Branch`].
    On(Branch),
    /// The timeline of a promotion that was about to begin; written `TIMELINE+LSN`, or with the [`Branch`] instead of
    /// the number. The number of the new timeline is known only afterwards: the first one for which no history file is
    /// found, here or in the archive (`findNewestTimeLine` in `src/backend/access/transam/timeline.c`).
    After {
        /// The timeline that it forks off from.
        parent: Timeline,
        /// Where that timeline began, if that is known.
        parent_begin: Option<Beginning>,
        /// The new timeline begins no earlier than here.
        end: Lsn,
    },
}

/// A text that is not the record of a primary's rules.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not the record of a rule; one was expected as in \"7388123456789012345#2@67108864#ANY 1 (srv2,srv3)\""
)]
pub struct SyncRulesError(String);

impl SyncRules {
    /// Returns the record of a primary whose WAL ends at a position and whose rule is this one, after what was recorded
    /// of it before.
    #[must_use]
    pub fn following(
        before: Option<&Self>,
        system_identifier: u64,
        branch: Branch,
        now: Option<SyncRule>,
        end: Lsn,
    ) -> Self {
        let mut earlier: Vec<(Lsn, SyncRule)> = Vec::new();
        if let Some(before) = before {
            earlier.clone_from(&before.before);
            earlier.extend(before.now.clone().map(|rule| (end, rule)));
        }
        earlier.retain(|(_, rule)| Some(rule) != now.as_ref());
        Self {
            system_identifier,
            since: Since::On(branch),
            now,
            before: earlier,
        }
    }

    /// Removes the oldest rules if there are more than can be recorded, and returns them.
    pub fn shorten(&mut self) -> Vec<SyncRule> {
        let more = self.before.len().saturating_sub(MOST);
        self.before.drain(..more).map(|(_, rule)| rule).collect()
    }
}

impl Since {
    /// Returns whether the rules apply to a timeline that forked off from this parent.
    #[must_use]
    pub fn is_of(self, branch: Branch, parent: Option<Timeline>) -> bool {
        match self {
            Self::On(own) => own.may_be(branch),
            Self::After {
                parent: from, end, ..
            } => parent == Some(from) && branch.begin.at >= end,
        }
    }

    /// Returns whether a timeline may be the one that the promotion was to fork off from: its beginning distinguishes
    /// it from another one with its number.
    #[must_use]
    pub fn may_come_from(self, one: Branch) -> bool {
        match self {
            Self::On(_) => true,
            Self::After {
                parent,
                parent_begin,
                ..
            } => parent == one.timeline && parent_begin.is_none_or(|begin| begin.may_be(one.begin)),
        }
    }
}

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

#[cfg(test)]
mod tests;
