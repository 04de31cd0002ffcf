//! Why talking to a server failed; knows nothing of what follows from it.

use std::io;

use thiserror::Error;

use super::server_error::ErrorResponse;

/// Why a connection or a question came to nothing.
#[derive(Debug, Error)]
pub enum WireError {
    /// The server said so.
    #[error(transparent)]
    Server(Box<ErrorResponse>),
    /// The stream broke, or its encryption failed.
    #[error("the connection broke")]
    Io(#[from] io::Error),
    /// The server closed without a word.
    #[error("the server closed the connection")]
    Closed,
    /// The server has no TLS and is not to be talked to without.
    #[error("the server does not offer TLS, which sslmode demands")]
    NoTls,
    /// One of the two does not convince the other.
    #[error(transparent)]
    Auth(#[from] AuthProblem),
    /// A value of the settings has no place in a message.
    #[error("a setting of the connection cannot be sent")]
    Unsayable(#[source] io::Error),
    /// What came is no answer of a PostgreSQL server, or not to what was asked.
    #[error("the server does not speak as PostgreSQL does: {0}")]
    Form(String),
}

impl From<ErrorResponse> for WireError {
    fn from(said: ErrorResponse) -> Self {
        Self::Server(Box::new(said))
    }
}

impl WireError {
    /// A message at a moment where the protocol has none such.
    pub fn unexpected(expected: &str) -> Self {
        Self::Form(format!("it sent something else than {expected}"))
    }
}

/// Why nobody was let in, by our own judgement.
#[derive(Debug, Error)]
pub enum AuthProblem {
    /// There is no password to send.
    #[error("the server wants a password, and there is none; write one into the password file")]
    NoPassword,
    /// GSSAPI and the like.
    #[error(
        "the server wants {0}, which this program does not have; give its role another method in pg_hba.conf"
    )]
    Unsupported(&'static str),
    /// `require_auth`
    #[error(
        "the server {0}, which require_auth does not allow; give its role another method in pg_hba.conf"
    )]
    NotAllowed(&'static str),
    /// `channel_binding=require`
    #[error("the server does not bind the password to TLS, which channel_binding demands")]
    NotBound,
    /// It demands a proof that takes minutes to make.
    #[error(
        "the server demands more than {0} iterations of the password's hash; set the role's password anew with a lower scram_iterations"
    )]
    TooCostly(u64),
    /// It does not know the password itself, or does not speak SCRAM.
    #[error("the server does not prove that it knows the password")]
    NotProven(#[source] io::Error),
}
