//! Why a node is not to be promoted, as text for its administrator. Knows no election.

use std::collections::BTreeSet;
use std::fmt;

use super::facts::NodePosition;
use crate::agent::decide::lineage::Lineage;
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;
use crate::base::shell::quoted;
use crate::base::units::Bytes;
use crate::postgres::position::Position;

/// One of two nodes of which each has what the other lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The node.
    pub node: Node,
    /// The end of its WAL.
    pub at: Position,
    /// The timelines of its history, if they are known.
    pub lineage: Option<Lineage>,
}

impl Apart {
    pub(super) fn of(node: &Node, said: &NodePosition) -> Self {
        Self {
            node: node.clone(),
            at: said.position,
            lineage: said.lineage.clone(),
        }
    }
}

/// Why a node is not to be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// It is behind another node.
    Behind {
        /// The end of its WAL.
        at: Position,
        /// The end of the other's WAL.
        furthest: Position,
    },
    /// It is at the same position as the designated node.
    Equal,
    /// It has not reported its position.
    Silent,
    /// It lacks WAL that a primary had.
    Lacks {
        /// The end of its WAL.
        at: Position,
        /// The position that it would have to be at.
        required: Position,
    },
    /// Its timeline left that of the last primary before a position that it would have to be at.
    Apart {
        /// The end of its WAL.
        at: Position,
        /// Where it left that timeline; `None` if it never was on it.
        left: Option<Position>,
        /// The position that it would have to be at.
        required: Position,
    },
    /// It is too far behind the primary.
    TooFarBehind {
        /// How far behind it is.
        lag: Bytes,
        /// The parameter `maxlag`.
        most: Bytes,
    },
    /// Two nodes of which each has what the other lacks.
    Incomparable([Apart; 2]),
    /// It belongs to another database cluster than the last primary.
    OtherSystem {
        /// Its system identifier.
        own: u64,
        /// The last primary's.
        expected: u64,
    },
    /// The nodes belong to different database clusters, and it is not known which was the last primary's.
    Systems(BTreeSet<u64>),
    /// What was acknowledged may only be on nodes that have not reported their positions.
    Unseen {
        /// The primary that acknowledged the commits.
        primary: Node,
        /// The standbys that the commits waited for.
        rule: String,
        /// How many more nodes have to report.
        more: usize,
        /// The nodes that have not reported.
        missing: Vec<String>,
        /// Those of `missing` that take part and were rebuilt since.
        made_anew: Vec<String>,
    },
    /// It was to be promoted and was not designated: a constraint or failures prevent it.
    PassedOver {
        /// The end of its WAL.
        at: Position,
    },
    /// A node that the cluster does not promote has something that may have been acknowledged.
    Needs {
        /// The end of its WAL.
        at: Position,
        /// The other node.
        other: Node,
        /// The end of that node's WAL.
        other_at: Position,
        /// The primary whose commits waited for standbys.
        primary: Node,
    },
}

impl WhyNot {
    /// Returns whether the node has something that is not part of the promoted server's history: its server cannot
    /// follow, or belongs to another database cluster.
    #[must_use]
    pub fn is_astray(&self) -> bool {
        match self {
            Self::Apart { .. }
            | Self::Incomparable(_)
            | Self::OtherSystem { .. }
            | Self::Systems(_) => true,
            Self::Silent
            | Self::Equal
            | Self::Behind { .. }
            | Self::Lacks { .. }
            | Self::TooFarBehind { .. }
            | Self::Unseen { .. }
            | Self::PassedOver { .. }
            | Self::Needs { .. } => false,
        }
    }

    /// Returns what an administrator can do about it if no node is promoted, as a sentence without a full stop.
    #[must_use]
    pub fn remedy(&self, attributes: &Attributes) -> Option<String> {
        const SCORE: &str = "and give a node a promotion score";
        let (end, rule) = (attributes.primary_end(), attributes.sync_rule());
        match self {
            Self::Apart { .. } => Some(format!(
                "Start the server that was the primary; if two were promoted apart, choose the one whose data is to be \
                 kept, make the other one its standby again, delete the attribute {end} of its node {SCORE}"
            )),
            Self::Lacks { .. } | Self::Behind { .. } => Some(format!(
                "Start the server that was the primary; only if it is lost for good, delete the attribute {end} of its \
                 node {SCORE}"
            )),
            Self::OtherSystem { .. } | Self::Systems(_) => Some(format!(
                "Ban the nodes that belong to another database cluster, or delete the attributes {end} and {rule} of \
                 nodes that remember another database cluster, {SCORE}"
            )),
            Self::Incomparable(_) => Some(
                "Choose the server whose data is to be kept, make the other one a standby of it again, and give it a \
                 promotion score"
                    .into(),
            ),
            Self::Unseen {
                primary,
                missing,
                made_anew,
                ..
            } => {
                let away = missing.iter().filter(|name| !made_anew.contains(name));
                let mut away: Vec<&str> = away.map(String::as_str).collect();
                if away.is_empty() {
                    away.push(primary.name());
                }
                Some(format!(
                    "Start the servers of {}; only if they are lost for good, accept the loss of what was acknowledged \
                     with {} {SCORE}",
                    away.join(", "),
                    forget(primary, &rule)
                ))
            }
            Self::Needs { other, primary, .. } => Some(format!(
                "End the constraint or the failures that keep the cluster from promoting {other}; only to lose what it \
                 has, {} {SCORE}",
                forget(primary, &rule)
            )),
            Self::TooFarBehind { .. } | Self::Equal | Self::Silent | Self::PassedOver { .. } => None,
        }
    }
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { at, furthest } => write!(f, "it is at {at} and another at {furthest}"),
            Self::Equal => f.write_str("it is at the same position as the designated node"),
            Self::Silent => f.write_str("it has not reported its position"),
            Self::Lacks { at, required } => {
                write!(f, "it is at {at} and there was a primary at {required}")
            }
            Self::Apart { at, left, required } => {
                write!(f, "it is at {at}, whose timeline ")?;
                match left {
                    Some(left) => write!(f, "forked off at {left}")?,
                    None => write!(f, "does not come from timeline {}", required.timeline)?,
                }
                write!(f, ", and the last primary's went on to {required}")
            }
            Self::TooFarBehind { lag, most } => {
                write!(
                    f,
                    "it is {lag} behind the last primary and maxlag is {most}"
                )
            }
            Self::Incomparable([one, other]) => {
                write!(f, "{one} and {other}: each has what the other lacks")
            }
            Self::OtherSystem { own, expected } => write!(
                f,
                "its system identifier is {own} and that of the last primary was {expected}"
            ),
            Self::Systems(identifiers) => {
                let identifiers: Vec<String> = identifiers.iter().map(u64::to_string).collect();
                write!(
                    f,
                    "the nodes have the system identifiers {}, and it is not known which of them the last primary had",
                    identifiers.join(" and ")
                )
            }
            Self::Unseen {
                primary,
                rule,
                more,
                missing,
                made_anew,
            } => {
                let missing = missing.join(", ");
                write!(
                    f,
                    "commits on {primary} waited for {rule}, and {more} more of {missing} must take part"
                )?;
                if made_anew.is_empty() {
                    return Ok(());
                }
                let made_anew = made_anew.join(", ");
                write!(f, "; made anew from another server since: {made_anew}")
            }
            Self::PassedOver { at } => {
                write!(f, "the cluster does not promote it; it is at {at}")
            }
            Self::Needs {
                at,
                other,
                other_at,
                primary: _,
            } => write!(
                f,
                "it is at {at} and {other}, which the cluster does not promote, at {other_at}, which may have been \
                 acknowledged"
            ),
        }
    }
}

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is at {}", self.node, self.at)?;
        match &self.lineage {
            Some(lineage) => write!(f, " ({lineage})"),
            None => Ok(()),
        }
    }
}

/// Returns the command that accepts a loss.
fn forget(primary: &Node, rule: &str) -> String {
    let (primary, rule) = (quoted(primary.name()), quoted(rule));
    format!("crm_attribute --node {primary} --name {rule} --lifetime forever --delete")
}
