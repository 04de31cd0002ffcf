//! HTTP as load balancers know it from others; pure. The verdict is the state port's, and a path only
//! chooses which of its words is wanted.
//!
//! - [`plan`](mod@plan): what a request wants, or why it gets nothing.
//! - `path`: the paths, as they are written and as Patroni takes them.
//! - `limits`: what a query adds to a path.
//! - `judge`: whether a server is what is wanted.
//! - `patroni`, `state`: the documents.
//! - `json`: their spelling.

mod json;
mod judge;
mod limits;
mod path;
mod patroni;
pub mod plan;
mod state;

use std::time::Duration;

use crate::health::{
    ConnectionSlots, Contact, Details, Maintenance, Quorum, Rival, State, SyncState, Transactions,
    Verdict, Words,
};

pub(super) use judge::{from_archive, streams};
pub(super) use patroni::running;
pub use plan::{Needs, RequestPlan, plan};

/// What is known of the server, and of the program that tells it.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the state port answers.
    pub verdict: Verdict,
    /// What the instance is.
    pub state: &'a State,
    /// How long known WAL has waited for its replay.
    pub delay: Option<Duration>,
    /// What transactions are where nobody says otherwise, where that is known.
    pub transactions: Option<Transactions>,
    /// An administrator's order.
    pub ordered: Option<Maintenance>,
    /// The node's quorum, where it is asked for.
    pub quorum: Option<Quorum>,
    /// Another primary of its system, and the time since it was last heard to be one.
    pub rival: Option<(&'a Rival, Duration)>,
    /// Whether a primary waits for this standby, where that was asked and is known.
    pub sync: Option<SyncState>,
    /// Whether the other nodes' daemons are reached, where that is asked.
    pub contacts: &'a [Contact],
    /// What was asked for documents.
    pub details: Option<&'a Details>,
    /// Since the question was put.
    pub age: Duration,
    /// Since the program started.
    pub uptime: Duration,
    /// The words for the roles.
    pub words: &'a Words,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// What the body is; `""` where there is none.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

impl Reply {
    fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: TEXT,
            body: body.into(),
        }
    }

    fn json(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: JSON,
            body,
        }
    }

    /// The answer to a request without the token.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::text(401, "this daemon answers who shows its token\n")
    }

    /// The answer to a request for a document that is not for everybody.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::text(403, "this document is for the hosts of admission.trusted\n")
    }

    fn bare(status: u16) -> Self {
        Self {
            status,
            content_type: "",
            body: String::new(),
        }
    }
}

impl Facts<'_> {
    pub(super) fn room(&self) -> Option<ConnectionSlots> {
        match self.state {
            State::Primary(room) | State::Standby(room, _) => Some(*room),
            State::Down(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
