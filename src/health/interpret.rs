//! The one decision table from evidence to state; total, without a wildcard, so that a new fact does
//! not compile until somebody says what it means.

use super::evidence::{Evidence, FreshConnection, Past, PostmasterStatus, Role, SessionEvidence};
use super::failure::{Detail, Failure};
use super::reason::DownReason;
use super::state::{ConnectionSlots, State};

/// Judges what was seen. A role is stated only if the server itself stated it in this round *and* the
/// newest fresh connection does not speak against clients getting in.
#[must_use]
pub fn interpret(evidence: &Evidence) -> State {
    match evidence.session {
        SessionEvidence::Answered(role) => match admits(evidence.fresh) {
            Admits::Everyone => state(role, ConnectionSlots::Free),
            Admits::Reserved => state(role, ConnectionSlots::Full),
            Admits::Nobody(reason) => State::Down(reason),
        },
        SessionEvidence::Failed(failure) => State::Down(down(failure, evidence)),
        SessionEvidence::None => match evidence.fresh {
            FreshConnection::Shut(failure) => State::Down(down(failure, evidence)),
            // Somebody got in, but nobody asked: the role is not known.
            FreshConnection::Open | FreshConnection::ReservedOnly => {
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

/// What the door says while the kept session still answers.
fn admits(fresh: FreshConnection) -> Admits {
    let failure = match fresh {
        FreshConnection::Open => return Admits::Everyone,
        FreshConnection::ReservedOnly => return Admits::Reserved,
        FreshConnection::Shut(failure) => failure,
    };
    match failure {
        Failure::Full => Admits::Reserved,
        // The server forked a backend and heard it out before it refused this one role or database:
        // it does let clients in. The kept session proves the role.
        Failure::Auth | Failure::NoDatabase | Failure::DatabaseClosed => Admits::Everyone,
        // Old sessions live on while new ones are refused: only a smart shutdown does that.
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
        // The next session could be with that one.
        Failure::OtherServer => Admits::Nobody(DownReason::OtherServer),
        Failure::Lost => Admits::Nobody(DownReason::Lost),
        Failure::MissingFile => Admits::Nobody(DownReason::MissingFile),
        Failure::Tls => Admits::Nobody(DownReason::Tls),
        Failure::Setup | Failure::Rejected | Failure::Unexpected => {
            Admits::Nobody(DownReason::Internal)
        }
    }
}

/// The reason when no session answered.
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

/// Tells apart what SQLSTATE 57P03 lumps together: first by what the postmaster wrote of itself,
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

/// A server that was up refuses everyone: the end of its last session tells why.
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
