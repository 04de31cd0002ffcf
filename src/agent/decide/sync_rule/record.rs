//! The record of one primary's rules, which its node keeps. Knows no setting.
//!
//! - [`text`]: prints and parses it.

mod text;

use thiserror::Error;

use super::SyncRule;
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
    /// The earlier rules, each with a position before which everything lies that was acknowledged under it. Those of a
    /// promotion that was about to begin applied on the timeline that it forks off from.
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
            // Whoever has the beginning of this timeline has all that was acknowledged on the one before.
            if let Since::On(_) = before.since {
                earlier.clone_from(&before.before);
            }
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

    /// Returns the record of a promotion that is about to begin where a server's WAL ends, after what its node has recorded
    /// before. If its node was the primary on that timeline, everything that was acknowledged there lies before that end. The
    /// rules under which it was are kept: until the promotion has begun a timeline, the next election still needs them.
    #[must_use]
    pub fn announced(
        before: Option<&Self>,
        system_identifier: u64,
        from: Branch,
        grandparent: Option<Timeline>,
        end: Lsn,
        now: Option<SyncRule>,
    ) -> Self {
        let before = before.filter(|before| before.system_identifier == system_identifier);
        let mut earlier: Vec<(Lsn, SyncRule)> = Vec::new();
        if let Some(before) = before {
            if before.since.is_of(from, grandparent) {
                earlier = Self::following(Some(before), system_identifier, from, None, end).before;
            } else if matches!(before.since, Since::After { .. })
                && before.since.may_come_from(from)
            {
                earlier.clone_from(&before.before);
            }
        }
        earlier.retain(|(_, rule)| Some(rule) != now.as_ref());
        Self {
            system_identifier,
            since: Since::After {
                parent: from.timeline,
                parent_begin: Some(from.begin),
                end,
            },
            now,
            before: earlier,
        }
    }

    /// Returns the rules of the timeline that a planned promotion forks off from, under which something may have been
    /// acknowledged there; `None` if there are none, or it is no plan.
    #[must_use]
    pub fn of_parent(&self) -> Option<Self> {
        let Since::After {
            parent: timeline,
            parent_begin: Some(begin),
            ..
        } = self.since
        else {
            return None;
        };
        (!self.before.is_empty()).then(|| Self {
            system_identifier: self.system_identifier,
            since: Since::On(Branch { timeline, begin }),
            now: None,
            before: self.before.clone(),
        })
    }

    /// Returns these rules and those of the parent timeline, each as of one timeline.
    pub fn of_each_timeline(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::once(self.clone()).chain(self.of_parent())
    }

    /// Returns the earlier rules of the timeline on which the rule in force applies.
    #[must_use]
    pub fn earlier(&self) -> &[(Lsn, SyncRule)] {
        match self.since {
            Since::On(_) => &self.before,
            Since::After { .. } => &[],
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

#[cfg(test)]
mod tests;
