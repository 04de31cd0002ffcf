//! How far the WAL of a server reaches.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::timeline::Timeline;
use crate::health::Lsn;

/// The end of a server's WAL. A position on a newer timeline is further, whatever its LSN: what an older
/// timeline has beyond the point at which the newer one began was never part of the newer one.
///
/// It is spelt as PAF publishes it, `TIMELINE#LSN` in decimal numbers, so that nodes with either agent
/// understand each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The timeline of the newest record.
    pub timeline: Timeline,
    /// The position at which the next record would begin.
    pub lsn: Lsn,
}

/// The text is not a position.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a position; a timeline and a decimal WAL location were expected, as in \"2#67263616\""
)]
pub struct PositionError(String);

/// What is known about how far a server's WAL reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// The position that its WAL receiver reports, which proves nothing: WAL before it may be missing, and a part
    /// of a record is of no use. After a start it is the beginning of a segment until
    /// something has been streamed (`RequestXLogStreaming` in `src/backend/replication/walreceiverfuncs.c`),
    /// however much of the segment the server has.
    pub received: Option<Position>,
    /// The position up to which it has replayed, which may be less than it has. It counts even if the WAL is gone.
    pub replayed: Option<Position>,
    /// The end of the last whole record in its `pg_wal` that follows without a gap from the replayed position.
    pub on_disk: Option<Position>,
}

impl Traces {
    /// Returns how far the server's WAL reaches: what the server would have after a promotion. Servers with the same
    /// last record are equally far, whatever they have received of the next record.
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
    fn the_position_of_a_wal_receiver_does_not_count() {
        let mut traces = Traces {
            // Rounded down to a segment after a start.
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
