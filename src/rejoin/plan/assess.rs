//! What each method would take: what is in its way, what it throws away and what it fetches. Does not choose.

use super::in_the_way;
use super::loss::{self, Acknowledged, Loss};
use super::method::{Assessment, Discard, Method};
use super::obstacle::Obstacle;
use super::sizes::wal_size;
use crate::base::units::Bytes;
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::rejoin::facts::RejoinFacts;
use crate::rejoin::relation::Relation;

/// Assesses a method.
pub(super) fn assess(
    facts: &RejoinFacts,
    relation: Option<Relation>,
    method: Method,
    discard: Discard,
) -> Assessment {
    let loss = loss(facts, relation, method);
    let mut obstacles = match method {
        Method::AsIs => in_the_way::of_as_is(facts, relation),
        Method::Rewind => in_the_way::of_rewind(facts, relation),
        Method::Copy => in_the_way::of_copy(facts),
    };
    if let Some(loss) = &loss
        && let Acknowledged::PerhapsOnlyHere { rule, missing } = &loss.acknowledged
        && discard == Discard::Refused
    {
        obstacles.push(Obstacle::Acknowledged {
            bytes: loss.bytes,
            rule: rule.clone(),
            missing: missing.clone(),
        });
    }
    Assessment {
        method,
        obstacles,
        loss,
        fetched: fetched(facts, method),
    }
}

/// Returns the WAL that a method throws away. A copy replaces all of it, but only what the primary does not have is lost.
fn loss(facts: &RejoinFacts, relation: Option<Relation>, method: Method) -> Option<Loss> {
    let primary = facts.primary.as_ref().ok()?;
    let end = facts.local.end?;
    let from = match (relation?, method) {
        (_, Method::AsIs) | (Relation::Behind, _) => return None,
        (Relation::Ahead, Method::Rewind | Method::Copy) => primary.end,
        (Relation::Parted { fork }, Method::Rewind | Method::Copy) => fork,
        (Relation::Twins, Method::Rewind | Method::Copy) => Position {
            lsn: facts.local.history.begin().unwrap_or(Lsn(0)),
            ..end
        },
        (Relation::Strangers, Method::Rewind | Method::Copy) => Position { lsn: Lsn(0), ..end },
    };
    let followers = primary.client.as_ref().map(|client| &client.followers);
    Some(Loss {
        from,
        to: end,
        bytes: from.lsn.behind(end.lsn),
        acknowledged: loss::acknowledged(facts.local.rule.as_ref(), followers.ok()),
    })
}

/// Returns what a method fetches. How many pages `pg_rewind` replaces is known only once it has read the WAL: no more than
/// the whole size.
fn fetched(facts: &RejoinFacts, method: Method) -> Option<Bytes> {
    let primary = facts.primary.as_ref().ok()?;
    let end = facts.local.end?;
    match method {
        Method::AsIs => Some(end.lsn.behind(primary.end.lsn)),
        Method::Rewind | Method::Copy => {
            let client = primary.client.as_ref().ok()?;
            Some(Bytes(client.size.0.saturating_add(wal_size(facts)?.0)))
        }
    }
}
