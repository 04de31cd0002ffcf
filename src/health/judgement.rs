//! Composes the whole judgement, from the evidence of a round to its verdict: for the daemon, round after round, and for a
//! single question. Reads no clock, and does not know how the facts were gathered.
//!
//! What else is looked for depends on the state, so the state comes first: [`JudgedState::of`] the evidence, then
//! [`PastRounds::judge`] with what was found.

use std::time::{Duration, Instant};

use super::details::Details;
use super::evidence::Evidence;
use super::hysteresis::LagHysteresis;
use super::interpret::interpret;
use super::maintenance::{Maintenance, maintain};
use super::peer::{Peer, SyncState};
use super::quorum::{Quorum, guard};
use super::rival::{Rival, Rivalry, TwoPrimaries, yield_to};
use super::state::State;
use super::sync::sync_state;
use super::transactions::{Transactions, admit_writers};
use super::verdict::{Policy, Verdict};

/// The state of the server by the evidence of one round.
#[derive(Clone, Copy, Debug)]
pub struct JudgedState {
    asked_at: Instant,
    state: State,
}

/// What a round has found in addition to its evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundFacts<'f> {
    /// How long known WAL has waited for its replay, on a standby that was asked.
    pub delay: Option<Duration>,
    /// The default transaction mode, as the last new session found it.
    pub transactions: Option<Transactions>,
    /// The order of maintenance.
    pub ordered: Option<Maintenance>,
    /// The quorum of the node, if a guard needs it.
    pub quorum: Option<Quorum>,
    /// What the server reports of itself, if it was asked.
    pub own: Option<&'f Details>,
    /// What the other nodes' daemons report; `None` if they were not asked.
    pub peers: Option<&'f [Peer]>,
}

/// What counts in the next round from earlier ones with the same server.
#[derive(Debug, Default)]
pub struct PastRounds {
    hysteresis: LagHysteresis,
    rivalry: Rivalry,
}

/// The judgement of one round.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The state of the server.
    pub state: State,
    /// The default transaction mode, if clients can reach the server.
    pub transactions: Option<Transactions>,
    /// Another primary of the same system, if one is known.
    pub rival: Option<Rival>,
    /// Whether a primary waits for this standby, if that is known.
    pub sync: Option<SyncState>,
    /// The verdict, which is answered.
    pub verdict: Verdict,
}

impl JudgedState {
    /// Interprets the evidence of a round that began at `asked_at`.
    #[must_use]
    pub fn of(asked_at: Instant, evidence: &Evidence) -> Self {
        let state = interpret(evidence);
        Self { asked_at, state }
    }

    /// Returns the state of the server.
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
        let verdict = self.hysteresis.judge(asked_at, &state, facts.delay, policy);
        let verdict = admit_writers(verdict, transactions, policy.when_read_only);
        let verdict = maintain(verdict, facts.ordered);
        let verdict = guard(verdict, facts.quorum);
        let verdict = yield_to(verdict, rival.as_ref(), two_primaries);
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
