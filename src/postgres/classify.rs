//! Errors of the driver and of the operating system as typed failures, by SQLSTATE, `io::ErrorKind`
//! and error type; never by text, which servers translate and clients may have put there.

use std::error::Error;
use std::io;

use tokio_postgres::error::{DbError, SqlState};

use crate::role::{Detail, Failure};

/// How far a connection had come when it failed; the driver's kinds of error are private, the phase
/// tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// TLS was demanded and its handshake not begun: the server has none.
    BeforeTls,
    /// Start-up and authentication.
    Login,
    /// Asking.
    Question,
}

/// Classifies a failure to open the socket.
pub fn open(error: &io::Error) -> Failure {
    among(
        &error.kind(),
        &[
            (io::ErrorKind::NotFound, Failure::NoSocket),
            (io::ErrorKind::ConnectionRefused, Failure::Refused),
            (io::ErrorKind::PermissionDenied, Failure::Denied),
            (io::ErrorKind::HostUnreachable, Failure::Unreachable),
            (io::ErrorKind::NetworkUnreachable, Failure::Unreachable),
            (io::ErrorKind::TimedOut, Failure::TimedOut),
            // A Unix socket with a full backlog says EAGAIN: the postmaster does not accept (unix(7)).
            (io::ErrorKind::WouldBlock, Failure::TimedOut),
        ],
    )
}

/// Classifies an error of the driver.
pub fn driver(error: &tokio_postgres::Error, phase: Phase) -> Failure {
    if let Some(refusal) = error.as_db_error() {
        return sqlstate(refusal, phase);
    }
    if error.is_closed() {
        return Failure::Lost;
    }
    if in_chain::<rustls::Error>(error).is_some() {
        return Failure::Tls;
    }
    match (in_chain::<io::Error>(error), phase) {
        (Some(cause), Phase::BeforeTls | Phase::Login | Phase::Question) => stream(cause),
        (None, Phase::BeforeTls) => Failure::Tls,
        // The server wants a password that is not there, or proves not to know it itself.
        (None, Phase::Login) if error.source().is_some() => Failure::Auth,
        (None, Phase::Login | Phase::Question) => Failure::Unexpected,
    }
}

fn stream(error: &io::Error) -> Failure {
    among(
        &error.kind(),
        &[
            (io::ErrorKind::UnexpectedEof, Failure::Lost),
            (io::ErrorKind::ConnectionReset, Failure::Lost),
            (io::ErrorKind::ConnectionAborted, Failure::Lost),
            (io::ErrorKind::BrokenPipe, Failure::Lost),
            (io::ErrorKind::NotConnected, Failure::Lost),
            (io::ErrorKind::TimedOut, Failure::TimedOut),
        ],
    )
}

/// PostgreSQL manual, appendix A "PostgreSQL Error Codes".
fn sqlstate(refusal: &DbError, phase: Phase) -> Failure {
    let code = refusal.code();
    if *code == SqlState::CANNOT_CONNECT_NOW {
        let detail = if refusal.detail().is_some() {
            Detail::Given
        } else {
            Detail::Missing
        };
        return Failure::CannotConnectNow(detail);
    }
    let refused_role = code.code().starts_with("28")
        || (phase != Phase::Question && *code == SqlState::INSUFFICIENT_PRIVILEGE);
    if refused_role {
        return Failure::Auth;
    }
    among(
        code,
        &[
            (SqlState::TOO_MANY_CONNECTIONS, Failure::Full),
            (SqlState::INVALID_CATALOG_NAME, Failure::NoDatabase),
            (SqlState::ADMIN_SHUTDOWN, Failure::AdminShutdown),
            (SqlState::CRASH_SHUTDOWN, Failure::CrashShutdown),
            (SqlState::QUERY_CANCELED, Failure::TimedOut),
        ],
    )
}

/// The failure that a table gives for a code; what no table knows is unexpected, never a guess.
fn among<K: PartialEq>(code: &K, table: &[(K, Failure)]) -> Failure {
    let known = table.iter().find(|(known, _)| known == code);
    known.map_or(Failure::Unexpected, |(_, failure)| *failure)
}

/// The first cause of type `T`; an `io::Error` is also searched inside.
fn in_chain<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_backlog_is_a_postmaster_that_does_not_accept() {
        assert_eq!(open(&io::ErrorKind::WouldBlock.into()), Failure::TimedOut);
    }

    #[test]
    fn sockets_that_cannot_be_opened_are_told_apart() {
        assert_eq!(open(&io::ErrorKind::NotFound.into()), Failure::NoSocket);
        assert_eq!(
            open(&io::ErrorKind::ConnectionRefused.into()),
            Failure::Refused
        );
        assert_eq!(
            open(&io::ErrorKind::PermissionDenied.into()),
            Failure::Denied
        );
        assert_eq!(
            open(&io::ErrorKind::NetworkUnreachable.into()),
            Failure::Unreachable
        );
        assert_eq!(open(&io::ErrorKind::Other.into()), Failure::Unexpected);
    }

    #[test]
    fn a_tls_error_is_found_inside_an_io_error() {
        let tls = rustls::Error::DecryptError;
        let wrapped = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert!(in_chain::<rustls::Error>(&wrapped).is_some());
        assert!(in_chain::<rustls::Error>(&io::Error::from(io::ErrorKind::Other)).is_none());
    }
}
