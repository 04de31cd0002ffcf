//! How the cluster's quorum changes a verdict.

use serde::{Deserialize, Serialize};

use super::reason::DownReason;
use super::verdict::Verdict;

/// Which quorum a primary needs for the verdict `production`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuorumGuard {
    /// None.
    #[default]
    Off,
    /// Pacemaker's.
    Pacemaker,
}

/// What is known of this node's quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quorum {
    /// The node is in the partition with quorum.
    Held,
    /// The node is in another partition: a primary may have been promoted elsewhere.
    Lost,
    /// There is no report, or it is too old.
    Unknown,
}

impl Quorum {
    /// The word for it in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }
}

/// Returns the verdict on a server whose node has this quorum; `quorum` is `None` if no quorum is required. Only a
/// primary needs one: what a standby serves does no harm to another partition.
#[must_use]
pub(super) fn guard(verdict: Verdict, quorum: Option<Quorum>) -> Verdict {
    match (verdict, quorum) {
        (Verdict::Production, Some(Quorum::Lost | Quorum::Unknown)) => {
            Verdict::Down(DownReason::NoQuorum)
        }
        (Verdict::Production, None | Some(Quorum::Held))
        | (Verdict::Standby | Verdict::Lagging(_) | Verdict::Down(_), _) => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::LagReason;

    const OTHERS: [Verdict; 3] = [
        Verdict::Standby,
        Verdict::Lagging(LagReason::Behind),
        Verdict::Down(DownReason::Full),
    ];

    #[test]
    fn a_primary_keeps_its_verdict_only_with_a_quorum_that_is_known() {
        let down = Verdict::Down(DownReason::NoQuorum);
        for quorum in [Quorum::Lost, Quorum::Unknown] {
            assert_eq!(guard(Verdict::Production, Some(quorum)), down);
        }
        for quorum in [None, Some(Quorum::Held)] {
            assert_eq!(guard(Verdict::Production, quorum), Verdict::Production);
        }
    }

    #[test]
    fn no_verdict_but_production_needs_a_quorum() {
        for verdict in OTHERS {
            for quorum in [Quorum::Held, Quorum::Lost, Quorum::Unknown] {
                assert_eq!(guard(verdict, Some(quorum)), verdict);
            }
        }
    }
}
