//! Why a node is not to be promoted, in words for its administrator. Knows no election.

use std::collections::BTreeSet;
use std::fmt;

use super::NodePosition;
use crate::agent::decide::lineage::Lineage;
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;
use crate::base::shell::quoted;
use crate::base::units::Bytes;
use crate::postgres::position::Position;

/// One of two nodes that have each what the other lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// Which.
    pub node: Node,
    /// How far it is.
    pub at: Position,
    /// Its timelines.
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
    /// It is not as far as another one.
    Behind {
        /// How far it is.
        at: Position,
        /// How far the other is.
        furthest: Position,
    },
    /// It is as far as the designated one.
    Equal,
    /// It has not said how far it is.
    Silent,
    /// It lacks something of what a primary had.
    Lacks {
        /// How far it is.
        at: Position,
        /// What it would have to have.
        required: Position,
    },
    /// Its timeline left that of the last primary before something that it would have to have.
    Apart {
        /// How far it is.
        at: Position,
        /// Where it left that timeline; none if it never was on it.
        left: Option<Position>,
        /// What it would have to have.
        required: Position,
    },
    /// It is too far behind the primary.
    TooFarBehind {
        /// How far behind.
        lag: Bytes,
        /// How far behind it may be.
        most: Bytes,
    },
    /// Two nodes have each what the other lacks.
    Incomparable([Apart; 2]),
    /// It is of another database cluster than the last primary.
    OtherSystem {
        /// Its system identifier.
        own: u64,
        /// The last primary's.
        expected: u64,
    },
    /// The nodes are of different database clusters, and which is the right one is not known.
    Systems(BTreeSet<u64>),
    /// What was acknowledged may be with nodes alone that have not said how far they are.
    Unseen {
        /// Whose commits.
        primary: Node,
        /// What they waited for.
        rule: String,
        /// So many have to speak yet.
        more: usize,
        /// Of these.
        missing: Vec<String>,
        /// Those among them that take part and were made anew since.
        made_anew: Vec<String>,
    },
    /// It was to be promoted and was not designated: a constraint, or failures, keep it from that.
    PassedOver {
        /// How far it is.
        at: Position,
    },
    /// A node that the cluster does not promote has something that may have been acknowledged.
    Needs {
        /// How far it is.
        at: Position,
        /// That node.
        other: Node,
        /// How far that is.
        other_at: Position,
        /// Whose commits waited.
        primary: Node,
    },
}

impl WhyNot {
    /// Whether the node has something that is no part of the history of whoever is promoted: its server cannot follow, or
    /// is another database cluster's.
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

    /// What an administrator can do about it where nobody is promoted, in a sentence without its full stop.
    #[must_use]
    pub fn remedy(&self, attributes: &Attributes) -> Option<String> {
        const SCORE: &str = "and give a node a promotion score";
        let (end, rule) = (attributes.primary_end(), attributes.sync_rule());
        match self {
            Self::Apart { .. } => Some(format!(
                "Start the server that was the primary; where two were promoted apart, choose the one whose data is to be \
                 kept, make the other one a standby of it again, delete the attribute {end} of its node {SCORE}"
            )),
            Self::Lacks { .. } | Self::Behind { .. } => Some(format!(
                "Start the server that was the primary; only if it is lost for good, delete the attribute {end} of its \
                 node {SCORE}"
            )),
            Self::OtherSystem { .. } | Self::Systems(_) => Some(format!(
                "Keep the nodes from the resource that do not belong to it, or delete the attributes {end} and {rule} of \
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
            Self::Equal => f.write_str("it is as far as the designated one"),
            Self::Silent => f.write_str("it has not said how far it is"),
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
                    "the nodes have the system identifiers {}, and which of them the last primary had is not known",
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

/// The command that accepts a loss.
fn forget(primary: &Node, rule: &str) -> String {
    let (primary, rule) = (quoted(primary.name()), quoted(rule));
    format!("crm_attribute --node {primary} --name {rule} --lifetime forever --delete")
}
