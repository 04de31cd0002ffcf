//! A failure together with what an administrator needs to read about it; the text goes to the log,
//! never to a client.

use std::error::Error;
use std::fmt;

use super::wire::SqlState;
use crate::health::{Failure, PostmasterStatus};

/// What a connection went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Plain text, because nothing else was asked for, or not yet anything.
    Plain,
    /// Plain text, because the server declined TLS.
    Declined,
    /// TLS, or the attempt at it.
    Encrypted,
}

/// Why a connection or a question brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The fact that is judged.
    pub failure: Failure,
    /// What the postmaster wrote of itself, where it was looked at.
    pub postmaster: Option<PostmasterStatus>,
    /// The process that listens there, where that is known ([`Postmaster::behind`](super::postmaster::Postmaster::behind)).
    pub listener: Option<i32>,
    /// The server's own code, where it said something in a login.
    pub code: Option<SqlState>,
    /// What the connection went over, as far as it came.
    pub wire: Wire,
    /// The whole chain of causes in one line, for the log.
    pub cause: String,
}

impl Refusal {
    /// A failure with its causes.
    pub fn of(failure: Failure, error: &dyn Error) -> Self {
        Self::because(failure, chain(error))
    }

    /// Tells of an earlier refusal too, unless it was for the same cause.
    #[must_use]
    pub fn after(mut self, earlier: Option<Self>) -> Self {
        if let Some(earlier) = earlier.filter(|earlier| earlier.cause != self.cause) {
            self.cause = format!("{}; then {}", earlier.cause, self.cause);
        }
        self
    }

    /// A deadline that passed while doing `what`.
    pub fn timed_out(what: &str) -> Self {
        Self::because(Failure::TimedOut, format!("no answer to {what}"))
    }

    /// An answer of a backend whose postmaster has ended.
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

/// An error and its causes in one line; a cause whose text the error repeats is said once.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = cause.source();
    }
    text
}
