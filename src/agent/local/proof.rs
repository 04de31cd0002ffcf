//! Whether a standby gets what its primary commits, found out by committing something. Knows nothing of what
//! hangs on it.

use std::time::Duration;

use tokio::time::sleep;

use super::conversation::Conversation;
use super::{asking, processes};
use crate::agent::actions::ServerError;
use crate::agent::actions::server::CommitProof;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::health::Lsn;
use crate::postgres::{Refusal, Replica, Session};

/// How soon the primary is asked again: sooner at first.
const FIRST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(100);

/// So much is left of the time for the way of the last question.
const MARGIN: Duration = Duration::from_millis(50);

/// What is asked, in sentences.
const QUESTION: &str = "whether a standby has everything";

/// Commits a transaction, and waits until the standby of that name has flushed it.
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
    asked.map_err(|cause| asking::unanswered(QUESTION, &cause))
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

/// What the standby has flushed. One that has just come back may have a row of its last connection, too.
fn flushed(replicas: &[Replica], standby: &Node) -> Option<Lsn> {
    let rows = replicas
        .iter()
        .filter(|replica| replica.application_name == standby.name());
    rows.filter_map(|replica| replica.flushed).max()
}
