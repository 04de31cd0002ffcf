//! What a node publishes of itself beside its position, from which it is seen whether that position is a current one.
//! Knows neither where it is published nor which node is to be promoted.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::lineage::Descent;
use crate::agent::ocf::node::Node;
use crate::postgres::position::Position;

/// A node's descent, its position, and which nodes were to be promoted when it published both: written
/// `SYSTEMIDENTIFIER#LINEAGE#TIMELINE#LSN#NODES`, with blanks between several nodes.
///
/// A position is published only when a promotion is announced, and withdrawn after it. If the announcing coordinator is
/// lost, nobody has it withdrawn, and a node that cannot publish the next one would be taken for one that is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where its data comes from.
    pub descent: Descent,
    /// The end of its WAL.
    pub position: Position,
    /// The nodes that were to be promoted.
    pub candidates: BTreeSet<Node>,
}

/// A text that is not a report.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not what a node publishes of its server; it was expected as in \
     \"7388123456789012345#1@0,2@67263616#2#67300000#srv2\""
)]
pub struct ReportError(String);

impl Report {
    /// Returns whether a position was published with it, for a promotion of this node.
    #[must_use]
    pub fn is_of(&self, position: Position, candidate: &Node) -> bool {
        self.position == position && self.candidates.contains(candidate)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let candidates: Vec<&str> = self.candidates.iter().map(Node::name).collect();
        let (descent, position) = (&self.descent, self.position);
        write!(f, "{descent}#{position}#{}", candidates.join(" "))
    }
}

impl FromStr for Report {
    type Err = ReportError;

    fn from_str(text: &str) -> Result<Self, ReportError> {
        parse(text).ok_or_else(|| ReportError(text.chars().take(200).collect()))
    }
}

fn parse(text: &str) -> Option<Report> {
    // The name of a node may contain a number sign.
    let (system, rest) = text.split_once('#')?;
    let (lineage, rest) = rest.split_once('#')?;
    let (timeline, rest) = rest.split_once('#')?;
    let (lsn, candidates) = rest.split_once('#')?;
    let candidates = candidates.split_whitespace().map(str::parse);
    Some(Report {
        descent: format!("{system}#{lineage}").parse().ok()?,
        position: format!("{timeline}#{lsn}").parse().ok()?,
        candidates: candidates.collect::<Result<_, _>>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        text.parse().unwrap()
    }

    #[test]
    fn printing_and_parsing_are_inverse() {
        for text in [
            "7#1@0,2@768#2#900#srv2",
            "18446744073709551615##1#5#srv1 srv2",
            "7#1@0@55#1#5#srv#2",
            "7#1@0#1#5#",
        ] {
            assert_eq!(report(text).to_string(), text);
        }
        for wrong in [
            "",
            "7#1@0",
            "7#1@0#1#5",
            "7#1#1#5#srv1",
            "x#1@0#1#5#srv1",
            "7#1@0#1#x#srv1",
        ] {
            assert!(wrong.parse::<Report>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_position_of_another_promotion_is_not_a_current_one() {
        let node = |name: &str| name.parse::<Node>().unwrap();
        let position = |text: &str| text.parse::<Position>().unwrap();
        let said = report("7#1@0#1#5#srv2");
        assert!(said.is_of(position("1#5"), &node("srv2")));
        assert!(!said.is_of(position("1#5"), &node("srv1")));
        assert!(!said.is_of(position("1#4"), &node("srv2")));
    }
}
