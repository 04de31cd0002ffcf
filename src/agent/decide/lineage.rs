//! The timelines of a server's history, and where each began, which distinguishes timelines with the same
//! number. Opens no file and knows no position.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::base::decimal::number;
use crate::health::Lsn;
use crate::postgres::timeline::{Beginning, Branch, PromotionTime, Timeline};
use crate::postgres::wal::History;

/// How many of the newest timelines a node publishes.
const MOST: usize = 16;

/// The timelines that led to the newest one, written as [`Branch`]es with commas between them, the oldest first.
/// Only the newest sixteen are kept: a server that is as many promotions behind can no longer follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    past: Vec<Branch>,
    newest: Branch,
}

/// A text that is not a lineage.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not a lineage; timelines and where they began were expected, as in \"1@0,2@67263616\""
)]
pub struct LineageError(String);

impl Lineage {
    /// Creates a lineage from a history, and from when its newest timeline began, if that is known.
    #[must_use]
    pub fn of(history: &History, promoted: Option<PromotionTime>) -> Self {
        let mut at = Lsn(0);
        let mut past = Vec::new();
        for (timeline, end) in history.past() {
            let begin = at.into();
            past.push(Branch { timeline, begin });
            at = end;
        }
        let newest = Branch {
            timeline: history.target(),
            begin: Beginning { at, promoted },
        };
        past.drain(..past.len().saturating_sub(MOST.saturating_sub(1)));
        Self { past, newest }
    }

    /// Adds when one of the timelines before the newest began.
    #[must_use]
    pub fn with(mut self, timeline: Timeline, promoted: PromotionTime) -> Self {
        let mut past = self.past.iter_mut();
        if let Some(branch) = past.find(|branch| branch.timeline == timeline) {
            branch.begin.promoted = Some(promoted);
        }
        self
    }

    /// Returns the newest timeline.
    #[must_use]
    pub fn newest(&self) -> Branch {
        self.newest
    }

    /// Returns the timeline that the newest forked off from; `None` if it is the first.
    #[must_use]
    pub fn parent(&self) -> Option<Branch> {
        self.past.last().copied()
    }

    /// Returns where and when a timeline began, if it is one of these.
    #[must_use]
    pub fn begin_of(&self, timeline: Timeline) -> Option<Beginning> {
        let found = self.branches().find(|branch| branch.timeline == timeline);
        found.map(|branch| branch.begin)
    }

    /// Returns where a timeline was left for the next one; `None` for the newest and for unknown ones.
    #[must_use]
    pub fn left(&self, timeline: Timeline) -> Option<Lsn> {
        let mut after = self.branches().skip_while(|one| one.timeline != timeline);
        after.nth(1).map(|next| next.begin.at)
    }

    /// Returns each of these, and the timeline that it forked off from, if that is one of these.
    pub fn steps(&self) -> impl Iterator<Item = (Branch, Option<Branch>)> {
        let parents = self.past.iter().copied().map(Some);
        self.branches().zip(std::iter::once(None).chain(parents))
    }

    /// Returns whether a timeline is older than all of these, and older ones were cut off: it may be part of this
    /// history or not.
    #[must_use]
    pub fn is_cut_after(&self, timeline: Timeline) -> bool {
        let is_full = self.past.len() + 1 >= MOST;
        is_full && self.branches().all(|one| one.timeline > timeline)
    }

    fn branches(&self) -> impl Iterator<Item = Branch> {
        self.past.iter().copied().chain([self.newest])
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for branch in &self.past {
            write!(f, "{branch},")?;
        }
        self.newest.fmt(f)
    }
}

impl FromStr for Lineage {
    type Err = LineageError;

    fn from_str(text: &str) -> Result<Self, LineageError> {
        let wrong = || LineageError(text.chars().take(100).collect());
        let branches = text.split(',').take(MOST + 1).map(str::parse);
        let branches: Result<Vec<Branch>, _> = branches.collect();
        let mut past = branches
            .ok()
            .filter(|branches| branches.len() <= MOST)
            .ok_or_else(wrong)?;
        let is_in_turn = past.is_sorted_by(|one, next| {
            one.timeline < next.timeline && one.begin.at <= next.begin.at
        });
        let newest = past.pop().filter(|_| is_in_turn).ok_or_else(wrong)?;
        Ok(Self { past, newest })
    }
}

/// Where a server's data comes from, which a node publishes with its position: written `SYSTEMIDENTIFIER#LINEAGE`,
/// without the second part if the history of its timeline is not available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descent {
    /// The system identifier of its database cluster.
    pub system_identifier: u64,
    /// The timelines that led to that of its position.
    pub lineage: Option<Lineage>,
}

/// A text that is not a descent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not the descent of a server; one was expected as in \"7388123456789012345#1@0,2@67263616\""
)]
pub struct DescentError(String);

impl fmt::Display for Descent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#", self.system_identifier)?;
        self.lineage.iter().try_for_each(|lineage| lineage.fmt(f))
    }
}

impl FromStr for Descent {
    type Err = DescentError;

    fn from_str(text: &str) -> Result<Self, DescentError> {
        let parsed = text.split_once('#').and_then(|(system, lineage)| {
            Some(Self {
                system_identifier: number(system)?,
                lineage: match lineage {
                    "" => None,
                    lineage => Some(lineage.parse().ok()?),
                },
            })
        });
        parsed.ok_or_else(|| DescentError(text.chars().take(100).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HISTORY: &str = "1\t0/300\tno reason\n2\t0/500\tno reason\n";

    fn lineage() -> Lineage {
        Lineage::of(&History::parse(Timeline(4), HISTORY).unwrap(), None)
    }

    #[test]
    fn every_timeline_begins_where_the_one_before_it_was_left() {
        let lineage = lineage();
        assert_eq!(lineage.to_string(), "1@0,2@768,4@1280");
        let parent = Branch {
            timeline: Timeline(2),
            begin: Lsn(768).into(),
        };
        assert_eq!(lineage.parent(), Some(parent));
        let of =
            |what: &dyn Fn(Timeline) -> Option<Lsn>| [1, 2, 3, 4].map(|one| what(Timeline(one)));
        let begin_of = |timeline| Some(lineage.begin_of(timeline)?.at);
        let begins = [Some(Lsn(0)), Some(Lsn(768)), None, Some(Lsn(1280))];
        assert_eq!(of(&begin_of), begins);
        let left = [Some(Lsn(768)), Some(Lsn(1280)), None, None];
        assert_eq!(of(&|timeline| lineage.left(timeline)), left);
        let parents = lineage.steps().map(|(_, parent)| Some(parent?.timeline));
        let parents: Vec<_> = parents.collect();
        assert_eq!(parents, [None, Some(Timeline(1)), Some(Timeline(2))]);
        let first = Lineage::of(&History::alone(Timeline(1)), None);
        assert_eq!((first.to_string().as_str(), first.parent()), ("1@0", None));
    }

    #[test]
    fn printing_and_parsing_are_inverse_for_the_newest_timelines() {
        assert_eq!(lineage().to_string().parse(), Ok(lineage()));
        let lines: Vec<String> = (1..40).map(|one| format!("{one}\t0/{one}00\tx")).collect();
        let long = lines.join("\n");
        let long = Lineage::of(&History::parse(Timeline(40), &long).unwrap(), None);
        assert_eq!(long.branches().count(), MOST);
        assert_eq!(long.begin_of(Timeline(24)), None);
        assert_eq!(long.begin_of(Timeline(25)), Some(Lsn(0x2400).into()));
        assert!(long.is_cut_after(Timeline(24)) && !long.is_cut_after(Timeline(25)));
        assert!(!lineage().is_cut_after(Timeline(0)));
        assert_eq!(long.to_string().parse(), Ok(long));
    }

    #[test]
    fn the_times_of_promotions_are_printed() {
        let history = History::parse(Timeline(4), HISTORY).unwrap();
        let lineage = Lineage::of(&history, Some(PromotionTime(77)));
        assert_eq!(lineage.to_string(), "1@0,2@768,4@1280@77");
        let lineage = lineage.with(Timeline(2), PromotionTime(55));
        assert_eq!(lineage.to_string(), "1@0,2@768@55,4@1280@77");
        assert_eq!(lineage.to_string().parse(), Ok(lineage));
    }

    #[test]
    fn a_server_without_a_history_publishes_only_its_system_identifier() {
        for (text, has_lineage) in [("7#1@0,2@768", true), ("18446744073709551615#", false)] {
            let descent: Descent = text.parse().unwrap();
            assert_eq!(descent.lineage.is_some(), has_lineage);
            assert_eq!(descent.to_string(), text);
        }
        for wrong in ["", "7", "#", "#1@0", "+7#", "7#1", "7#1@0#"] {
            assert!(wrong.parse::<Descent>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let too_long: Vec<String> = (1..=17).map(|one| format!("{one}@0")).collect();
        for wrong in [
            "",
            "1",
            "1@",
            "@0",
            "1@0,",
            "1@+0",
            "2@0,1@5",
            "1@5,2@0",
            "1@0,1@0",
            "4294967296@0",
            "1@0@",
            &too_long.join(","),
        ] {
            assert!(wrong.parse::<Lineage>().is_err(), "{wrong}");
        }
    }
}
