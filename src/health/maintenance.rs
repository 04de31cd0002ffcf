//! What an administrator's order to stand aside makes of a verdict; knows nothing of how it was given.

use super::reason::{DownReason, LagReason};
use super::verdict::Verdict;

/// How a server is to stand aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maintenance {
    /// Nobody new; who is there may stay where the load balancer can tell the two apart.
    Drain,
    /// Nobody at all.
    Down,
}

/// The verdict on a server for which this was ordered. Only a standby can say that it wants nobody new:
/// to `production` the one alternative is `down`.
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
    fn no_role_is_told_under_any_order() {
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
