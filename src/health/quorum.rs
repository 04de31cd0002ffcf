//! What the cluster's quorum makes of a verdict; knows nothing of how it was learnt.

use super::reason::DownReason;
use super::verdict::Verdict;

/// Whether a primary needs a quorum to be called one, and whose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuorumGuard {
    /// It needs none.
    #[default]
    Off,
    /// Pacemaker's.
    Pacemaker,
}

/// What is known of this node's quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// It is in the part of the cluster that may act.
    Held,
    /// It is in another part: a primary may have been promoted elsewhere.
    Lost,
    /// Nobody told in time.
    Unknown,
}

impl Quorum {
    /// As documents spell it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }
}

/// The verdict on a server whose node has this quorum; none where no quorum is asked for. Only a primary
/// needs one: what a standby serves does no harm to another part of the cluster.
#[must_use]
pub fn guard(verdict: Verdict, quorum: Option<Quorum>) -> Verdict {
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
    fn a_primary_is_called_one_only_with_a_quorum_that_is_known() {
        let down = Verdict::Down(DownReason::NoQuorum);
        for quorum in [Quorum::Lost, Quorum::Unknown] {
            assert_eq!(guard(Verdict::Production, Some(quorum)), down);
        }
        for quorum in [None, Some(Quorum::Held)] {
            assert_eq!(guard(Verdict::Production, quorum), Verdict::Production);
        }
    }

    #[test]
    fn nobody_else_needs_one() {
        for verdict in OTHERS {
            for quorum in [Quorum::Held, Quorum::Lost, Quorum::Unknown] {
                assert_eq!(guard(verdict, Some(quorum)), verdict);
            }
        }
    }
}
