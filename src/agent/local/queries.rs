//! The questions that the agent asks the server, and their answers in the terms of the actions. Judges nothing.

use std::time::Duration;

use super::conversation::{Conversation, NoAnswer};
use crate::agent::actions::ServerError;
use crate::agent::decide::scores::{ReplicationRow, SenderState};
use crate::agent::decide::state::ServerAnswer;
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::health::{Failure, Lsn, Role, SyncState};
use crate::postgres::{Inspection, PidFile, Progress, Question, Replica, Session};

/// Longest wait for the answer of a server if something else tells nearly as much, its disk or its program. A healthy
/// server answers in a hundredth of that, and a frozen one must not take the time of the whole operation.
const PATIENCE: Duration = Duration::from_secs(2);

/// Returns the end of that wait. At least half of the time is left for what replaces the answer.
pub(super) fn patience(deadline: Deadline) -> Deadline {
    deadline.within(PATIENCE.min(deadline.left() / 2))
}

/// Asks a server for its role. Whether it accepts connections is part of the answer, so a session that exists
/// already does not count.
pub(super) fn role(
    conversation: &mut Conversation,
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> ServerAnswer {
    conversation.end();
    let asked = conversation.ask(
        parameters,
        file,
        deadline,
        &async |session: &mut Session| session.ask(Question::Replication).await,
    );
    match asked {
        Ok(Role::Primary) => ServerAnswer::Primary,
        Ok(Role::Standby(standby)) => ServerAnswer::Standby(standby),
        Err(NoAnswer::Refused(refusal)) => {
            tracing::debug!("the server was asked for its role: {refusal}");
            ServerAnswer::Refused(refusal.failure)
        }
        Err(NoAnswer::Late) => ServerAnswer::Refused(Failure::TimedOut),
        Err(NoAnswer::NoRuntime(_)) => ServerAnswer::Refused(Failure::Setup),
    }
}

/// Asks a server for its position.
pub(super) fn progress(
    conversation: &mut Conversation,
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<Progress, ServerError> {
    let asked = conversation.ask(
        parameters,
        file,
        deadline,
        &async |session: &mut Session| session.progress().await,
    );
    asked.map_err(|cause| unanswered("how far its WAL reaches", &cause))
}

/// Asks a primary for the end of the WAL that it has flushed, and for the servers that replicate from it.
pub(super) fn senders(
    conversation: &mut Conversation,
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<(Lsn, Vec<ReplicationRow>), ServerError> {
    let asked = conversation.ask(
        parameters,
        file,
        deadline,
        &async |session: &mut Session| session.replicas().await,
    );
    let (flushed, replicas) =
        asked.map_err(|cause| unanswered("who replicates from it", &cause))?;
    Ok((flushed, replicas.into_iter().filter_map(sender).collect()))
}

/// Has a server write a checkpoint. The session is a new one, in which a statement may take until the deadline.
pub(super) fn checkpoint(
    conversation: &mut Conversation,
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<(), ServerError> {
    conversation.end();
    let asked = conversation.ask(
        parameters,
        file,
        deadline,
        &async |session: &mut Session| session.checkpoint().await,
    );
    asked.map_err(|cause| unanswered("for a checkpoint", &cause))
}

/// Asks a server which standbys its commits wait for.
pub(super) fn synchronous_standby_names(
    conversation: &mut Conversation,
    parameters: &Parameters,
    file: &PidFile,
    deadline: Deadline,
) -> Result<String, ServerError> {
    const QUESTION: &str = "which standbys its commits wait for";
    let asked = conversation.ask(
        parameters,
        file,
        deadline,
        &async |session: &mut Session| session.inspect(Inspection::SynchronousStandbyNames).await,
    );
    let rows = asked.map_err(|cause| unanswered(QUESTION, &cause))?;
    match <[String; 1]>::try_from(rows) {
        Ok([names]) => Ok(names),
        Err(rows) => Err(ServerError::Question {
            question: QUESTION,
            cause: format!("it answered with {} rows", rows.len()),
        }),
    }
}

/// Returns the error of a question that was not answered.
pub(super) fn unanswered(question: &'static str, cause: &NoAnswer) -> ServerError {
    ServerError::Question {
        question,
        cause: cause.to_string(),
    }
}

/// Converts a row with a state; a row without one belongs to a receiver that has just gone.
fn sender(replica: Replica) -> Option<ReplicationRow> {
    Some(ReplicationRow {
        state: SenderState::parse(replica.state.as_deref()?)?,
        application_name: replica.application_name,
        written: replica.written,
        sync: replica.sync_state.as_deref().and_then(SyncState::parse),
    })
}
