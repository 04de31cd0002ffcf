//! One observation without a daemon: a fresh connection, one question, judged the same way.

use std::time::Instant;

use tokio::time;

use super::{Depth, Observation, Terms};
use crate::cluster::quorum;
use crate::maintenance;
use crate::postgres::{self, Question, Refusal};
use crate::role::{self, DelayClock, Door, Evidence, Past, Room, Session, State};

/// Asks once; the second value is the cause of what went wrong, for standard error.
pub async fn once(terms: &Terms) -> (Observation, Option<Refusal>) {
    let asked_at = Instant::now();
    let (session, door, refusal) = gather(asked_at, terms).await;
    let postmaster = refusal.as_ref().and_then(|refusal| refusal.postmaster);
    let state = role::interpret(&Evidence {
        session,
        door,
        past: Past::Unknown,
        postmaster,
    });
    let figures = match &state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => None,
    };
    let delay = figures.and_then(|figures| DelayClock::default().delay(asked_at, &figures));
    let ordered = maintenance::Watch::default().ordered(asked_at, &terms.maintenance_file);
    let verdict = role::judge(&state, delay, &terms.policy);
    let quorum = quorum::Watch::default()
        .quorum(asked_at, terms.quorum)
        .await;
    let verdict = role::guard(role::maintain(verdict, ordered), quorum);
    (
        Observation {
            asked_at,
            state,
            delay,
            ordered,
            quorum,
            depth: Depth::Figures,
            details: None,
            verdict,
        },
        refusal,
    )
}

async fn gather(asked_at: Instant, terms: &Terms) -> (Session, Door, Option<Refusal>) {
    let (mut session, room) = match postgres::connect(&terms.target, terms.timeout).await {
        Ok(met) => met,
        Err(refusal) => return (Session::None, Door::Shut(refusal.failure), Some(refusal)),
    };
    let door = match room {
        Room::Free => Door::Open,
        Room::Full => Door::ReservedOnly,
    };
    let deadline = (asked_at + terms.timeout).into();
    let asked = time::timeout_at(deadline, session.ask(Question::Replication)).await;
    match asked.unwrap_or_else(|_| Err(Refusal::timed_out("the question for its role"))) {
        Ok(role) => (Session::Answered(role), door, None),
        Err(refusal) => (Session::Failed(refusal.failure), door, Some(refusal)),
    }
}
