//! The timelines that led to a timeline, and where each of them was left, read from the text of a history file; opens
//! no file.

use std::fmt::Write;

use thiserror::Error;

use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// A timeline and the timelines before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The newest timeline.
    target: Timeline,
    /// The timelines before it, oldest first, each with the position from which on it is not part of this history.
    past: Vec<(Timeline, Lsn)>,
}

/// Why a text is not the history of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HistoryError {
    /// A line does not begin with a timeline and a position.
    #[error(
        "line {line} of the history of timeline {of} begins with \"{found}\"; a timeline and a WAL position were expected, as in \"1 16/B374D848\""
    )]
    Line {
        /// The timeline of the history.
        of: Timeline,
        /// The number of the line, from 1.
        line: usize,
        /// The beginning of the line.
        found: String,
    },
    /// A timeline is not newer than the one before it, or not older than the newest.
    #[error("line {line} of the history of timeline {of} names timeline {found} out of order")]
    Order {
        /// The timeline of the history.
        of: Timeline,
        /// The number of the line, from 1.
        line: usize,
        /// The timeline on the line.
        found: Timeline,
    },
    /// A timeline ends before it begins.
    #[error(
        "line {line} of the history of timeline {of} has timeline {found} end before it begins"
    )]
    Backwards {
        /// The timeline of the history.
        of: Timeline,
        /// The number of the line, from 1.
        line: usize,
        /// The timeline on the line.
        found: Timeline,
    },
}

impl History {
    /// Makes the history of a timeline without one before: the first timeline, or one without a history file, as in
    /// PostgreSQL (`readTimeLineHistory` in `src/backend/access/transam/timeline.c`).
    #[must_use]
    pub fn alone(target: Timeline) -> Self {
        Self {
            target,
            past: Vec::new(),
        }
    }

    /// Reads the text of a history file, by the rules of the function named at [`Self::alone`].
    pub fn parse(target: Timeline, text: &str) -> Result<Self, HistoryError> {
        let mut past: Vec<(Timeline, Lsn)> = Vec::new();
        for (index, content) in text.lines().enumerate() {
            let line = index.saturating_add(1);
            let content = content.trim_start();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (timeline, end) = entry(content).ok_or_else(|| HistoryError::Line {
                of: target,
                line,
                found: content
                    .chars()
                    .take(40)
                    .filter(|c| !c.is_control())
                    .collect(),
            })?;
            let (before, begin) = past.last().copied().unwrap_or((Timeline(0), Lsn(0)));
            let place = |make: fn(Timeline, usize, Timeline) -> HistoryError| {
                Err(make(target, line, timeline))
            };
            if timeline <= before || timeline >= target {
                return place(|of, line, found| HistoryError::Order { of, line, found });
            }
            if end < begin {
                return place(|of, line, found| HistoryError::Backwards { of, line, found });
            }
            past.push((timeline, end));
        }
        Ok(Self { target, past })
    }

    /// Returns the name of a timeline's history file (`TLHistoryFileName` in `src/include/access/xlog_internal.h`).
    #[must_use]
    pub fn file_name(timeline: Timeline) -> String {
        let mut name = String::new();
        // Writing to a String cannot fail.
        write!(name, "{:08X}.history", timeline.0).ok();
        name
    }

    /// Returns the newest timeline.
    #[must_use]
    pub fn target(&self) -> Timeline {
        self.target
    }

    /// Returns the timelines before the newest, oldest first, each with the position at which it was left.
    pub fn past(&self) -> impl Iterator<Item = (Timeline, Lsn)> {
        self.past.iter().copied()
    }

    /// Returns where the newest timeline begins; `None` if there is none before it.
    #[must_use]
    pub fn begin(&self) -> Option<Lsn> {
        self.past.last().map(|(_, end)| *end)
    }

    /// Returns the timeline to which a record at this position belongs.
    #[must_use]
    pub fn timeline_at(&self, at: Lsn) -> Timeline {
        let past = self.past.iter().find(|(_, end)| at < *end);
        past.map_or(self.target, |(timeline, _)| *timeline)
    }

    /// Returns the oldest timeline on which a page at this position can have been begun, or timeline 0 if the history
    /// has no file and this is not known.
    pub(super) fn oldest_on(&self, page: Lsn) -> Timeline {
        if self.past.is_empty() {
            Timeline(0)
        } else {
            self.timeline_at(page)
        }
    }

    /// Returns the position at which this history left a timeline; `None` for the newest timeline, and for one that
    /// does not belong to this history.
    #[must_use]
    pub fn end_of(&self, timeline: Timeline) -> Option<Lsn> {
        let past = self.past.iter().find(|(one, _)| *one == timeline);
        past.map(|(_, end)| *end)
    }

    /// Returns the newest of the timelines before the last that is older than `timeline`.
    pub(super) fn before(&self, timeline: Timeline) -> Option<Timeline> {
        let older = self.past.iter().rev().map(|(one, _)| *one);
        older.filter(|one| *one < timeline).max()
    }

    /// Returns the timelines that have a part between two positions, newest first.
    pub fn between(&self, from: Lsn, to: Lsn) -> impl Iterator<Item = Timeline> {
        let begins = std::iter::once(Lsn(0)).chain(self.past.iter().map(|(_, end)| *end));
        let ends = self.past.iter().map(|(timeline, end)| (*timeline, *end));
        let ranges: Vec<(Lsn, (Timeline, Lsn))> = begins
            .zip(ends.chain([(self.target, Lsn(u64::MAX))]))
            .collect();
        ranges
            .into_iter()
            .rev()
            .filter(move |(begin, (_, end))| *begin < to && from < *end)
            .map(|(_, (timeline, _))| timeline)
    }
}

/// Reads a line's timeline and position; the rest of the line is a comment.
fn entry(content: &str) -> Option<(Timeline, Lsn)> {
    let mut words = content.split_ascii_whitespace();
    let timeline = words.next().filter(|word| {
        // `parse` would accept a sign.
        word.bytes().all(|byte| byte.is_ascii_digit())
    })?;
    let timeline = timeline.parse().ok().filter(|number| *number != 0)?;
    Some((Timeline(timeline), words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests;
