//! How much Pacemaker prefers to promote each node, on the scale and under the name that PAF's users
//! and their monitoring know. Knows neither Pacemaker nor a server.
//!
//! - [`attributes`](mod@attributes): the names of the attributes that nodes exchange.
//! - [`sender`]: what a primary sees of a standby.
//! - [`ranking`]: derives scores from what it sees.

pub mod attributes;
pub mod ranking;
pub mod sender;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub use attributes::Attributes;
pub use ranking::{Oddity, Ranking, RankingFacts, Scored, rank};
pub use sender::{ReplicationRow, SenderState};

/// A promotion score. Pacemaker promotes the node with the greatest score, and no node with a negative one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub i32);

impl Score {
    /// The primary.
    pub const PRIMARY: Self = Self(1001);
    /// The best standby, and a node that others give way to. Each next standby has [`Self::STEP`] less.
    pub const BEST: Self = Self(1000);
    /// A server that was stopped cleanly as a primary, while no node has a score; or a node whose veto has ended.
    pub const FIRST: Self = Self(1);
    /// A node that was designated and has given way to another. If it is designated again while that node still has
    /// [`Self::BEST`], a constraint or failures keep the cluster from promoting that node.
    pub const GAVE_WAY: Self = Self(2);
    /// A node that others have given way to and that the cluster did not promote: no node gives way to it again. The
    /// next promotion resets this, as it gives every node a score.
    pub const PASSED_OVER: Self = Self(3);
    /// A standby that is connected and does not stream yet.
    pub const NOT_YET: Self = Self(-1);
    /// A node without a connected standby.
    pub const NOT_CONNECTED: Self = Self(-1000);
    /// The difference between one standby and the next.
    pub const STEP: i32 = 10;
    /// A node that was found unfit when it was to be promoted, and has not been fit since: whatever finite score or
    /// infinity an administrator adds, Pacemaker does not promote it.
    pub const VETO: Self = Self(-Self::INFINITY);
    /// A node that was designated and could not be promoted since the cluster lacks something, so that another attempt
    /// would fail in the same way: until another server starts, or a primary finds it fit. To Pacemaker it is the same
    /// as [`Self::VETO`]; to nodes it says that no primary has set it.
    pub const REFUSED: Self = Self(-Self::INFINITY - 1);
    /// Pacemaker's infinity (`PCMK_SCORE_INFINITY`).
    const INFINITY: i32 = 1_000_000;
}

/// A text that is not a score.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a score; a whole number, INFINITY or -INFINITY was expected")]
pub struct ScoreError(String);

impl Score {
    /// Returns whether it keeps the node from being promoted whatever an administrator adds.
    #[must_use]
    pub fn is_infinite(self) -> bool {
        self <= Self::VETO
    }
}

impl FromStr for Score {
    type Err = ScoreError;

    fn from_str(text: &str) -> Result<Self, ScoreError> {
        let number = match text {
            "INFINITY" | "+INFINITY" => Ok(Self::INFINITY),
            "-INFINITY" => Ok(-Self::INFINITY),
            number => number.parse(),
        };
        number.map(Self).map_err(|_| ScoreError(text.into()))
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::VETO {
            return f.write_str("-INFINITY");
        }
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_read_as_pacemaker_writes_it() {
        assert_eq!("-1000".parse(), Ok(Score::NOT_CONNECTED));
        assert_eq!("INFINITY".parse(), Ok(Score(1_000_000)));
        assert_eq!("-INFINITY".parse(), Ok(Score(-1_000_000)));
        assert_eq!(Score::VETO.to_string(), "-INFINITY");
        assert_eq!(Score::REFUSED.to_string(), "-1000001");
        for score in [Score::VETO, Score::REFUSED] {
            assert_eq!(score.to_string().parse(), Ok(score));
            assert!(score.is_infinite());
        }
        for wrong in ["", "1.0", "one", "infinity", "(null)"] {
            assert_eq!(wrong.parse::<Score>(), Err(ScoreError(wrong.into())));
        }
    }
}
