//! Decides whether a server meets a request. A condition that cannot be proven is not met.

use super::Facts;
use super::limits::{CountedWal, QueryLimits, Replicating, Tags};
use super::path::Wanted;
use crate::base::units::Bytes;
use crate::config::Strictness;
use crate::health::{Archive, Receiver, Replication, State, SyncState, Verdict};

/// Default limit of `/readiness`: Patroni's default of `maximum_lag_on_failover`.
const READY_WITHIN: Bytes = Bytes(1 << 20);

/// Whether the server meets the request.
pub(super) fn meets(
    wanted: Wanted,
    limits: &QueryLimits,
    strictness: Strictness,
    facts: &Facts<'_>,
) -> bool {
    let production = facts.verdict == Verdict::Production;
    let replica = || {
        facts.verdict == Verdict::Standby
            && within(limits, strictness, facts)
            && replicates(limits, facts)
    };
    let (answer, tagged) = match wanted {
        Wanted::Primary => return production,
        Wanted::StandbyLeader | Wanted::Nothing => return false,
        Wanted::Liveness | Wanted::Document => return true,
        Wanted::Readiness => return production || is_ready(limits, facts),
        Wanted::Replica => (replica(), limits.tags),
        Wanted::ReadOnly => (production || replica(), limits.tags),
        Wanted::Sync | Wanted::Quorum | Wanted::Async => {
            (replica() && replicates_as(wanted, facts), limits.tags)
        }
        Wanted::ReadOnlySync | Wanted::ReadOnlyQuorum => (
            production || replica() && replicates_as(wanted, facts),
            limits.tags,
        ),
        Wanted::Health => (!matches!(facts.verdict, Verdict::Down(_)), limits.tags),
    };
    answer && tagged == Tags::None
}

/// Whether a primary waits for the standby as the path requires. If that is unknown, the standby counts neither as
/// synchronous nor as asynchronous.
fn replicates_as(wanted: Wanted, facts: &Facts<'_>) -> bool {
    match (wanted, facts.sync) {
        (Wanted::Sync | Wanted::ReadOnlySync, Some(SyncState::Sync))
        | (Wanted::Quorum | Wanted::ReadOnlyQuorum, Some(SyncState::Quorum))
        | (Wanted::Async, Some(SyncState::Async | SyncState::Potential)) => true,
        (
            Wanted::Primary
            | Wanted::StandbyLeader
            | Wanted::Replica
            | Wanted::ReadOnly
            | Wanted::Sync
            | Wanted::ReadOnlySync
            | Wanted::Quorum
            | Wanted::ReadOnlyQuorum
            | Wanted::Async
            | Wanted::Health
            | Wanted::Liveness
            | Wanted::Readiness
            | Wanted::Document
            | Wanted::Nothing,
            _,
        ) => false,
    }
}

/// The reason for which a standby does not meet a path that depends on its synchronous state.
pub(super) fn sync_reason(wanted: Wanted, facts: &Facts<'_>) -> Option<&'static str> {
    let fits = facts.verdict != Verdict::Standby || replicates_as(wanted, facts);
    let why = facts.sync.map_or("sync-unknown", SyncState::word);
    (wanted.is_of_sync() && !fits).then_some(why)
}

fn replication(facts: &Facts<'_>) -> Option<Replication> {
    match facts.state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => None,
    }
}

/// The figures of a standby that streams, and so knows the primary's position. Without streaming a standby's own
/// figures show no lag, however far the primary has advanced.
fn streaming(facts: &Facts<'_>) -> Option<Replication> {
    replication(facts).filter(|replication| match replication.receiver {
        Receiver::Streaming { primary_end: _ } => true,
        Receiver::Gone | Receiver::Hidden => false,
    })
}

/// Whether the standby is within the limit of the query. Patroni, and so lenient mode, treats a standby that does not
/// stream as one without lag.
fn within(limits: &QueryLimits, strictness: Strictness, facts: &Facts<'_>) -> bool {
    let Some(limit) = limits.lag else {
        return true;
    };
    match (streaming(facts), strictness) {
        (Some(replication), _) => replication.lag().is_some_and(|lag| lag <= limit),
        (None, Strictness::Strict) => false,
        (None, Strictness::Lenient) => true,
    }
}

fn replicates(limits: &QueryLimits, facts: &Facts<'_>) -> bool {
    match limits.replication {
        None => true,
        Some(Replicating::Streaming) => streams(facts),
        Some(Replicating::FromArchive) => from_archive(facts),
        Some(Replicating::Otherwise) => false,
    }
}

/// Whether the standby's WAL receiver streams.
pub(in crate::answer) fn streams(facts: &Facts<'_>) -> bool {
    streaming(facts).is_some()
}

/// Whether the standby can get WAL only from an archive.
pub(in crate::answer) fn from_archive(facts: &Facts<'_>) -> bool {
    let archive = facts.details.map(|details| details.archive);
    replication(facts).is_some() && !streams(facts) && archive == Some(Archive::Configured)
}

fn is_ready(limits: &QueryLimits, facts: &Facts<'_>) -> bool {
    let Some(replication) = streaming(facts) else {
        return false;
    };
    let reached = match limits.counted {
        CountedWal::Replayed => replication.replayed,
        CountedWal::Received => replication.received,
    };
    let behind = reached.zip(replication.known_end());
    let limit = limits.lag.unwrap_or(READY_WITHIN);
    facts.verdict == Verdict::Standby
        && behind.is_some_and(|(reached, end)| reached.behind(end) <= limit)
}
