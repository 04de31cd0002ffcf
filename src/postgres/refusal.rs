//! A failure with the text that an administrator needs; the text goes to the log,
//! never to a client.

use std::error::Error;
use std::fmt;

use super::wire::SqlState;
use crate::health::{Failure, PostmasterStatus};

/// Whether a connection was encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Plain text, because TLS was not asked for, or not yet.
    Plain,
    /// Plain text, because the server declined TLS.
    Declined,
    /// TLS, or the attempt at it.
    Encrypted,
}

/// Why a connection or a question brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The failure that is judged.
    pub failure: Failure,
    /// The postmaster's status in its file, if that was read.
    pub postmaster: Option<PostmasterStatus>,
    /// The process that listens there, if it is known ([`Postmaster::behind`](super::postmaster::Postmaster::behind)).
    pub listener: Option<i32>,
    /// The SQLSTATE of a login that the server refused.
    pub code: Option<SqlState>,
    /// Whether the connection was encrypted when it failed.
    pub wire: Wire,
    /// The whole chain of causes in one line, for the log.
    pub cause: String,
}

impl Refusal {
    /// Makes a refusal of an error with its causes.
    pub fn of(failure: Failure, error: &dyn Error) -> Self {
        Self::because(failure, chain(error))
    }

    /// Adds the cause of an earlier refusal, unless both have the same cause.
    #[must_use]
    pub fn after(mut self, earlier: Option<Self>) -> Self {
        if let Some(earlier) = earlier.filter(|earlier| earlier.cause != self.cause) {
            self.cause = format!("{}; then {}", earlier.cause, self.cause);
        }
        self
    }

    /// Makes the refusal of a deadline that passed during `what`.
    pub fn timed_out(what: &str) -> Self {
        Self::because(Failure::TimedOut, format!("no answer to {what}"))
    }

    /// Makes the refusal of an answer from a backend whose postmaster has ended.
    pub fn orphaned() -> Self {
        Self::because(Failure::Lost, "the postmaster has ended".into())
    }

    fn because(failure: Failure, cause: String) -> Self {
        Self {
            failure,
            postmaster: None,
            listener: None,
            code: None,
            wire: Wire::Plain,
            cause,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl Error for Refusal {}

/// Returns an error and its causes in one line; a cause whose text is already there is left out.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        next = cause.source();
    }
    text
}
