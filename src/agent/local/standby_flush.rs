//! Determines whether a standby receives what its primary commits, by committing something. Knows nothing of what
//! depends on the result.

use std::time::Duration;

use tokio::time::sleep;

use super::conversation::Conversation;
use super::{processes, queries};
use crate::agent::actions::ServerError;
use crate::agent::actions::server::CommitProof;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::health::Lsn;
use crate::postgres::{Refusal, Replica, Session};

/// The intervals at which the primary is asked again: shorter at first.
const FIRST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(100);

/// How much time is left for the last question.
const MARGIN: Duration = Duration::from_millis(50);

/// The question, for a sentence.
const QUESTION: &str = "whether a standby has everything";

/// Commits a transaction, and waits until the standby with that name has flushed it.
pub(super) fn prove(
    conversation: &mut Conversation,
    parameters: &Parameters,
    standby: &Node,
    deadline: Deadline,
) -> Result<CommitProof, ServerError> {
    let Some(postmaster) = processes::postmaster(&parameters.datadir) else {
        return Err(ServerError::Question {
            question: QUESTION,
            cause: "it does not run".into(),
        });
    };
    let asked = conversation.ask(
        parameters,
        &postmaster.file,
        deadline,
        &async |session: &mut Session| {
            commit_and_wait(session, standby, deadline.leaving(MARGIN)).await
        },
    );
    asked.map_err(|cause| queries::unanswered(QUESTION, &cause))
}

async fn commit_and_wait(
    session: &mut Session,
    standby: &Node,
    deadline: Deadline,
) -> Result<CommitProof, Refusal> {
    session.commit().await?;
    let (goal, mut replicas) = session.replicas().await?;
    let mut pause = FIRST;
    loop {
        let missing = match flushed(&replicas, standby) {
            Some(flushed) if flushed >= goal => return Ok(CommitProof::Given),
            Some(flushed) => format!("it lacks {} of WAL", flushed.behind(goal)),
            None => "it does not replicate from this primary".into(),
        };
        if deadline.has_passed() {
            return Ok(CommitProof::Missing(missing));
        }
        sleep(pause.min(deadline.left())).await;
        pause = pause.saturating_mul(2).min(LONGEST);
        (_, replicas) = session.replicas().await?;
    }
}

/// Returns what the standby has flushed. A standby that has just reconnected may still have a row of its last
/// connection.
fn flushed(replicas: &[Replica], standby: &Node) -> Option<Lsn> {
    let rows = replicas
        .iter()
        .filter(|replica| replica.application_name == standby.name());
    rows.filter_map(|replica| replica.flushed).max()
}
