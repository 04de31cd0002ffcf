//! Why a request to a node's daemon brought no document: a sentence for people, and its kind, by which two errors are compared.
//! Asks nobody.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::mem::{Discriminant, discriminant};
use std::net::SocketAddr;

use hyper::StatusCode;
use thiserror::Error;

use crate::base::tls_error::TlsErrorKind;
use crate::postgres::chain;

/// Why a node's daemon has not reported its server.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{sentence}")]
pub(super) struct PeerError {
    /// For the log.
    sentence: String,
    kind: PeerErrorKind,
}

/// The kind of such an error: what the sentence says of one moment does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeerErrorKind {
    /// No connection, or it broke.
    Connection(io::ErrorKind),
    /// No answer in time.
    Late,
    /// The TLS handshake failed, or the peer refused this side's certificate after it.
    Tls(Option<TlsErrorKind>),
    /// The answer has this status.
    Status(StatusCode),
    /// Another error of a request.
    Request(Discriminant<GetError>),
    /// The answer is no document of a daemon.
    Document,
}

impl PeerError {
    pub(super) fn new(kind: PeerErrorKind, at: SocketAddr, what: impl fmt::Display) -> Self {
        Self {
            sentence: format!("{at}: {what}"),
            kind,
        }
    }

    pub(super) fn kind(&self) -> PeerErrorKind {
        self.kind
    }

    pub(super) fn of(at: SocketAddr, error: &GetError) -> Self {
        let kind = match error {
            GetError::Tls(source) => PeerErrorKind::Tls(TlsErrorKind::of_worded(source)),
            GetError::Status(status) => PeerErrorKind::Status(*status),
            GetError::OnlyPlain
            | GetError::OnlyTls
            | GetError::Http(_)
            | GetError::Request(_)
            | GetError::Body(_)
            | GetError::Unproven
            | GetError::Random => PeerErrorKind::Request(discriminant(error)),
        };
        Self::new(kind, at, chain(error))
    }
}

/// An established connection brought no document.
#[derive(Debug, Error)]
pub enum GetError {
    /// The TLS handshake failed, for example because one side rejects the other's certificate.
    #[error("the TLS handshake failed")]
    Tls(#[source] io::Error),
    /// The peer answered a handshake with something else, as a daemon without TLS does.
    #[error(
        "it answers without TLS, and is asked over TLS (cluster.ca_file); name a certificate there (http.certificate_file), or no authorities here"
    )]
    OnlyPlain,
    /// The peer answered a request with something else, as a daemon with TLS does.
    #[error(
        "it answers a request without TLS by something that is not HTTP, as a daemon with TLS does (http.certificate_file); name the authorities of its certificate here (cluster.ca_file, or --ca-file of check), or no certificate there"
    )]
    OnlyTls,
    /// The peer is not a daemon, or a daemon that refuses this host.
    #[error(
        "it sent no HTTP response: it is no daemon, requires a client certificate, or refuses this host"
    )]
    Http(#[source] hyper::Error),
    /// The request could not be composed.
    #[error("the request cannot be composed")]
    Request(#[from] hyper::http::Error),
    /// A status other than 200.
    #[error("it answered with status {code}{remedy}", code = .0, remedy = remedy(*.0))]
    Status(StatusCode),
    /// The answer ended early, or has more bytes than allowed.
    #[error("cannot read its answer")]
    Body(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer carries no valid proof that it comes from the daemon at this address.
    #[error(
        "its answer does not prove that it comes from the daemon of this cluster at this address; cluster.key_file must hold the same key on every node, and cluster.nodes the addresses that the nodes have themselves"
    )]
    Unproven,
    /// The system provides no random numbers for the challenge.
    #[error("the system provides no random numbers")]
    Random,
}

/// Returns what to do about a status by which a daemon refuses its document; empty for any other one.
fn remedy(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => {
            ": it requires a token; admission.token_file must hold the same token on both hosts"
        }
        StatusCode::FORBIDDEN => {
            ": its http.documents is \"trusted\"; add this host to admission.trusted there"
        }
        _ => "",
    }
}
