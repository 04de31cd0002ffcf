//! How far the cluster's primaries have been, kept where a restart of everything finds it, so that nobody is
//! promoted who lacks what one of them had. Knows neither where it is kept nor who is to be promoted.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::position::Position;
use super::timeline::Timeline;
use crate::role::Lsn;

/// What a node remembers of its server's last time as a primary, spelt
/// `TIMELINE#LSN#SYSTEMIDENTIFIER#started` or `…#stopped`, in decimal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimaryEnd {
    /// Where its timeline began, or where its WAL ends since it was stopped.
    pub position: Position,
    /// Which database cluster it was: another one that takes its place, from another backup, is not held to
    /// what this one had.
    pub system_identifier: u64,
    /// Which of the two.
    pub moment: Moment,
}

/// When a primary's position was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When it was promoted.
    Started,
    /// When it had been stopped by the cluster's order: it has written nothing since.
    Stopped,
}

/// A text that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} does not say how far a primary was, as in \"2#67263616#7388123456789012345#stopped\""
)]
pub struct PrimaryEndError(String);

/// The furthest of what the nodes remember of one database cluster.
#[must_use]
pub fn furthest(
    remembered: impl IntoIterator<Item = PrimaryEnd>,
    system_identifier: u64,
) -> Option<Position> {
    let same = |end: &PrimaryEnd| end.system_identifier == system_identifier;
    let positions = remembered.into_iter().filter(same).map(|end| end.position);
    positions.max()
}

impl fmt::Display for PrimaryEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::Started => "started",
            Moment::Stopped => "stopped",
        };
        write!(f, "{}#{}#{moment}", self.position, self.system_identifier)
    }
}

impl FromStr for PrimaryEnd {
    type Err = PrimaryEndError;

    fn from_str(text: &str) -> Result<Self, PrimaryEndError> {
        let mut parts = text.split('#');
        let parsed = match [(); 5].map(|()| parts.next()) {
            [Some(timeline), Some(lsn), Some(system), Some(moment), None] => {
                parse(timeline, lsn, system, moment)
            }
            _ => None,
        };
        parsed.ok_or_else(|| PrimaryEndError(text.into()))
    }
}

fn parse(timeline: &str, lsn: &str, system: &str, moment: &str) -> Option<PrimaryEnd> {
    Some(PrimaryEnd {
        position: Position {
            timeline: Timeline(number(timeline)?.try_into().ok()?),
            lsn: Lsn(number(lsn)?),
        },
        system_identifier: number(system)?,
        moment: match moment {
            "started" => Moment::Started,
            "stopped" => Moment::Stopped,
            _ => return None,
        },
    })
}

/// Digits alone: `parse` would take a sign, too.
pub(super) fn number(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(timeline: u32, lsn: u64, system_identifier: u64) -> PrimaryEnd {
        PrimaryEnd {
            position: Position {
                timeline: Timeline(timeline),
                lsn: Lsn(lsn),
            },
            system_identifier,
            moment: Moment::Stopped,
        }
    }

    #[test]
    fn it_is_printed_so_that_it_reads_the_same() {
        let stopped = end(2, 67_263_616, u64::MAX);
        assert_eq!(
            stopped.to_string(),
            "2#67263616#18446744073709551615#stopped"
        );
        let started = PrimaryEnd {
            moment: Moment::Started,
            ..stopped
        };
        for one in [stopped, started] {
            assert_eq!(one.to_string().parse(), Ok(one));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "",
            "2#67263616",
            "2#67263616#1#",
            "2#67263616#1#stopped#",
            "2#67263616#1#ended",
            "+2#67263616#1#stopped",
            "#1#1#stopped",
            "4294967296#1#1#stopped",
        ] {
            assert_eq!(
                wrong.parse::<PrimaryEnd>(),
                Err(PrimaryEndError(wrong.into()))
            );
        }
    }

    #[test]
    fn another_database_cluster_counts_for_nothing() {
        let ends = [end(1, 900, 7), end(2, 100, 7), end(9, 900, 8)];
        assert_eq!(furthest(ends, 7), Some(ends[1].position));
        assert_eq!(furthest(ends, 9), None);
    }
}
