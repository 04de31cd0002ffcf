//! Why a connection or a statement failed, from a closed set: by SQLSTATE, `io::ErrorKind` and our own
//! clocks, never by text.

use std::error::Error;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};
use tokio_postgres::error::SqlState;

/// Why a connection or a statement failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Nobody listens there.
    Refused,
    /// The connection was reset.
    Reset,
    /// The connection was closed without a word; HAProxy does so with every server down.
    Closed,
    /// The network has no way there.
    Unreachable,
    /// The name does not resolve.
    NoName,
    /// No session within the time for one.
    ConnectTimeout,
    /// No answer within the time for one.
    StatementTimeout,
    /// The kernel gave the connection up (`tcp_user_timeout`, keepalives).
    TcpTimeout,
    /// Another failure of the socket.
    OtherIo,
    /// The server lets nobody in: it starts, recovers or is being stopped (57P03).
    CannotConnectNow,
    /// The server is being stopped, or one of its processes crashed (57P01, 57P02).
    ShuttingDown,
    /// It is in recovery, or told to write nothing (25006).
    ReadOnly,
    /// No connection slot is free (53300).
    Full,
    /// No disk, no memory (the rest of class 53).
    Resources,
    /// Role, password or address are refused (class 28).
    Auth,
    /// The transaction gave way to another, or to recovery (class 40).
    Rollback,
    /// The statement was cancelled (57014).
    Canceled,
    /// The statement does not fit the database: no table, no right (class 42).
    Unfit,
    /// The server's own trouble: I/O, corruption, a bug (classes 58 and XX).
    System,
    /// Another SQLSTATE.
    OtherSql,
    /// It succeeded with a warning: with synchronous replication, that a commit is not known to have
    /// reached a standby (`SyncRepWaitForLSN` in `src/backend/replication/syncrep.c`).
    Warned,
    /// The driver could make nothing of what it got.
    Protocol,
}

impl Failure {
    /// Classifies an error of the socket.
    pub(crate) fn of_io(error: &io::Error) -> Self {
        among(
            &error.kind(),
            &[
                (io::ErrorKind::ConnectionRefused, Self::Refused),
                (io::ErrorKind::ConnectionReset, Self::Reset),
                (io::ErrorKind::ConnectionAborted, Self::Reset),
                (io::ErrorKind::BrokenPipe, Self::Reset),
                (io::ErrorKind::UnexpectedEof, Self::Closed),
                (io::ErrorKind::HostUnreachable, Self::Unreachable),
                (io::ErrorKind::NetworkUnreachable, Self::Unreachable),
                (io::ErrorKind::NetworkDown, Self::Unreachable),
                (io::ErrorKind::TimedOut, Self::TcpTimeout),
            ],
        )
        .unwrap_or(Self::OtherIo)
    }

    /// Classifies an error of the driver.
    pub(crate) fn of_driver(error: &tokio_postgres::Error) -> Self {
        if let Some(state) = error.code() {
            return Self::of_sqlstate(state);
        }
        if error.is_closed() {
            return Self::Closed;
        }
        let cause = error.source().and_then(|cause| cause.downcast_ref());
        cause.map_or(Self::Protocol, Self::of_io)
    }

    /// PostgreSQL manual, appendix A "PostgreSQL Error Codes".
    fn of_sqlstate(state: &SqlState) -> Self {
        let code = among(
            state,
            &[
                (SqlState::CANNOT_CONNECT_NOW, Self::CannotConnectNow),
                (SqlState::ADMIN_SHUTDOWN, Self::ShuttingDown),
                (SqlState::CRASH_SHUTDOWN, Self::ShuttingDown),
                (SqlState::READ_ONLY_SQL_TRANSACTION, Self::ReadOnly),
                (SqlState::TOO_MANY_CONNECTIONS, Self::Full),
                (SqlState::QUERY_CANCELED, Self::Canceled),
            ],
        );
        let class = |(class, _): &&(&str, Self)| state.code().starts_with(class);
        code.or_else(|| {
            let known = CLASSES.iter().find(class);
            known.map(|(_, failure)| *failure)
        })
        .unwrap_or(Self::OtherSql)
    }
}

/// Classes of SQLSTATEs, where no single code is told apart before.
const CLASSES: &[(&str, Failure)] = &[
    ("28", Failure::Auth),
    ("40", Failure::Rollback),
    ("42", Failure::Unfit),
    ("53", Failure::Resources),
    ("58", Failure::System),
    ("XX", Failure::System),
];

fn among<K: PartialEq>(code: &K, table: &[(K, Failure)]) -> Option<Failure> {
    let known = table.iter().find(|(known, _)| known == code);
    known.map(|(_, failure)| *failure)
}

/// The word that stands in JSON.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Failure {
        Failure::of_sqlstate(&SqlState::from_code(code))
    }

    #[test]
    fn a_code_of_its_own_comes_before_its_class() {
        assert_eq!(of("53300"), Failure::Full);
        assert_eq!(of("53100"), Failure::Resources);
        assert_eq!(of("57P03"), Failure::CannotConnectNow);
        assert_eq!(of("25006"), Failure::ReadOnly);
        assert_eq!(of("40001"), Failure::Rollback);
        assert_eq!(of("42P01"), Failure::Unfit);
        assert_eq!(of("XX001"), Failure::System);
        assert_eq!(of("22012"), Failure::OtherSql);
    }

    #[test]
    fn people_read_the_words_that_programs_read() {
        assert_eq!(Failure::TcpTimeout.to_string(), "tcp-timeout");
    }

    #[test]
    fn sockets_fail_by_their_kind() {
        let of = |kind: io::ErrorKind| Failure::of_io(&kind.into());
        assert_eq!(of(io::ErrorKind::BrokenPipe), Failure::Reset);
        assert_eq!(of(io::ErrorKind::UnexpectedEof), Failure::Closed);
        assert_eq!(of(io::ErrorKind::TimedOut), Failure::TcpTimeout);
        assert_eq!(of(io::ErrorKind::AddrInUse), Failure::OtherIo);
    }
}
