//! The number of a timeline, and the position and time at which it branched off, which distinguish it from another
//! timeline of the same number.

use std::fmt;
use std::str::FromStr;

use crate::base::decimal::number;
use crate::health::Lsn;

/// A timeline: a promotion begins one with a greater number (PostgreSQL manual, "Timelines").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeline(pub u32);

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A timeline and its beginning; spelt `TIMELINE@BEGIN`, or `TIMELINE@BEGIN@PROMOTED`, in decimal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Branch {
    /// The timeline's number.
    pub timeline: Timeline,
    /// Where and when the timeline began.
    pub begin: Beginning,
}

/// Where and when a timeline began. Two servers that are promoted independently both begin a timeline of the next number:
/// usually at different positions, and practically never with the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beginning {
    /// The position at which it branched off from the timeline before, as in the history file; zero for the first one.
    pub at: Lsn,
    /// When it began; `None` if that is not known, for example after the segment with the record was recycled.
    pub promoted: Option<PromotionTime>,
}

/// When a promotion ended, by the clock of the server that was promoted: in microseconds since 2000-01-01, as its
/// record has it (`end_time` of `xl_end_of_recovery` in `src/include/access/xlog_internal.h`, the bits of a `TimestampTz`).
/// It identifies a promotion. It does not tell which of two promotions was later: the order is for maps alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PromotionTime(pub u64);

impl Branch {
    /// Whether both may be the same timeline: nothing that is known of both differs.
    #[must_use]
    pub fn may_be(self, other: Self) -> bool {
        self.timeline == other.timeline && self.begin.may_be(other.begin)
    }
}

impl Beginning {
    /// Whether both may be the beginning of the same timeline: nothing that is known of both differs.
    #[must_use]
    pub fn may_be(self, other: Self) -> bool {
        let is_same_time = match (self.promoted, other.promoted) {
            (Some(own), Some(other)) => own == other,
            (_, None) | (None, _) => true,
        };
        self.at == other.at && is_same_time
    }

    /// Whether both began at the same position but at different moments: neither server has what the other wrote.
    #[must_use]
    pub fn is_twin_of(self, other: Self) -> bool {
        self.at == other.at && !self.may_be(other)
    }
}

impl From<Lsn> for Beginning {
    /// Makes a beginning whose time is not known.
    fn from(at: Lsn) -> Self {
        Self { at, promoted: None }
    }
}

impl fmt::Display for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at.0)?;
        match self.promoted {
            Some(time) => write!(f, "@{}", time.0),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.timeline, self.begin)
    }
}

/// The text is not a timeline with its beginning. The caller reports what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoBranch;

impl FromStr for Branch {
    type Err = NoBranch;

    fn from_str(text: &str) -> Result<Self, NoBranch> {
        let parts: Vec<&str> = text.split('@').take(4).collect();
        let (timeline, at, promoted) = match parts[..] {
            [timeline, at] => (timeline, at, None),
            [timeline, at, promoted] => (timeline, at, Some(number(promoted).ok_or(NoBranch)?)),
            _ => return Err(NoBranch),
        };
        Ok(Self {
            timeline: Timeline(number(timeline).ok_or(NoBranch)?),
            begin: Beginning {
                at: Lsn(number(at).ok_or(NoBranch)?),
                promoted: promoted.map(PromotionTime),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_timelines_may_be_one_unless_something_that_is_known_of_both_differs() {
        let branch = |text: &str| text.parse::<Branch>().unwrap();
        for (one, other, may_be) in [
            ("3@900", "3@900", true),
            ("3@900@5", "3@900", true),
            ("3@900", "3@900@6", true),
            ("3@900@5", "3@900@5", true),
            ("3@900@5", "3@900@6", false),
            ("3@900", "3@901", false),
            ("3@900@5", "2@900@5", false),
        ] {
            assert_eq!(branch(one).may_be(branch(other)), may_be, "{one} {other}");
        }
    }

    #[test]
    fn two_promotions_from_one_position_are_twins_if_their_times_differ() {
        let begin = |text: &str| text.parse::<Branch>().unwrap().begin;
        for (one, other, are_twins) in [
            ("3@900@5", "3@900@6", true),
            ("3@900@5", "3@900@5", false),
            ("3@900@5", "3@900", false),
            ("3@900@5", "3@901@6", false),
        ] {
            assert_eq!(
                begin(one).is_twin_of(begin(other)),
                are_twins,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn a_branch_reads_as_it_is_printed_and_no_other_text_is_read() {
        for text in ["1@0", "3@67263616", "3@67263616@848923415123456"] {
            let branch: Branch = text.parse().unwrap();
            assert_eq!(branch.to_string(), text);
        }
        for wrong in ["", "3", "3@", "@3", "3@9@", "3@9@1@2", "3@9@-1", "3@+9"] {
            assert_eq!(wrong.parse::<Branch>(), Err(NoBranch), "{wrong}");
        }
    }
}
