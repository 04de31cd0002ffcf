//! The whole way from the evidence of a round to its verdict, composed once: for the daemon, round after round, and for a
//! single question. Knows no clock, and nothing of how the facts were found.
//!
//! What else is looked for depends on the state, so the state comes first: [`JudgedState::of`] the evidence, then
//! [`PastRounds::judge`] with what was found.

use std::time::{Duration, Instant};

use super::details::Details;
use super::evidence::Evidence;
use super::interpret::interpret;
use super::maintenance::{Maintenance, maintain};
use super::peer::{Peer, SyncState};
use super::quorum::{Quorum, guard};
use super::rival::{Rival, Rivalry, TwoPrimaries, give_way};
use super::state::State;
use super::steady::Steadiness;
use super::sync::sync_state;
use super::transactions::{Transactions, admit_writers};
use super::verdict::{Policy, Verdict};

/// What the evidence of one round makes of the instance.
#[derive(Clone, Copy, Debug)]
pub struct JudgedState {
    asked_at: Instant,
    state: State,
}

/// What a round has found beside its evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundFacts<'f> {
    /// How long known WAL has waited for its replay, on a standby that was asked.
    pub delay: Option<Duration>,
    /// What transactions are where nobody says otherwise, as the last client that got in has found them.
    pub transactions: Option<Transactions>,
    /// What an administrator has ordered.
    pub ordered: Option<Maintenance>,
    /// The node's quorum, where a guard needs it.
    pub quorum: Option<Quorum>,
    /// What the server tells of itself, where it was asked.
    pub own: Option<&'f Details>,
    /// What other nodes' servers are told to be; none where nobody was asked.
    pub peers: Option<&'f [Peer]>,
}

/// What of earlier rounds with a server counts in the next one; nothing of it holds for another server.
#[derive(Debug, Default)]
pub struct PastRounds {
    steadiness: Steadiness,
    rivalry: Rivalry,
}

/// A round, judged.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What the instance is.
    pub state: State,
    /// What transactions are where nobody says otherwise, on a server that clients can reach.
    pub transactions: Option<Transactions>,
    /// Another primary of the same system, where one is known.
    pub rival: Option<Rival>,
    /// Whether a primary waits for this standby, where that is known.
    pub sync: Option<SyncState>,
    /// What is answered of it.
    pub verdict: Verdict,
}

impl JudgedState {
    /// Interprets the evidence of a round that began at `asked_at`.
    #[must_use]
    pub fn of(asked_at: Instant, evidence: &Evidence) -> Self {
        let state = interpret(evidence);
        Self { asked_at, state }
    }

    /// What the instance is.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }
}

impl PastRounds {
    /// Judges a round under the operator's conditions. Each step can only take a role away: the limits on a standby,
    /// clients that cannot write, an administrator's order, the quorum, another primary.
    pub fn judge(
        &mut self,
        judged: JudgedState,
        facts: &RoundFacts<'_>,
        policy: &Policy,
        two_primaries: TwoPrimaries,
    ) -> Judgement {
        let JudgedState { asked_at, state } = judged;
        let transactions = match state {
            State::Primary(_) | State::Standby(_, _) => facts.transactions,
            State::Down(_) => None,
        };
        let (rival, sync) = match facts.peers {
            Some(peers) => (
                self.rivalry.judge(asked_at, &state, facts.own, peers),
                sync_state(asked_at, &state, facts.own, peers),
            ),
            None => (None, None),
        };
        let verdict = self.steadiness.judge(asked_at, &state, facts.delay, policy);
        let verdict = admit_writers(verdict, transactions, policy.when_read_only);
        let verdict = maintain(verdict, facts.ordered);
        let verdict = guard(verdict, facts.quorum);
        let verdict = give_way(verdict, rival.as_ref(), two_primaries);
        Judgement {
            state,
            transactions,
            rival,
            sync,
            verdict,
        }
    }
}

#[cfg(test)]
mod tests;
