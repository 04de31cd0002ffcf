//! How far the cluster's primaries have been, kept where a restart of everything finds it, so that nobody is
//! promoted who lacks what one of them had. Knows neither where it is kept nor who is to be promoted.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::decimal::number;
use super::lineage::Lineage;
use super::position::Position;
use super::timeline::Timeline;
use crate::role::Lsn;

/// What a node remembers of its server's last time as a primary, spelt
/// `TIMELINE#LSN#SYSTEMIDENTIFIER#started#PARENT#BEGIN` or `…#stopped#PARENT#BEGIN`, in decimal numbers. Without the
/// last two it is not known which of several timelines with that number it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimaryEnd {
    /// Where its timeline began, or where its WAL ends since it was stopped.
    pub position: Position,
    /// Which database cluster it was: another one that takes its place, from another backup, is not held to
    /// what this one had.
    pub system_identifier: u64,
    /// Which of the two.
    pub moment: Moment,
    /// Where its timeline came from, if that is known.
    pub origin: Option<Origin>,
}

/// When a primary's position was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When it was promoted.
    Started,
    /// When it had been stopped by the cluster's order: it has written nothing since.
    Stopped,
}

/// Where a timeline came from. A timeline that came from none has the parent 0 where it is spelt, and begins
/// at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The timeline before it; none where there is none.
    pub parent: Option<Timeline>,
    /// Where it began.
    pub begin: Lsn,
}

/// A text that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} does not say how far a primary was, as in \"2#67263616#7388123456789012345#stopped#1#67108864\""
)]
pub struct PrimaryEndError(String);

impl Origin {
    /// That of the newest timeline of a lineage.
    #[must_use]
    pub fn of(lineage: &Lineage) -> Self {
        Self {
            parent: lineage.parent(),
            begin: lineage.newest().begin,
        }
    }
}

impl PrimaryEnd {
    /// Where its timeline began, if that is known.
    #[must_use]
    pub fn begin(&self) -> Option<Lsn> {
        match (self.origin, self.moment) {
            (Some(origin), _) => Some(origin.begin),
            (None, Moment::Started) => Some(self.position.lsn),
            (None, Moment::Stopped) => None,
        }
    }
}

impl PrimaryEnd {
    /// Whether nothing is to be kept instead of this one when a server is found as the other says: an end that was
    /// kept in order stands against an older copy of the same server.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let is_of_same = self.system_identifier == other.system_identifier
            && self.position.timeline == other.position.timeline
            && self.origin == other.origin;
        let is_end = self.moment == Moment::Stopped && other.moment == Moment::Stopped;
        self == other || (is_of_same && is_end && self.position.lsn >= other.position.lsn)
    }
}

impl fmt::Display for PrimaryEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::Started => "started",
            Moment::Stopped => "stopped",
        };
        write!(f, "{}#{}#{moment}", self.position, self.system_identifier)?;
        match self.origin {
            Some(Origin { parent, begin }) => {
                let parent = parent.unwrap_or(Timeline(0));
                write!(f, "#{parent}#{}", begin.0)
            }
            None => Ok(()),
        }
    }
}

impl FromStr for PrimaryEnd {
    type Err = PrimaryEndError;

    fn from_str(text: &str) -> Result<Self, PrimaryEndError> {
        let parts: Vec<&str> = text.split('#').take(7).collect();
        let parsed = match parts[..] {
            [timeline, lsn, system, moment] => parse(timeline, lsn, system, moment, None),
            [timeline, lsn, system, moment, parent, begin] => {
                let origin = parse_origin(parent, begin);
                origin.and_then(|origin| parse(timeline, lsn, system, moment, Some(origin)))
            }
            _ => None,
        };
        parsed.ok_or_else(|| PrimaryEndError(text.into()))
    }
}

fn parse(
    timeline: &str,
    lsn: &str,
    system: &str,
    moment: &str,
    origin: Option<Origin>,
) -> Option<PrimaryEnd> {
    Some(PrimaryEnd {
        position: Position {
            timeline: Timeline(number(timeline)?),
            lsn: Lsn(number(lsn)?),
        },
        system_identifier: number(system)?,
        moment: match moment {
            "started" => Moment::Started,
            "stopped" => Moment::Stopped,
            _ => return None,
        },
        origin,
    })
}

fn parse_origin(parent: &str, begin: &str) -> Option<Origin> {
    let parent = Timeline(number(parent)?);
    Some(Origin {
        parent: (parent != Timeline(0)).then_some(parent),
        begin: Lsn(number(begin)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_printed_so_that_it_reads_the_same() {
        for text in [
            "2#67263616#18446744073709551615#stopped#1#67108864",
            "1#67263616#7#stopped#0#0",
            "2#67263616#7#started#1#67263616",
            "2#67263616#7#started",
            "2#67263616#7#stopped",
        ] {
            let end: PrimaryEnd = text.parse().unwrap();
            assert_eq!(end.to_string(), text);
        }
    }

    #[test]
    fn where_the_timeline_began_is_known_of_most() {
        for (text, begin) in [
            ("2#900#7#stopped#1#800", Some(800)),
            ("1#900#7#stopped#0#0", Some(0)),
            ("2#900#7#started#1#900", Some(900)),
            ("2#900#7#started", Some(900)),
            ("2#900#7#stopped", None),
        ] {
            let end: PrimaryEnd = text.parse().unwrap();
            assert_eq!(end.begin(), begin.map(Lsn), "{text}");
        }
    }

    #[test]
    fn an_older_copy_of_a_server_does_not_take_the_place_of_its_end() {
        let end = |text: &str| text.parse::<PrimaryEnd>().unwrap();
        let kept = end("2#900#7#stopped#1#800");
        for (other, is_covered) in [
            ("2#900#7#stopped#1#800", true),
            ("2#850#7#stopped#1#800", true),
            ("2#950#7#stopped#1#800", false),
            ("2#800#7#started#1#800", false),
            ("2#850#7#stopped#1#700", false),
            ("2#850#8#stopped#1#800", false),
            ("1#850#7#stopped#0#0", false),
        ] {
            assert_eq!(kept.covers(&end(other)), is_covered, "{other}");
        }
        let started = end("2#800#7#started#1#800");
        assert!(started.covers(&started) && !started.covers(&kept));
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "",
            "2#67263616",
            "2#67263616#1#",
            "2#67263616#1#stopped#",
            "2#67263616#1#stopped#1",
            "2#67263616#1#stopped#1#",
            "2#67263616#1#stopped#1#2#3",
            "2#67263616#1#ended",
            "+2#67263616#1#stopped",
            "#1#1#stopped",
            "4294967296#1#1#stopped",
        ] {
            let refused = wrong.parse::<PrimaryEnd>();
            assert_eq!(refused, Err(PrimaryEndError(wrong.into())));
        }
    }
}
