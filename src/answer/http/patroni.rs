//! Composes the document of Patroni's REST API, with the fields that are known without Patroni's distributed
//! configuration store: in Patroni's order, with LSNs as decimal numbers of bytes.

use serde::Serialize;

use super::Facts;
use super::judge::{from_archive, streams};
use crate::answer::document::{SenderRow, rows};
use crate::health::{Details, DownReason, Replay, Replication, State, SyncState, Verdict};

/// The document. What is not known is left out.
#[derive(Debug, Serialize)]
pub(super) struct PatroniDocument<'f> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    postmaster_start_time: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(flatten)]
    details: Option<PatroniDetails<'f>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// The fields that need the server's details.
#[derive(Debug, Serialize)]
struct PatroniDetails<'f> {
    server_version: i64,
    xlog: Xlog<'f>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_standby: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quorum_standby: Option<bool>,
    timeline: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replication_state: Option<&'static str>,
    /// Patroni leaves it out where there are no standbys; null where they are not known.
    #[serde(skip_serializing_if = "Senders::are_none")]
    replication: Senders,
    database_system_identifier: &'f str,
}

/// The rows of `pg_stat_replication`, if they are known.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Senders(Option<Vec<SenderRow>>);

impl Senders {
    fn are_none(&self) -> bool {
        self.0.as_ref().is_some_and(Vec::is_empty)
    }
}

/// Positions, as decimal bytes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Xlog<'f> {
    Primary {
        location: Option<u64>,
    },
    Standby {
        received_location: Option<u64>,
        replayed_location: Option<u64>,
        replayed_timestamp: Option<&'f str>,
        paused: bool,
    },
    /// A standby that was not asked for its figures.
    Unknown {},
}

/// The document; `sync_reason` is why a standby is not of the requested kind.
pub(super) fn document<'f>(
    facts: &Facts<'f>,
    sync_reason: Option<&'static str>,
) -> PatroniDocument<'f> {
    PatroniDocument {
        state: process_state(facts).word(),
        postmaster_start_time: facts.details.map(|details| details.started.as_str()),
        role: role(facts),
        details: facts.details.map(|details| details_of(facts, details)),
        reason: facts.verdict.reason().or(sync_reason),
    }
}

/// `None` where the verdict is no role, whatever the server reports: clients look for the role here too.
fn role(facts: &Facts<'_>) -> Option<&'static str> {
    match (facts.state, facts.verdict) {
        (_, Verdict::Down(_)) | (State::Down(_), _) => None,
        (State::Primary(_), Verdict::Production | Verdict::Standby | Verdict::Lagging(_)) => {
            Some("primary")
        }
        (State::Standby(_, _), Verdict::Production | Verdict::Standby | Verdict::Lagging(_)) => {
            Some("replica")
        }
    }
}

fn details_of<'f>(facts: &Facts<'_>, details: &'f Details) -> PatroniDetails<'f> {
    // The names of these fields contain that of a role too.
    let sync = facts
        .sync
        .filter(|_| !matches!(facts.verdict, Verdict::Down(_)));
    let is = |wanted: SyncState| (sync == Some(wanted)).then_some(true);
    let replication_state = if streams(facts) {
        Some("streaming")
    } else if from_archive(facts) {
        Some("in archive recovery")
    } else {
        None
    };
    PatroniDetails {
        server_version: details.server_version,
        xlog: xlog(facts, details),
        sync_standby: is(SyncState::Sync),
        quorum_standby: is(SyncState::Quorum),
        timeline: details.timeline,
        replication_state,
        replication: Senders(rows(details.senders.as_deref())),
        database_system_identifier: &details.system_identifier,
    }
}

/// The state of the server's process, as Patroni names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::answer) enum ProcessState {
    Running,
    Starting,
    Stopping,
    Stopped,
    Unknown,
}

impl ProcessState {
    const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }
}

/// The state of the server's process.
pub(in crate::answer) fn process_state(facts: &Facts<'_>) -> ProcessState {
    let reason = match facts.state {
        State::Primary(_) | State::Standby(_, _) => return ProcessState::Running,
        State::Down(reason) => reason,
    };
    match reason {
        DownReason::Starting | DownReason::Recovering => ProcessState::Starting,
        DownReason::ShuttingDown => ProcessState::Stopping,
        DownReason::NoSocket | DownReason::Refused => ProcessState::Stopped,
        DownReason::NotAccepting
        | DownReason::NotHot
        | DownReason::Unreachable
        | DownReason::NoHost
        | DownReason::Denied
        | DownReason::OtherServer
        | DownReason::Timeout
        | DownReason::Hung
        | DownReason::Full
        | DownReason::Auth
        | DownReason::NoDatabase
        | DownReason::DatabaseClosed
        | DownReason::MissingFile
        | DownReason::Tls
        | DownReason::Lost
        | DownReason::Maintenance
        | DownReason::NoQuorum
        | DownReason::TwoPrimaries
        | DownReason::ReadOnly
        | DownReason::Internal => ProcessState::Unknown,
    }
}

fn xlog<'f>(facts: &Facts<'_>, details: &'f Details) -> Xlog<'f> {
    let replication = match facts.state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => {
            let location = details.flushed.map(|lsn| lsn.0);
            return Xlog::Primary { location };
        }
    };
    let Some(Replication {
        received,
        replayed,
        replay,
        ..
    }) = replication
    else {
        return Xlog::Unknown {};
    };
    Xlog::Standby {
        received_location: received.or(replayed).map(|lsn| lsn.0),
        replayed_location: replayed.map(|lsn| lsn.0),
        replayed_timestamp: details.replayed_commit.as_deref(),
        paused: replay == Replay::Paused,
    }
}
