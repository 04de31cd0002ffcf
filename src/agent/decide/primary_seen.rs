//! How far standbys have seen the primary's WAL reach, from which `maxlag` is measured. Knows neither where it is
//! published nor which node is to be promoted.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::base::decimal::number;
use crate::postgres::position::Position;

/// What a standby has seen, written `TIMELINE#LSN#SYSTEMIDENTIFIER` in decimal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimarySeen {
    /// How far the primary's WAL reached.
    pub position: Position,
    /// The system identifier of its database cluster: one that takes its place, from another backup, is unrelated.
    pub system_identifier: u64,
}

/// A text that is not a position of a primary.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not the position of a primary; one was expected as in \"2#67263616#7388123456789012345\""
)]
pub struct PrimarySeenError(String);

/// Returns the furthest position of a primary of one database cluster that was seen.
#[must_use]
pub fn furthest(
    seen: impl IntoIterator<Item = PrimarySeen>,
    system_identifier: u64,
) -> Option<Position> {
    let same = |seen: &PrimarySeen| seen.system_identifier == system_identifier;
    let positions = seen.into_iter().filter(same).map(|seen| seen.position);
    positions.max()
}

impl fmt::Display for PrimarySeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.position, self.system_identifier)
    }
}

impl FromStr for PrimarySeen {
    type Err = PrimarySeenError;

    fn from_str(text: &str) -> Result<Self, PrimarySeenError> {
        let parsed = text.rsplit_once('#').and_then(|(position, system)| {
            Some(Self {
                position: position.parse().ok()?,
                system_identifier: number(system)?,
            })
        });
        parsed.ok_or_else(|| PrimarySeenError(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_and_parsing_are_inverse() {
        let text = "2#67263616#18446744073709551615";
        let seen: PrimarySeen = text.parse().unwrap();
        assert_eq!(seen.system_identifier, u64::MAX);
        assert_eq!(seen.to_string(), text);
        for wrong in ["", "2#1", "2#1#", "2#1#+7", "#1#7", "2#1#7#8"] {
            let refused = wrong.parse::<PrimarySeen>();
            assert_eq!(refused, Err(PrimarySeenError(wrong.into())));
        }
    }

    #[test]
    fn a_primary_of_another_database_cluster_is_ignored() {
        let seen =
            ["1#900#7", "2#100#7", "9#900#8"].map(|text| text.parse::<PrimarySeen>().unwrap());
        assert_eq!(furthest(seen, 7), Some(seen[1].position));
        assert_eq!(furthest(seen, 9), None);
    }
}
