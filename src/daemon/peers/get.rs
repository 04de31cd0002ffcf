//! Requests `/state` from another node's daemon, and limits the bytes of the answer. Does not read the
//! document; the caller limits the time.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONNECTION, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use ring::rand::{SecureRandom, SystemRandom};
use rustls::InvalidMessage;
use rustls::pki_types::ServerName;
use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::credentials::PeerCredentials;
use super::error::{GetError, PeerError, PeerErrorKind};
use crate::admit::Nonce;
use crate::admit::peer_proof::{NONCE_HEADER, PROOF_HEADER};
use crate::base::tls_error::{self, of_handshake};

/// Largest document, in bytes: enough for a thousand standbys and slots.
const MOST: usize = 256 << 10;

/// Most bytes besides the document: heads, and the sizes of chunks. hyper's client skips informational
/// responses (RFC 9110, section 15.2) without a limit, so their bytes are counted on the stream below it.
const MOST_BESIDE: usize = 64 << 10;

/// The outcome of a request.
#[derive(Debug)]
pub(super) enum PeerAnswer {
    /// The document.
    State(Bytes),
    /// The address belongs to this host, so the daemon would ask itself.
    Own,
}

/// Sends the request.
pub(super) async fn state(
    address: SocketAddr,
    credentials: &PeerCredentials,
) -> Result<PeerAnswer, PeerError> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.map_err(|error| {
        PeerError::new(PeerErrorKind::Connection(error.kind()), address, &error)
    })?;
    if is_own(&stream) {
        return Ok(PeerAnswer::Own);
    }
    let body = document(stream, address, MOST, credentials).await;
    body.map(PeerAnswer::State)
        .map_err(|error| PeerError::of(address, &error))
}

/// Requests a daemon's `/state` over a connection to `address`, and returns a document of at most `most` bytes.
/// Reads at most 64 KiB more, whatever the peer sends. If the cluster has keys, accepts only a document
/// with a proof made with one of them.
pub async fn document(
    stream: TcpStream,
    address: SocketAddr,
    most: usize,
    credentials: &PeerCredentials,
) -> Result<Bytes, GetError> {
    if credentials.tls.is_some() {
        // Otherwise the request waits until the end of the handshake is acknowledged, which the other kernel delays by 40 ms.
        // If this fails, the answer is late but correct.
        stream.set_nodelay(true).ok();
    }
    let (read, write) = stream.into_split();
    let limit = u64::try_from(most.saturating_add(MOST_BESIDE)).unwrap_or(u64::MAX);
    let bounded = io::join(read.take(limit), write);
    match &credentials.tls {
        None => exchange(bounded, address, most, credentials).await,
        Some(client) => {
            let connector = TlsConnector::from(client.config());
            let name = ServerName::IpAddress(address.ip().into());
            let encrypted = connector.connect(name, bounded).await;
            let encrypted = encrypted.map_err(|error| {
                if is_no_tls(&error) {
                    GetError::OnlyPlain
                } else {
                    GetError::Tls(of_handshake(error))
                }
            })?;
            exchange(encrypted, address, most, credentials).await
        }
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    address: SocketAddr,
    most: usize,
    credentials: &PeerCredentials,
) -> Result<Bytes, GetError> {
    let failed = |error: hyper::Error| match tls_error::behind(&error) {
        Some(refusal) => GetError::Tls(refusal),
        None if error.is_parse() && credentials.tls.is_none() => GetError::OnlyTls,
        None => GetError::Http(error),
    };
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut requests, connection) = handshake.map_err(failed)?;
    let mut request = Request::get("/state")
        .header(HOST, address.to_string())
        .header(CONNECTION, "close");
    if let Some(token) = &credentials.token {
        request = request.header(AUTHORIZATION, [b"Bearer ", token.reveal()].concat());
    }
    let challenge = match &credentials.keys {
        Some(keys) => Some((keys, nonce()?)),
        None => None,
    };
    if let Some((_, nonce)) = &challenge {
        request = request.header(NONCE_HEADER, nonce.to_string());
    }
    let request = request.body(Empty::<Bytes>::new())?;
    let exchange = async move {
        let response = requests.send_request(request).await.map_err(failed)?;
        if response.status() != StatusCode::OK {
            return Err(GetError::Status(response.status()));
        }
        let (head, body) = response.into_parts();
        let body = Limited::new(body, most).collect().await;
        let body = body.map_err(GetError::Body)?.to_bytes();
        if let Some((keys, nonce)) = challenge {
            let proof = head.headers.get(PROOF_HEADER);
            let proof = proof.ok_or(GetError::Unproven)?.as_bytes();
            if !keys.proves(nonce, address, &body, proof) {
                return Err(GetError::Unproven);
            }
        }
        Ok(body)
    };
    // The connection makes progress only while it is polled; the exchange returns its errors.
    let (body, _) = tokio::join!(exchange, connection);
    body
}

/// Whether the peer's answer to a handshake is not of TLS at all.
fn is_no_tls(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(
        inner,
        Some(rustls::Error::InvalidMessage(
            InvalidMessage::InvalidContentType
        ))
    )
}

fn nonce() -> Result<Nonce, GetError> {
    let mut random = [0; 16];
    let filled = SystemRandom::new().fill(&mut random);
    filled.map_err(|_| GetError::Random)?;
    Ok(Nonce::new(random))
}

/// A host that connects to an address of its own uses the same address as the source.
fn is_own(stream: &TcpStream) -> bool {
    match (stream.local_addr(), stream.peer_addr()) {
        (Ok(local), Ok(peer)) => local.ip() == peer.ip(),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

#[cfg(test)]
mod tests;
