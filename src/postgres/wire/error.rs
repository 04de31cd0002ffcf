//! Why a conversation with a server failed; judges nothing from it.

use std::io;

use thiserror::Error;

use super::server_error::ErrorResponse;
use crate::base::tls_error::of_handshake;

/// Why a connection or a question failed.
#[derive(Debug, Error)]
pub enum WireError {
    /// The server reported an error.
    #[error(transparent)]
    Server(Box<ErrorResponse>),
    /// The stream broke, or its encryption failed.
    #[error("the connection failed")]
    Io(#[source] io::Error),
    /// The server closed the connection without a message.
    #[error("the server closed the connection")]
    Closed,
    /// The server has no TLS, and the settings demand it.
    #[error("the server does not offer TLS, which sslmode demands")]
    NoTls,
    /// Authentication failed on this side.
    #[error(transparent)]
    Auth(#[from] AuthProblem),
    /// A value of the settings cannot be part of a message.
    #[error("a setting of the connection cannot be sent")]
    Unencodable(#[source] io::Error),
    /// The bytes are not PostgreSQL's protocol, or not an answer to the request.
    #[error("the server does not speak PostgreSQL's protocol: {0}")]
    Protocol(String),
    /// The server announces more bytes than are accepted.
    #[error(
        "the server does not speak PostgreSQL's protocol, or answers with more than the {0} bytes that are accepted"
    )]
    TooLong(usize),
}

impl From<io::Error> for WireError {
    /// A server that refuses the certificate of this side says so by an alert, which may arrive after the handshake.
    fn from(error: io::Error) -> Self {
        Self::Io(of_handshake(error))
    }
}

impl From<ErrorResponse> for WireError {
    fn from(response: ErrorResponse) -> Self {
        Self::Server(Box::new(response))
    }
}

impl WireError {
    /// Makes the error for a message that the protocol does not allow at this point.
    pub fn unexpected(expected: &str) -> Self {
        Self::Protocol(format!("it sent something other than {expected}"))
    }
}

/// Why this side gave up an authentication.
#[derive(Debug, Error)]
pub enum AuthProblem {
    /// There is no password to send.
    #[error("the server demands a password, but none is given; write one into the password file")]
    NoPassword,
    /// The server demands a method that is not supported, such as GSSAPI.
    #[error(
        "the server demands {0}, which this program does not support; give the role another method in pg_hba.conf"
    )]
    Unsupported(&'static str),
    /// `require_auth`
    #[error(
        "the server {0}, which require_auth does not allow; allow that method in require_auth, or give the role another \
         one in pg_hba.conf"
    )]
    NotAllowed(&'static str),
    /// `channel_binding=require`
    #[error("the server does not bind the password to TLS, which channel_binding demands")]
    NotBound,
    /// The server demands too many iterations of the password's hash.
    #[error(
        "the server demands more than {0} iterations of the password's hash, which would stop everything else meanwhile; \
         set the role's password again with a lower scram_iterations"
    )]
    TooCostly(u64),
    /// The server does not know the password itself, or does not speak SCRAM.
    #[error("the server does not prove that it knows the password")]
    NotProven(#[source] io::Error),
}
