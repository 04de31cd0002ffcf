//! Where the WAL of a server stands to that of a primary, by their histories. Knows neither who they are nor what follows
//! from it.

use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::History;

/// Where a server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// All its WAL is part of the primary's.
    Behind,
    /// It has WAL of the primary's own timeline that the primary has not.
    Ahead,
    /// It has WAL that is not part of the primary's.
    Parted {
        /// The last timeline that both have, and where they have parted on it.
        fork: Position,
    },
    /// Their histories agree, and their WAL does not: both were promoted from the same position, or one of them without a
    /// new timeline.
    Twins,
    /// They have no timeline in common.
    Strangers,
}

/// Compares a server, by the end of its WAL and the history of the timeline on which that is, with a primary.
#[must_use]
pub fn relate(history: &History, end: Position, primary: &History, primary_end: Lsn) -> Relation {
    let Some(fork) = fork(history, primary) else {
        return Relation::Strangers;
    };
    if end.timeline == fork.timeline && end.lsn <= fork.lsn {
        let is_ahead = end.timeline == primary.target() && end.lsn > primary_end;
        return if is_ahead {
            Relation::Ahead
        } else {
            Relation::Behind
        };
    }
    Relation::Parted { fork }
}

/// Returns the last timeline that two histories have in common, and where the first of them left it: far beyond all WAL if
/// both end with that timeline (`findCommonAncestorTimeline` in `src/bin/pg_rewind/pg_rewind.c`).
fn fork(one: &History, other: &History) -> Option<Position> {
    let mut common = None;
    for ((timeline, left), (same, also_left)) in parts(one).into_iter().zip(parts(other)) {
        if timeline != same {
            break;
        }
        common = Some(Position {
            timeline,
            lsn: left.min(also_left),
        });
        if left != also_left {
            break;
        }
    }
    common
}

/// Returns the timelines of a history, oldest first, each with its end.
fn parts(history: &History) -> Vec<(Timeline, Lsn)> {
    let last = (history.target(), Lsn(u64::MAX));
    history.past().chain([last]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(target: u32, past: &[(u32, u64)]) -> History {
        let line = |(timeline, lsn): &(u32, u64)| format!("{timeline}\t{}\tpromoted\n", Lsn(*lsn));
        let text: String = past.iter().map(line).collect();
        History::parse(Timeline(target), &text).unwrap()
    }

    fn at(timeline: u32, lsn: u64) -> Position {
        Position {
            timeline: Timeline(timeline),
            lsn: Lsn(lsn),
        }
    }

    fn parted(timeline: u32, lsn: u64) -> Relation {
        Relation::Parted {
            fork: at(timeline, lsn),
        }
    }

    /// The primary was promoted at 100 from timeline 1 and at 200 from timeline 2.
    fn primary() -> History {
        history(3, &[(1, 100), (2, 200)])
    }

    #[test]
    fn a_server_is_behind_up_to_the_point_at_which_its_timeline_was_left() {
        for (own, end, expected) in [
            (history(1, &[]), at(1, 99), Relation::Behind),
            (history(1, &[]), at(1, 100), Relation::Behind),
            (history(1, &[]), at(1, 101), parted(1, 100)),
            (history(2, &[(1, 100)]), at(2, 200), Relation::Behind),
            (history(2, &[(1, 100)]), at(2, 201), parted(2, 200)),
            (
                history(3, &[(1, 100), (2, 200)]),
                at(3, 250),
                Relation::Behind,
            ),
            (
                history(3, &[(1, 100), (2, 200)]),
                at(3, 300),
                Relation::Behind,
            ),
            (
                history(3, &[(1, 100), (2, 200)]),
                at(3, 301),
                Relation::Ahead,
            ),
        ] {
            assert_eq!(relate(&own, end, &primary(), Lsn(300)), expected, "{end}");
        }
    }

    #[test]
    fn two_that_were_promoted_apart_have_parted_at_the_earlier_of_the_two_promotions() {
        for (own, end, expected) in [
            // Promoted before and after the other one.
            (history(2, &[(1, 90)]), at(2, 95), parted(1, 90)),
            (history(2, &[(1, 110)]), at(2, 120), parted(1, 100)),
            // A timeline that the primary never had.
            (
                history(4, &[(1, 100), (2, 200)]),
                at(4, 210),
                parted(2, 200),
            ),
            (
                history(5, &[(1, 100), (2, 200), (3, 250)]),
                at(5, 260),
                parted(3, 250),
            ),
        ] {
            assert_eq!(relate(&own, end, &primary(), Lsn(300)), expected, "{end}");
        }
    }

    #[test]
    fn a_timeline_that_left_the_primarys_before_it_wrote_anything_has_parted_too() {
        // Its number and its history are its own, though its WAL ends where it began.
        let own = history(4, &[(1, 100), (2, 150)]);
        assert_eq!(
            relate(&own, at(4, 150), &primary(), Lsn(300)),
            parted(2, 150)
        );
    }

    #[test]
    fn without_a_timeline_in_common_there_is_no_fork() {
        let own = history(7, &[(6, 50)]);
        let relation = relate(&own, at(7, 60), &primary(), Lsn(300));
        assert_eq!(relation, Relation::Strangers);
    }
}
