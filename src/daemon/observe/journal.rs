//! Logs changes of a server: one line per change, never one per check, and each piece of advice once.
//! Does not know how the facts were found.

use tracing::{info, warn};

use crate::health::{Failure, Receiver, Rival, State, TimelineStanding, Transactions, Verdict};
use crate::postgres::Refusal;
use crate::postgres::conninfo::Target;

/// Remembers what was logged, so that it is logged once.
#[derive(Debug, Default)]
pub(super) struct ObservationLog {
    verdict: Option<Verdict>,
    fresh: Option<Failure>,
    grant: Advice,
    rival: Option<(String, i64)>,
    transactions: Option<Transactions>,
    details: Option<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Advice {
    #[default]
    NotYet,
    Given,
}

impl ObservationLog {
    /// Logs a verdict that differs from the last one, with the failure in the round.
    pub(super) fn verdict(
        &mut self,
        verdict: Verdict,
        state: &State,
        refusal: Option<&Refusal>,
        target: &Target,
    ) {
        self.advise(state);
        if self.verdict != Some(verdict) {
            self.verdict = Some(verdict);
            self.fresh = None;
            log_verdict(verdict, refusal, target);
        }
        if let (State::Primary(_) | State::Standby(_, _), Some(refusal)) = (state, refusal) {
            self.shut(refusal, target);
        }
    }

    /// Logs that another primary has appeared, and that it is gone.
    pub(super) fn rival(&mut self, rival: Option<&Rival>, target: &Target) {
        let known = self.rival.as_ref();
        let logged = known.map(|(node, timeline)| (node.as_str(), *timeline));
        if logged == rival.map(|rival| (rival.node.as_str(), rival.timeline)) {
            return;
        }
        self.rival = rival.map(|rival| (rival.node.clone(), rival.timeline));
        let Some(Rival {
            node,
            timeline,
            standing,
            ..
        }) = rival
        else {
            return info!("{target}: the other primary of the same system is gone");
        };
        let standing = match standing {
            TimelineStanding::Older => "older than this server's",
            TimelineStanding::Same => "the same as this server's",
            TimelineStanding::Newer => "newer than this server's",
        };
        warn!(
            "{target}: {node} is a primary of the same system, on timeline {timeline}, {standing}"
        );
    }

    /// Logs that a primary's transactions have become read-only by default, and that they are read-write again.
    pub(super) fn transactions(
        &mut self,
        state: &State,
        transactions: Option<Transactions>,
        target: &Target,
    ) {
        let of_primary = match state {
            State::Primary(_) => transactions,
            State::Standby(_, _) | State::Down(_) => None,
        };
        match (self.transactions, of_primary) {
            (Some(Transactions::ReadWrite) | None, Some(Transactions::ReadOnly)) => warn!(
                "{target}: default_transaction_read_only is on, so that clients with \
                 target_session_attrs=read-write refuse this primary"
            ),
            (Some(Transactions::ReadOnly), Some(Transactions::ReadWrite)) => {
                info!("{target}: default_transaction_read_only is off");
            }
            (Some(Transactions::ReadOnly), Some(Transactions::ReadOnly) | None)
            | (Some(Transactions::ReadWrite) | None, Some(Transactions::ReadWrite) | None) => {}
        }
        self.transactions = of_primary;
    }

    /// Logs that a session was given up because the server's details could not be read.
    pub(super) fn details(&mut self, refusal: &Refusal, target: &Target) {
        let cause = &refusal.cause;
        if self.details.as_ref() != Some(cause) {
            self.details = Some(cause.clone());
            warn!(
                "{target}: documents are without the server's details, which cannot be read: {refusal}"
            );
        }
    }

    /// Logs that a fresh connection was refused although the shared session is answered.
    fn shut(&mut self, refusal: &Refusal, target: &Target) {
        if self.fresh != Some(refusal.failure) {
            self.fresh = Some(refusal.failure);
            warn!(
                "{target}: a new connection is refused while the existing session is answered: {refusal}"
            );
        }
    }

    /// Logs the missing privilege once. Without `pg_monitor` the columns of `pg_stat_wal_receiver` are NULL, and no
    /// condition of `[standby]` can be met.
    fn advise(&mut self, state: &State) {
        let State::Standby(_, standby) = state else {
            return;
        };
        let hidden = standby
            .replication
            .is_some_and(|seen| seen.receiver == Receiver::Hidden);
        if hidden && self.grant == Advice::NotYet {
            self.grant = Advice::Given;
            warn!(
                "the role may not read pg_stat_wal_receiver, so replication cannot be judged; \
                 on the primary: GRANT pg_monitor TO the role of postgres.conninfo"
            );
        }
    }
}

fn log_verdict(verdict: Verdict, refusal: Option<&Refusal>, target: &Target) {
    match verdict {
        Verdict::Production => info!(state = "production", "{target}: primary"),
        Verdict::Standby => info!(state = "standby", "{target}: hot standby"),
        Verdict::Lagging(reason) => {
            let reason = reason.word();
            warn!(state = "lagging", reason, "{target}: standby, but {reason}");
        }
        Verdict::Down(reason) => {
            let reason = reason.word();
            let cause = refusal
                .map(|refusal| format!(": {refusal}"))
                .unwrap_or_default();
            warn!(state = "down", reason, "{target}: {reason}{cause}");
        }
    }
}
