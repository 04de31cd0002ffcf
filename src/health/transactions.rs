//! How `default_transaction_read_only` changes a verdict: a primary on which it is on takes no writes from clients
//! that do not ask for a read-write transaction.

use super::reason::DownReason;
use super::verdict::{Verdict, WhenReadOnly};

/// The default access mode of transactions (PostgreSQL manual, `default_transaction_read_only`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transactions {
    /// Transactions may write by default.
    ReadWrite,
    /// Transactions may not write by default.
    ReadOnly,
}

impl Transactions {
    /// The value of `default_transaction_read_only`.
    #[must_use]
    pub fn is_read_only(self) -> bool {
        match self {
            Self::ReadWrite => false,
            Self::ReadOnly => true,
        }
    }
}

/// Returns the verdict on a server with this default; `transactions` is `None` if the default is not known. Only
/// a primary is judged by it: transactions on a standby are always read-only.
#[must_use]
pub(super) fn admit_writers(
    verdict: Verdict,
    transactions: Option<Transactions>,
    when: WhenReadOnly,
) -> Verdict {
    match (verdict, transactions, when) {
        (Verdict::Production, Some(Transactions::ReadOnly), WhenReadOnly::Down) => {
            Verdict::Down(DownReason::ReadOnly)
        }
        (Verdict::Production, Some(Transactions::ReadOnly), WhenReadOnly::Keep)
        | (Verdict::Production, Some(Transactions::ReadWrite) | None, _)
        | (Verdict::Standby | Verdict::Lagging(_) | Verdict::Down(_), _, _) => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::LagReason;

    const DEFAULTS: [Option<Transactions>; 3] = [
        None,
        Some(Transactions::ReadWrite),
        Some(Transactions::ReadOnly),
    ];

    #[test]
    fn only_a_primary_that_is_known_to_be_read_only_is_down_and_only_where_that_is_wanted() {
        let down = Verdict::Down(DownReason::ReadOnly);
        for transactions in DEFAULTS {
            let judged = |when| admit_writers(Verdict::Production, transactions, when);
            assert_eq!(judged(WhenReadOnly::Keep), Verdict::Production);
            let read_only = transactions == Some(Transactions::ReadOnly);
            let expected = if read_only { down } else { Verdict::Production };
            assert_eq!(judged(WhenReadOnly::Down), expected);
        }
    }

    #[test]
    fn no_verdict_but_production_is_judged_by_it() {
        for verdict in [
            Verdict::Standby,
            Verdict::Lagging(LagReason::Behind),
            Verdict::Down(DownReason::Full),
        ] {
            for transactions in DEFAULTS {
                let judged = admit_writers(verdict, transactions, WhenReadOnly::Down);
                assert_eq!(judged, verdict);
            }
        }
    }
}
