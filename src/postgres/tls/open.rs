//! Asks on an open socket whether the server has TLS (PostgreSQL manual, "SSL Session
//! Encryption"), and does the handshake.

use std::io;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustls::{AlertDescription, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Attempt, Encryption, WithoutTls, binding};
use crate::base::tls_error::of_handshake;
use crate::postgres::conninfo::Negotiation;
use crate::postgres::refusal::Wire;
use crate::postgres::wire::{Messages, Stream, WireError};

/// A connection before the login.
#[derive(Debug)]
pub struct Opened {
    /// The stream of messages.
    pub messages: Messages,
    /// Whether it is encrypted.
    pub wire: Wire,
    /// The channel binding for a password exchange.
    pub end_point: Option<Vec<u8>>,
}

impl Attempt {
    /// Makes a connection from an open socket as planned; an error says whether it was encrypted.
    pub async fn open(&self, stream: impl Stream) -> Result<Opened, (WireError, Wire)> {
        match self {
            Self::Plain => Ok(plain(stream, Wire::Plain)),
            Self::Tls(encryption) => encryption.open(stream).await,
        }
    }
}

fn plain(stream: impl Stream, wire: Wire) -> Opened {
    Opened {
        messages: Messages::over(stream),
        wire,
        end_point: None,
    }
}

impl Encryption {
    async fn open<S: Stream>(&self, mut stream: S) -> Result<Opened, (WireError, Wire)> {
        let willing = match self.negotiation {
            Negotiation::Direct => Ok(true),
            Negotiation::Postgres => is_willing(&mut stream).await,
        };
        match (willing, self.without_tls) {
            (Err(error), _) => Err((error, Wire::Encrypted)),
            (Ok(true), _) => self
                .encrypt(stream)
                .await
                .map_err(|error| (error, Wire::Encrypted)),
            (Ok(false), WithoutTls::Continue) => Ok(plain(stream, Wire::Declined)),
            (Ok(false), WithoutTls::Fail) => Err((WireError::NoTls, Wire::Declined)),
        }
    }

    async fn encrypt(&self, stream: impl Stream) -> Result<Opened, WireError> {
        let name = self.server_name.clone();
        let stream = self.connector.connect(name, stream).await;
        let stream = stream.map_err(explained)?;
        let (_, session) = stream.get_ref();
        let certificate = session.peer_certificates().and_then(|chain| chain.first());
        Ok(Opened {
            end_point: certificate.and_then(binding::server_end_point),
            messages: Messages::over(stream),
            wire: Wire::Encrypted,
        })
    }
}

/// Explains the alert `handshake_failure`: a server sends nothing more if its key is of a kind that was not offered.
fn explained(error: io::Error) -> io::Error {
    const NOTHING_IN_COMMON: &str = "the server finds nothing in common (alert handshake_failure): its certificate may have \
                                     a key that is not supported; RSA of 2048 to 8192 bits, P-256, P-384 and Ed25519 are, \
                                     and P-521 is not";
    let alert = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match alert {
        Some(Error::AlertReceived(AlertDescription::HandshakeFailure)) => of_handshake(
            io::Error::new(error.kind(), Error::General(NOTHING_IN_COMMON.into())),
        ),
        _ => of_handshake(error),
    }
}

/// Asks whether the server has TLS. Only one byte is read: bytes that an attacker on the network adds after
/// it would otherwise count as received under encryption (CVE-2021-23222).
async fn is_willing(stream: &mut impl Stream) -> Result<bool, WireError> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).await?;
    stream.flush().await?;
    match stream.read_u8().await? {
        b'S' => Ok(true),
        b'N' => Ok(false),
        _ => Err(WireError::Protocol(
            "it answers SSLRequest with neither S nor N".into(),
        )),
    }
}
