//! Replaces an error of the TLS library by a sentence for people, with its kind; does no handshake.
//!
//! - `words`: the sentences.

mod words;

use std::error::Error as StdError;
use std::io;
use std::iter::successors;
use std::mem::{Discriminant, discriminant};

use rustls::{AlertDescription, CertificateError, Error};
use thiserror::Error as SentenceError;

pub use words::worded;

/// Why a handshake failed, in one sentence.
#[derive(Debug, SentenceError)]
#[error("{sentence}")]
pub struct HandshakeError {
    sentence: String,
    kind: TlsErrorKind,
}

/// The kind of an error, without what it says of one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsErrorKind {
    error: Discriminant<Error>,
    certificate: Option<Discriminant<CertificateError>>,
    alert: Option<AlertDescription>,
}

impl TlsErrorKind {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other errors are told apart by their variant alone"
    )]
    fn of(error: &Error) -> Self {
        let (certificate, alert) = match error {
            Error::InvalidCertificate(why) => (Some(discriminant(why)), None),
            Error::AlertReceived(alert) => (None, Some(*alert)),
            _ => (None, None),
        };
        Self {
            error: discriminant(error),
            certificate,
            alert,
        }
    }

    /// The kind of the error of a handshake that [`of_handshake`] has worded.
    #[must_use]
    pub fn of_worded(error: &io::Error) -> Option<Self> {
        let inner = error.get_ref()?.downcast_ref::<HandshakeError>();
        inner.map(|inner| inner.kind)
    }
}

/// Replaces the library's error in that of a handshake, also where the library has put a sentence of this program
/// behind words of its own.
pub fn of_handshake(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner.map(of_library) {
        Some(inner) => io::Error::new(error.kind(), inner),
        None => error,
    }
}

/// Finds the library's error behind another one: an alert that arrives after the handshake fails a read.
pub fn behind(error: &(dyn StdError + 'static)) -> Option<io::Error> {
    let chain = successors(Some(error), |error| (*error).source());
    let mut found = chain.filter_map(|error| {
        let io: &io::Error = error.downcast_ref()?;
        let inner: &Error = io.get_ref()?.downcast_ref()?;
        Some(io::Error::new(io.kind(), of_library(inner)))
    });
    found.next()
}

fn of_library(error: &Error) -> HandshakeError {
    HandshakeError {
        sentence: worded(error),
        kind: TlsErrorKind::of(error),
    }
}

#[cfg(test)]
mod tests;
