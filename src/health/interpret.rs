//! The one decision table from evidence to state. It is total and has no wildcard, so that a new fact does
//! not compile until the table says what it means.

use super::evidence::{Evidence, FreshConnection, Past, PostmasterStatus, Role, SessionEvidence};
use super::failure::{Detail, Failure};
use super::reason::DownReason;
use super::state::{ConnectionSlots, State};

/// Judges the evidence. The result is a role only if the server itself stated it in this round *and* the
/// newest fresh connection does not show that clients are kept out.
#[must_use]
pub(super) fn interpret(evidence: &Evidence) -> State {
    match evidence.session {
        SessionEvidence::Answered(role) => match admits(evidence.fresh) {
            Admits::Everyone => state(role, ConnectionSlots::Free),
            Admits::Reserved => state(role, ConnectionSlots::Full),
            Admits::Nobody(reason) => State::Down(reason),
        },
        SessionEvidence::Failed(failure) => State::Down(down(failure, evidence)),
        SessionEvidence::None => match evidence.fresh {
            FreshConnection::Failed(failure) => State::Down(down(failure, evidence)),
            // A connection was made, but no session was asked: the role is not known.
            FreshConnection::Succeeded | FreshConnection::ReservedOnly => {
                State::Down(DownReason::Internal)
            }
        },
    }
}

fn state(role: Role, room: ConnectionSlots) -> State {
    match role {
        Role::Primary => State::Primary(room),
        Role::Standby(standby) => State::Standby(room, standby),
    }
}

enum Admits {
    Everyone,
    Reserved,
    Nobody(DownReason),
}

/// Judges the newest fresh connection while the shared session still answers.
fn admits(fresh: FreshConnection) -> Admits {
    let failure = match fresh {
        FreshConnection::Succeeded => return Admits::Everyone,
        FreshConnection::ReservedOnly => return Admits::Reserved,
        FreshConnection::Failed(failure) => failure,
    };
    match failure {
        Failure::Full => Admits::Reserved,
        // The server forked a backend, and that refused only this role or database: the server does accept
        // clients. The shared session proves the role.
        Failure::Auth | Failure::NoDatabase | Failure::DatabaseClosed => Admits::Everyone,
        // Only a smart shutdown keeps old sessions while new ones are refused.
        Failure::CannotConnectNow(_) | Failure::AdminShutdown => {
            Admits::Nobody(DownReason::ShuttingDown)
        }
        Failure::TimedOut => Admits::Nobody(DownReason::Hung),
        Failure::CrashShutdown => Admits::Nobody(DownReason::Recovering),
        Failure::NoSocket => Admits::Nobody(DownReason::NoSocket),
        Failure::Refused => Admits::Nobody(DownReason::Refused),
        Failure::Unreachable => Admits::Nobody(DownReason::Unreachable),
        Failure::NoHost => Admits::Nobody(DownReason::NoHost),
        Failure::Denied => Admits::Nobody(DownReason::Denied),
        // The next session could be with that other server.
        Failure::OtherServer => Admits::Nobody(DownReason::OtherServer),
        Failure::Lost => Admits::Nobody(DownReason::Lost),
        Failure::MissingFile => Admits::Nobody(DownReason::MissingFile),
        Failure::Tls => Admits::Nobody(DownReason::Tls),
        Failure::Setup | Failure::Rejected | Failure::Unexpected => {
            Admits::Nobody(DownReason::Internal)
        }
    }
}

/// Returns the reason when no session answered.
fn down(failure: Failure, evidence: &Evidence) -> DownReason {
    match failure {
        Failure::NoSocket => DownReason::NoSocket,
        Failure::Refused => DownReason::Refused,
        Failure::Unreachable => DownReason::Unreachable,
        Failure::NoHost => DownReason::NoHost,
        Failure::Denied => DownReason::Denied,
        Failure::OtherServer => DownReason::OtherServer,
        Failure::TimedOut => DownReason::Timeout,
        Failure::Full => DownReason::Full,
        Failure::Auth => DownReason::Auth,
        Failure::NoDatabase => DownReason::NoDatabase,
        Failure::DatabaseClosed => DownReason::DatabaseClosed,
        Failure::MissingFile => DownReason::MissingFile,
        Failure::CannotConnectNow(detail) => not_now(detail, evidence),
        Failure::AdminShutdown => DownReason::ShuttingDown,
        Failure::CrashShutdown => DownReason::Recovering,
        Failure::Lost => DownReason::Lost,
        Failure::Tls => DownReason::Tls,
        Failure::Setup | Failure::Rejected | Failure::Unexpected => DownReason::Internal,
    }
}

/// Tells the causes of SQLSTATE 57P03 apart: first by the status that the postmaster wrote into its file,
/// then by what was seen before, then by the one protocol field that differs.
fn not_now(detail: Detail, evidence: &Evidence) -> DownReason {
    match (evidence.postmaster, evidence.past, detail) {
        (Some(PostmasterStatus::Stopping), _, _) => DownReason::ShuttingDown,
        (Some(PostmasterStatus::Standby), _, _) => DownReason::NotHot,
        (Some(PostmasterStatus::Starting), _, Detail::Missing)
        | (None, Past::Absent, Detail::Missing) => DownReason::Starting,
        (Some(PostmasterStatus::Starting), _, Detail::Given)
        | (Some(PostmasterStatus::Ready), _, Detail::Given | Detail::Missing)
        | (None, Past::Unknown | Past::Absent | Past::Up(_), Detail::Given) => {
            DownReason::Recovering
        }
        (None, Past::Up(end), Detail::Missing) => after(end),
        (None, Past::Unknown, Detail::Missing) => DownReason::NotAccepting,
    }
}

/// Returns the reason why a server that was up refuses all connections, by how its last session ended.
fn after(end: Failure) -> DownReason {
    match end {
        Failure::AdminShutdown | Failure::CannotConnectNow(_) => DownReason::ShuttingDown,
        Failure::CrashShutdown | Failure::Lost => DownReason::Recovering,
        Failure::NoSocket
        | Failure::Refused
        | Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::OtherServer
        | Failure::TimedOut
        | Failure::Full
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::DatabaseClosed
        | Failure::MissingFile
        | Failure::Tls
        | Failure::Setup
        | Failure::Rejected
        | Failure::Unexpected => DownReason::NotAccepting,
    }
}

#[cfg(test)]
mod tests;
