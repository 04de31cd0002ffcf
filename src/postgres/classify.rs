//! Turns errors of the protocol and of the operating system into typed failures, by SQLSTATE, `io::ErrorKind`
//! and error type; never by text, which servers translate and clients may have put there.

use std::error::Error;
use std::io;

use super::wire::{ErrorResponse, SqlState, WireError};
use crate::base::tls_error::HandshakeError;
use crate::health::{Detail, Failure};

/// The phase of a connection in which it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Start-up and authentication.
    Login,
    /// A question after the login.
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
            // A Unix socket with a full backlog gives EAGAIN: the postmaster does not accept (unix(7)).
            (io::ErrorKind::WouldBlock, Failure::TimedOut),
        ],
    )
}

/// Classifies a failure to talk to a server.
pub fn wire(error: &WireError, phase: Phase) -> Failure {
    match error {
        WireError::Server(response) => sqlstate(response, phase),
        WireError::Io(cause)
            if in_chain::<rustls::Error>(cause).is_some()
                || in_chain::<HandshakeError>(cause).is_some() =>
        {
            Failure::Tls
        }
        WireError::Io(cause) => stream(cause),
        WireError::Closed => Failure::Lost,
        WireError::NoTls => Failure::Tls,
        WireError::Auth(_) => Failure::Auth,
        WireError::Unencodable(_) => Failure::Setup,
        WireError::Protocol(_) | WireError::TooLong(_) => Failure::Unexpected,
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

/// Classifies by SQLSTATE (PostgreSQL manual, appendix A "PostgreSQL Error Codes").
fn sqlstate(response: &ErrorResponse, phase: Phase) -> Failure {
    let Some(code) = response.code else {
        return Failure::Unexpected;
    };
    if code == SqlState::CANNOT_CONNECT_NOW {
        let detail = if response.detail.is_some() {
            Detail::Given
        } else {
            Detail::Missing
        };
        return Failure::CannotConnectNow(detail);
    }
    coded(code, phase)
}

/// Classifies a code that needs no other field of the error.
fn coded(code: SqlState, phase: Phase) -> Failure {
    let refused_role = code.is_of_authorization()
        || (phase == Phase::Login && code == SqlState::INSUFFICIENT_PRIVILEGE);
    if refused_role {
        return Failure::Auth;
    }
    // In a question the same code is about the statement.
    if phase == Phase::Login && code == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE {
        return Failure::DatabaseClosed;
    }
    let otherwise = if code.is_of_the_server() {
        Failure::Unexpected
    } else {
        Failure::Rejected
    };
    let known = known(
        &code,
        &[
            (SqlState::TOO_MANY_CONNECTIONS, Failure::Full),
            (SqlState::INVALID_CATALOG_NAME, Failure::NoDatabase),
            (SqlState::UNDEFINED_FILE, Failure::MissingFile),
            (SqlState::ADMIN_SHUTDOWN, Failure::AdminShutdown),
            (SqlState::CRASH_SHUTDOWN, Failure::CrashShutdown),
            (SqlState::QUERY_CANCELED, Failure::TimedOut),
        ],
    );
    known.unwrap_or(otherwise)
}

/// Returns the failure that a table has for a code; a code that is not in the table is unexpected, never a guess.
fn among<K: PartialEq>(code: &K, table: &[(K, Failure)]) -> Failure {
    known(code, table).unwrap_or(Failure::Unexpected)
}

fn known<K: PartialEq>(code: &K, table: &[(K, Failure)]) -> Option<Failure> {
    let found = table.iter().find(|(known, _)| known == code);
    found.map(|(_, failure)| *failure)
}

/// Returns the first cause of type `T`; also searches inside an `io::Error`.
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
    fn an_error_of_the_server_is_distinguished_from_one_of_the_statement() {
        let judged = |code: &str, phase| {
            let bytes: [u8; 5] = code.as_bytes().try_into().unwrap();
            coded(bytes.into(), phase)
        };
        for phase in [Phase::Login, Phase::Question] {
            for own in ["53200", "53100", "58030", "F0000", "XX001"] {
                assert_eq!(judged(own, phase), Failure::Unexpected, "{own}");
            }
            for other in ["P0001", "42883", "0A000", "57P04"] {
                assert_eq!(judged(other, phase), Failure::Rejected, "{other}");
            }
            assert_eq!(judged("53300", phase), Failure::Full);
            assert_eq!(judged("58P01", phase), Failure::MissingFile);
        }
        assert_eq!(judged("55000", Phase::Login), Failure::DatabaseClosed);
        assert_eq!(judged("55000", Phase::Question), Failure::Rejected);
        assert_eq!(judged("42501", Phase::Login), Failure::Auth);
        assert_eq!(judged("42501", Phase::Question), Failure::Rejected);
    }

    #[test]
    fn a_tls_error_is_found_inside_an_io_error() {
        let tls = rustls::Error::DecryptError;
        let wrapped = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert!(in_chain::<rustls::Error>(&wrapped).is_some());
        assert!(in_chain::<rustls::Error>(&io::Error::from(io::ErrorKind::Other)).is_none());
    }
}
