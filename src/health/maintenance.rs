//! How an order of maintenance changes a verdict.

use serde::{Deserialize, Serialize};

use super::reason::{DownReason, LagReason};
use super::verdict::Verdict;

/// How a server is taken out of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Maintenance {
    /// It gets no new sessions; existing ones may stay if the load balancer distinguishes the two.
    Drain,
    /// It gets no sessions at all.
    Down,
}

/// Returns the verdict on a server under this order. Only a standby can refuse new sessions and keep existing ones:
/// the only alternative to `production` is `down`.
#[must_use]
pub fn maintain(verdict: Verdict, ordered: Option<Maintenance>) -> Verdict {
    match (ordered, verdict) {
        (None, _) => verdict,
        (Some(Maintenance::Drain), Verdict::Standby | Verdict::Lagging(_)) => {
            Verdict::Lagging(LagReason::Maintenance)
        }
        (Some(Maintenance::Drain), Verdict::Production | Verdict::Down(_))
        | (Some(Maintenance::Down), _) => Verdict::Down(DownReason::Maintenance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_order_nothing_changes() {
        for verdict in [
            Verdict::Production,
            Verdict::Standby,
            Verdict::Lagging(LagReason::Behind),
            Verdict::Down(DownReason::Full),
        ] {
            assert_eq!(maintain(verdict, None), verdict);
        }
    }

    #[test]
    fn no_order_leaves_a_role() {
        let down = Verdict::Down(DownReason::Maintenance);
        let lagging = Verdict::Lagging(LagReason::Maintenance);
        for (verdict, drained) in [
            (Verdict::Production, down),
            (Verdict::Standby, lagging),
            (Verdict::Lagging(LagReason::Behind), lagging),
            (Verdict::Down(DownReason::NoSocket), down),
        ] {
            assert_eq!(maintain(verdict, Some(Maintenance::Drain)), drained);
            assert_eq!(maintain(verdict, Some(Maintenance::Down)), down);
        }
    }
}
