//! Makes one observation without a daemon: opens a connection, asks one question, and judges the answer by the
//! same rules.

use std::sync::Arc;
use std::time::Instant;

use tokio::time;

use super::{Observation, ObservationSettings};
use crate::daemon::maintenance::MaintenanceWatch;
use crate::daemon::peers::polling;
use crate::daemon::quorum::QuorumWatch;
use crate::health::{
    ConnectionSlots, DelayClock, Depth, Details, Evidence, FreshConnection, JudgedState, Judgement,
    Past, PastRounds, Peer, Role, RoundFacts, SessionEvidence, State, Transactions, TwoPrimaries,
};
use crate::postgres::{self, Question, Refusal};

/// The evidence from one connection.
struct Gathered {
    session: SessionEvidence,
    fresh: FreshConnection,
    refusal: Option<Refusal>,
    details: Option<Details>,
    transactions: Option<Transactions>,
}

/// Asks once, at least for the figures; the second value is the failure, if any, for standard
/// error.
pub async fn once(settings: &ObservationSettings, depth: Depth) -> (Observation, Option<Refusal>) {
    let asked_at = Instant::now();
    let Gathered {
        session,
        fresh,
        refusal,
        details,
        transactions,
    } = gather(asked_at, settings, depth).await;
    let postmaster = refusal.as_ref().and_then(|refusal| refusal.postmaster);
    let evidence = Evidence {
        session,
        fresh,
        past: Past::Unknown,
        postmaster,
    };
    let judged = JudgedState::of(asked_at, &evidence);
    let figures = match judged.state() {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => None,
    };
    let delay = figures.and_then(|figures| DelayClock::default().delay(asked_at, &figures));
    let ordered = MaintenanceWatch::default().ordered(asked_at, &settings.maintenance_file);
    let quorum = QuorumWatch::default().quorum(asked_at, settings.quorum, &settings.quorum_file);
    let peers = peers(settings, judged.state()).await;
    let facts = RoundFacts {
        delay,
        transactions,
        ordered,
        quorum,
        own: details.as_ref(),
        peers: peers.as_deref(),
    };
    let Judgement {
        state,
        transactions,
        rival,
        sync,
        verdict,
    } = PastRounds::default().judge(judged, &facts, &settings.policy, settings.two_primaries);
    (
        Observation {
            asked_at,
            state,
            delay,
            transactions,
            ordered,
            quorum,
            rival,
            sync,
            contacts: Vec::new(),
            depth: depth.max(Depth::Figures),
            details: details.map(Arc::new),
            verdict,
        },
        refusal,
    )
}

async fn gather(asked_at: Instant, settings: &ObservationSettings, depth: Depth) -> Gathered {
    let failed = |session, fresh, refusal| Gathered {
        session,
        fresh,
        refusal: Some(refusal),
        details: None,
        transactions: None,
    };
    let (mut session, new_session) =
        match postgres::connect(&settings.target, settings.timeout).await {
            Ok(met) => met,
            Err(refusal) => {
                return failed(
                    SessionEvidence::None,
                    FreshConnection::Failed(refusal.failure),
                    refusal,
                );
            }
        };
    let fresh = match new_session.slots {
        ConnectionSlots::Free => FreshConnection::Succeeded,
        ConnectionSlots::Full => FreshConnection::ReservedOnly,
    };
    let deadline = (asked_at + settings.timeout).into();
    let asked = time::timeout_at(deadline, session.ask(Question::Replication)).await;
    let role = match asked.unwrap_or_else(|_| Err(Refusal::timed_out("the question for its role")))
    {
        Ok(role) => role,
        Err(refusal) => return failed(SessionEvidence::Failed(refusal.failure), fresh, refusal),
    };
    let details = match (depth, role, settings.two_primaries) {
        (Depth::Verdict | Depth::Figures | Depth::Sync, Role::Standby(_), _)
        | (Depth::Verdict | Depth::Figures | Depth::Sync, Role::Primary, TwoPrimaries::Report) => {
            None
        }
        // The role is valid without details; nothing is compared then, as with a peer that does not answer.
        (Depth::Details, _, _) | (_, Role::Primary, TwoPrimaries::Yield) => {
            match time::timeout_at(deadline, session.details()).await {
                Ok(Ok(details)) => details,
                Ok(Err(_)) | Err(_) => None,
            }
        }
    };
    Gathered {
        session: SessionEvidence::Answered(role),
        fresh,
        refusal: None,
        details,
        transactions: new_session.transactions,
    }
}

/// Returns the other nodes' servers, if another primary among them matters. Asks their daemons now, since no earlier
/// report of theirs exists.
async fn peers(settings: &ObservationSettings, state: &State) -> Option<Vec<Peer>> {
    match (state, settings.two_primaries) {
        (State::Primary(_), TwoPrimaries::Yield) => {
            Some(polling::once(&settings.nodes, &settings.credentials).await)
        }
        (State::Primary(_), TwoPrimaries::Report) | (State::Standby(_, _) | State::Down(_), _) => {
            None
        }
    }
}
