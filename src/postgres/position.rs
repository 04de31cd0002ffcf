//! How far the history of a server goes; knows neither how it was found out nor whose it is.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::timeline::Timeline;
use crate::health::Lsn;

/// The end of what a server has. One on a newer timeline is further, wherever on it: what an older
/// timeline holds beyond the point where the newer one began was never part of it.
///
/// It is spelt as PAF publishes it, `TIMELINE#LSN` in decimal numbers, so that nodes with either agent
/// understand each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The timeline of the newest record.
    pub timeline: Timeline,
    /// Where the next one would be.
    pub lsn: Lsn,
}

/// A text that is no position.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a position; a timeline and a decimal WAL location were expected, as in \"2#67263616\""
)]
pub struct PositionError(String);

/// What is known of how far a server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// What its WAL receiver says that it has got, which proves nothing: WAL before it may be missing, and what
    /// it has of a record that is not whole is of no use. After a start that is the beginning of a segment until
    /// something has been streamed (`RequestXLogStreaming` in `src/backend/replication/walreceiverfuncs.c`),
    /// however much of it the server has.
    pub received: Option<Position>,
    /// What it has replayed, which may lag behind what it has. It counts wherever its WAL is now.
    pub replayed: Option<Position>,
    /// The end of the last whole record in its `pg_wal`, of those that follow one another from what was replayed.
    pub on_disk: Option<Position>,
}

impl Traces {
    /// How far the server is: what it would have after a promotion. Servers with the same last record are equally
    /// far, whatever they have received of the next one.
    #[must_use]
    pub fn position(self) -> Option<Position> {
        self.replayed.max(self.on_disk)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.timeline, self.lsn.0)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        text.split_once('#')
            .filter(|(timeline, lsn)| is_number(timeline) && is_number(lsn))
            .and_then(|(timeline, lsn)| {
                Some(Self {
                    timeline: Timeline(timeline.parse().ok()?),
                    lsn: Lsn(lsn.parse().ok()?),
                })
            })
            .ok_or_else(|| PositionError(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(timeline: u32, lsn: u64) -> Position {
        Position {
            timeline: Timeline(timeline),
            lsn: Lsn(lsn),
        }
    }

    #[test]
    fn numbers_are_compared_and_not_texts() {
        assert!(at(10, 0) > at(9, 0));
        assert!(at(1, 1000) > at(1, 999));
    }

    #[test]
    fn a_newer_timeline_is_further_than_any_place_on_an_older_one() {
        assert!(at(2, 5) > at(1, u64::MAX));
    }

    #[test]
    fn a_receivers_word_counts_for_nothing() {
        let mut traces = Traces {
            // Rounded, after a start.
            received: Some(at(1, 0x0400_0000)),
            replayed: Some(at(1, 0x0402_9430)),
            on_disk: Some(at(1, 0x0402_9468)),
        };
        assert_eq!(traces.position(), traces.on_disk);
        traces.received = Some(at(1, 0x0500_0000));
        assert_eq!(traces.position(), traces.on_disk);
        traces.on_disk = None;
        assert_eq!(traces.position(), traces.replayed);
        assert_eq!(Traces::default().position(), None);
    }

    #[test]
    fn it_is_spelt_as_paf_spells_it() {
        assert_eq!("2#67263616".parse(), Ok(at(2, 0x0402_5C80)));
        for wrong in [
            "",
            "#",
            "1#",
            "#1",
            "1",
            "1#2#3",
            "+1#2",
            "1# 2",
            "a#1",
            "4294967296#1",
        ] {
            assert_eq!(wrong.parse::<Position>(), Err(PositionError(wrong.into())));
        }
    }

    fn any_position() -> impl Strategy<Value = Position> {
        (any::<u32>(), any::<u64>()).prop_map(|(timeline, lsn)| at(timeline, lsn))
    }

    proptest! {
        #[test]
        fn a_position_is_printed_so_that_it_reads_the_same(position in any_position()) {
            prop_assert_eq!(position.to_string().parse(), Ok(position));
        }
    }
}
