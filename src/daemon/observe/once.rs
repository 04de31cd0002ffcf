//! Makes one observation without a daemon: opens a connection, asks one question, and judges the answer by the
//! same rules.

use std::sync::Arc;
use std::time::Instant;

use tokio::time;

use super::{Depth, Observation, Terms};
use crate::daemon::maintenance;
use crate::daemon::peers::listen;
use crate::daemon::quorum;
use crate::health::{
    self, ConnectionSlots, DelayClock, Details, Evidence, FreshConnection, Past, Rival, Rivalry,
    Role, SessionEvidence, State, Transactions, TwoPrimaries,
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
pub async fn once(terms: &Terms, depth: Depth) -> (Observation, Option<Refusal>) {
    let asked_at = Instant::now();
    let Gathered {
        session,
        fresh,
        refusal,
        details,
        transactions,
    } = gather(asked_at, terms, depth).await;
    let postmaster = refusal.as_ref().and_then(|refusal| refusal.postmaster);
    let state = health::interpret(&Evidence {
        session,
        fresh,
        past: Past::Unknown,
        postmaster,
    });
    let figures = match &state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => None,
    };
    let delay = figures.and_then(|figures| DelayClock::default().delay(asked_at, &figures));
    let ordered =
        maintenance::MaintenanceWatch::default().ordered(asked_at, &terms.maintenance_file);
    let verdict = health::judge(&state, delay, &terms.policy);
    let verdict = health::admit_writers(verdict, transactions, terms.policy.when_read_only);
    let quorum = quorum::QuorumWatch::default().quorum(asked_at, terms.quorum, &terms.quorum_file);
    let verdict = health::guard(health::maintain(verdict, ordered), quorum);
    let rival = rival(asked_at, terms, &state, details.as_ref()).await;
    let verdict = health::give_way(verdict, rival.as_ref(), terms.two_primaries);
    (
        Observation {
            asked_at,
            state,
            delay,
            transactions,
            ordered,
            quorum,
            rival,
            sync: None,
            contacts: Vec::new(),
            depth: depth.max(Depth::Figures),
            details: details.map(Arc::new),
            verdict,
        },
        refusal,
    )
}

async fn gather(asked_at: Instant, terms: &Terms, depth: Depth) -> Gathered {
    let failed = |session, fresh, refusal| Gathered {
        session,
        fresh,
        refusal: Some(refusal),
        details: None,
        transactions: None,
    };
    let (mut session, entrance) = match postgres::connect(&terms.target, terms.timeout).await {
        Ok(met) => met,
        Err(refusal) => {
            return failed(
                SessionEvidence::None,
                FreshConnection::Shut(refusal.failure),
                refusal,
            );
        }
    };
    let fresh = match entrance.room {
        ConnectionSlots::Free => FreshConnection::Open,
        ConnectionSlots::Full => FreshConnection::ReservedOnly,
    };
    let deadline = (asked_at + terms.timeout).into();
    let asked = time::timeout_at(deadline, session.ask(Question::Replication)).await;
    let role = match asked.unwrap_or_else(|_| Err(Refusal::timed_out("the question for its role")))
    {
        Ok(role) => role,
        Err(refusal) => return failed(SessionEvidence::Failed(refusal.failure), fresh, refusal),
    };
    let details = match (depth, role, terms.two_primaries) {
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
        transactions: entrance.transactions,
    }
}

/// Another primary beside this one, if `guard.two_primaries` asks for it. Asks the other nodes' daemons now, since
/// no earlier report of theirs exists.
async fn rival(
    asked_at: Instant,
    terms: &Terms,
    state: &State,
    own: Option<&Details>,
) -> Option<Rival> {
    match (state, terms.two_primaries) {
        (State::Primary(_), TwoPrimaries::Yield) => {}
        (State::Primary(_), TwoPrimaries::Report) | (State::Standby(_, _) | State::Down(_), _) => {
            return None;
        }
    }
    let peers = listen::once(&terms.nodes, &terms.credentials).await;
    Rivalry::default().judge(asked_at, state, own, &peers)
}
