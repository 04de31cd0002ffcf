//! Finds out whether a server would let a role replicate from it, by a login that ends with the server's
//! first message. Sends no password or other proof, and judges nothing.

use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::net::UnixStream;
use tokio::time;

use super::classify;
use super::connect::{open_first, resolve};
use super::refusal::chain;
use super::tls::{Attempt, Plan};
use super::wire::{Messages, SqlState, WireError};
use crate::health::Failure;
use crate::postgres::conninfo::{Endpoint, Tls};

/// The function that reports a rule's `reject`, and the lack of a rule, to a client
/// (`src/backend/libpq/auth.c`, the same in PostgreSQL 12 to 18). A failed authentication, as with `peer`, has the same
/// SQLSTATE, but there a rule did match.
const REJECTS: &str = "ClientAuthentication";

/// The answer of a server to a role that would replicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicationAnswer {
    /// The server refuses by a `reject` of `pg_hba.conf`, or because it has no rule for the role.
    Rejected,
    /// A rule admits the role, or would after authentication.
    Admitted,
    /// No server listens at the address.
    Absent,
    /// The server's rules were not reached, for this reason.
    Unknown(String),
}

/// Tries to replicate as this role, with each planned attempt: `hostssl` and `hostnossl` rules each match only
/// one kind of connection. The first answer that is not a rejection counts.
pub async fn replicate(
    endpoint: &Endpoint,
    tls: &Tls,
    role: &str,
    timeout: Duration,
) -> ReplicationAnswer {
    let plan = Plan::new(endpoint, tls);
    for planned in plan.attempts() {
        let attempt = match planned {
            Ok(attempt) => attempt,
            Err(error) => return ReplicationAnswer::Unknown(chain(error)),
        };
        let outcome = time::timeout(timeout, try_attempt(endpoint, attempt, role)).await;
        match outcome.unwrap_or_else(|_| ReplicationAnswer::Unknown("no answer in time".into())) {
            ReplicationAnswer::Rejected => {}
            other @ (ReplicationAnswer::Admitted
            | ReplicationAnswer::Absent
            | ReplicationAnswer::Unknown(_)) => return other,
        }
    }
    ReplicationAnswer::Rejected
}

async fn try_attempt(endpoint: &Endpoint, attempt: &Attempt, role: &str) -> ReplicationAnswer {
    let opened = match endpoint {
        Endpoint::Unix { .. } => {
            let path = endpoint.socket_path().unwrap_or_default();
            match UnixStream::connect(path).await {
                Ok(stream) => attempt.open(stream).await,
                Err(error) => return absent(classify::open(&error), &error),
            }
        }
        Endpoint::Tcp {
            host,
            address,
            port,
        } => {
            let addresses = match resolve(host, address.as_ref(), *port).await {
                Ok(addresses) => addresses,
                Err(refusal) => return ReplicationAnswer::Unknown(refusal.to_string()),
            };
            match open_first(&addresses).await {
                Ok(stream) => attempt.open(stream).await,
                Err(error) => return absent(classify::open(&error), &error),
            }
        }
    };
    match opened {
        Ok(mut opened) => {
            let answer = start_up(&mut opened.messages, role).await;
            opened.messages.terminate();
            answer
        }
        Err((error, _)) => ReplicationAnswer::Unknown(chain(&error)),
    }
}

fn absent(failure: Failure, error: &std::io::Error) -> ReplicationAnswer {
    if [Failure::NoSocket, Failure::Refused].contains(&failure) {
        ReplicationAnswer::Absent
    } else {
        ReplicationAnswer::Unknown(error.to_string())
    }
}

/// Starts up as a standby's WAL receiver does (manual, "Streaming Replication Protocol"), and judges the answer.
async fn start_up(messages: &mut Messages, role: &str) -> ReplicationAnswer {
    match first_message(messages, role).await {
        Ok(
            Message::AuthenticationOk
            | Message::AuthenticationCleartextPassword
            | Message::AuthenticationMd5Password(_)
            | Message::AuthenticationSasl(_)
            | Message::AuthenticationGss
            | Message::AuthenticationSspi
            | Message::AuthenticationKerberosV5
            | Message::AuthenticationScmCredential,
        ) => ReplicationAnswer::Admitted,
        Ok(_) => ReplicationAnswer::Unknown(
            "its first message is neither a demand for authentication nor an error".into(),
        ),
        Err(WireError::Server(error)) => match error.code {
            Some(SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
                if error.routine.as_deref() == Some(REJECTS) =>
            {
                ReplicationAnswer::Rejected
            }
            // The server checks the role's attributes only after its rules.
            Some(code)
                if code.is_of_authorization() || code == SqlState::INSUFFICIENT_PRIVILEGE =>
            {
                ReplicationAnswer::Admitted
            }
            Some(_) | None => ReplicationAnswer::Unknown(error.to_string()),
        },
        Err(error) => ReplicationAnswer::Unknown(chain(&error)),
    }
}

async fn first_message(messages: &mut Messages, role: &str) -> Result<Message, WireError> {
    let parameters = [
        ("user", role),
        ("replication", "true"),
        (
            "application_name",
            crate::postgres::conninfo::APPLICATION_NAME,
        ),
    ];
    let mut startup = BytesMut::new();
    frontend::startup_message(parameters, &mut startup).map_err(WireError::Unencodable)?;
    messages.send(&startup).await?;
    messages.receive_in_login().await
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    fn message(tag: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[tag], &length.to_be_bytes()[..], body].concat()
    }

    fn error(code: &str, routine: &str) -> Vec<u8> {
        let fields = format!("SFATAL\0VFATAL\0C{code}\0Mno\0R{routine}\0\0");
        message(b'E', fields.as_bytes())
    }

    async fn met(error: &[u8]) -> ReplicationAnswer {
        let (ours, mut server) = tokio::io::duplex(1 << 16);
        server.write_all(error).await.unwrap();
        server.shutdown().await.unwrap();
        start_up(&mut Messages::over(ours), "postgres").await
    }

    #[tokio::test]
    async fn only_a_refusal_by_the_rules_is_a_rejection() {
        let rejected = error("28000", "ClientAuthentication");
        assert_eq!(met(&rejected).await, ReplicationAnswer::Rejected);
        for (what, error) in [
            ("consent", message(b'R', &0_u32.to_be_bytes())),
            (
                "a demand for a password",
                message(b'R', &3_u32.to_be_bytes()),
            ),
            ("a wrong password", error("28P01", "auth_failed")),
            ("another peer", error("28000", "auth_failed")),
            ("no such role", error("28000", "InitializeSessionUserId")),
            ("no such right", error("42501", "InitPostgres")),
        ] {
            assert_eq!(met(&error).await, ReplicationAnswer::Admitted, "{what}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_does_not_depend_on_the_rules_is_unknown() {
        for error in [
            error("57P03", "ProcessStartupPacket"),
            error("53300", "InitProcess"),
            Vec::new(),
        ] {
            assert!(matches!(met(&error).await, ReplicationAnswer::Unknown(_)));
        }
    }
}
