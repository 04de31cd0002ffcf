//! Answers HTTP requests in the dialects that load balancers are already configured for; pure. The verdict is the same
//! as on the state port; a path only selects which verdicts count as success.
//!
//! - [`plan`](mod@plan): parses a request into a plan, or an error response; replies once the facts are known.
//! - `path`: Patroni's paths, matched exactly or by Patroni's own lenient rules.
//! - `limits`: the conditions in a query.
//! - `judge`: decides whether a server meets a request.
//! - `patroni`, `state`: the documents.

mod judge;
mod limits;
mod path;
mod patroni;
pub mod plan;
mod state;

use std::time::Duration;

use crate::health::{
    ConnectionSlots, Contact, Details, Maintenance, Quorum, Rival, RoleWords, State, SyncState,
    Transactions, Verdict,
};

pub(super) use judge::{from_archive, streams};
pub(super) use patroni::{ProcessState, process_state};
pub use plan::{RequestPlan, plan, plan_of};

/// The facts about the server, and about this program, from which answers are formatted.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The verdict, as on the state port.
    pub verdict: Verdict,
    /// The state of the server.
    pub state: &'a State,
    /// How long known WAL has waited for its replay.
    pub delay: Option<Duration>,
    /// Whether transactions are read-only by default, if that is known.
    pub transactions: Option<Transactions>,
    /// The order of maintenance in force.
    pub ordered: Option<Maintenance>,
    /// The node's quorum, if `guard.quorum` requires it.
    pub quorum: Option<Quorum>,
    /// Another primary with the same system identifier, and the time since its last report.
    pub rival: Option<(&'a Rival, Duration)>,
    /// Whether the primary waits for this standby at commit, if that was asked and is known.
    pub sync: Option<SyncState>,
    /// Whether the other nodes' daemons can be reached, if that was asked.
    pub contacts: &'a [Contact],
    /// Further facts for documents, if they were asked for.
    pub details: Option<&'a Details>,
    /// The time since the question was sent.
    pub age: Duration,
    /// The time since the program was started.
    pub uptime: Duration,
    /// `answer.production` and `answer.standby`.
    pub words: &'a RoleWords,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The content type; `""` if there is no body.
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

    /// The response to a request without the token.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::text(401, "a token is required: Authorization: Bearer TOKEN\n")
    }

    /// The response to a request for a document from a client that is not trusted.
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
    pub(super) fn slots(&self) -> Option<ConnectionSlots> {
        match self.state {
            State::Primary(slots) | State::Standby(slots, _) => Some(*slots),
            State::Down(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
