//! Collects everything that can be seen of the server at one moment. Judges nothing.

use super::conversation::Conversation;
use super::{files, position, processes, queries};
use crate::agent::decide::replay::ReplayProgress;
use crate::agent::decide::state::{
    DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence, asks_for_replay,
};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::health::{Failure, PostmasterStatus};
use crate::postgres::control::Control;

/// Collects everything that can be seen. The files come last: they contain what a server writes while it is asked, and
/// a server that has ended writes no more.
pub(super) fn collect(
    conversation: &mut Conversation,
    parameters: &Parameters,
    deadline: Deadline,
) -> ServerEvidence {
    let datadir = &parameters.datadir;
    let (postmaster, answer) = ask(conversation, parameters, deadline);
    let mut evidence = ServerEvidence {
        files: files::look(datadir),
        postmaster,
        answer,
        replay: ReplayProgress::Unproven,
    };
    if asks_for_replay(&evidence)
        && let DataDirectory::Present {
            control: Ok(control),
            ..
        } = &evidence.files
    {
        evidence.replay = replay(parameters, control, deadline);
    }
    evidence
}

/// Returns what the replay of a starting server does. A server that has accepted a connection meanwhile has to be
/// observed anew.
fn replay(parameters: &Parameters, control: &Control, deadline: Deadline) -> ReplayProgress {
    let starting = || {
        let found = processes::postmaster(&parameters.datadir)?;
        (found.file.status == Some(PostmasterStatus::Starting)).then_some(found)
    };
    let waits = starting().is_some_and(|postmaster| {
        let is_same =
            |now: processes::RunningPostmaster| now.process.pid() == postmaster.process.pid();
        postmaster.waits_for_wal(deadline) && starting().is_some_and(is_same)
    });
    if !waits {
        return ReplayProgress::Unproven;
    }
    ReplayProgress::Waiting {
        on_disk: position::certain(parameters, control, deadline),
    }
}

/// Returns the postmaster's status and its answer. It is asked again if the status has changed while it
/// was asked: a server that refused while it was starting, and is ready now, refuses no client.
fn ask(
    conversation: &mut Conversation,
    parameters: &Parameters,
    deadline: Deadline,
) -> (PostmasterEvidence, ServerAnswer) {
    let mut before = processes::postmaster(&parameters.datadir);
    while let Some(found) = before {
        let answer = heard(
            queries::role(conversation, parameters, &found.file, deadline),
            &found.process,
        );
        let now = processes::postmaster(&parameters.datadir);
        let status = now.as_ref().map(|now| now.file.status);
        match status {
            Some(status) if status == found.file.status || deadline.has_passed() => {
                return (PostmasterEvidence::Runs(status), answer);
            }
            Some(_) | None => before = now,
        }
    }
    (PostmasterEvidence::Gone, ServerAnswer::NotAsked)
}

/// Returns the answer as evidence: if no process has received the question, a postmaster that was stopped by a signal
/// would not have answered it either.
fn heard(answer: ServerAnswer, postmaster: &processes::Process) -> ServerAnswer {
    match answer {
        ServerAnswer::Refused(failure)
            if (failure == Failure::OtherServer || !failure.cost_a_backend())
                && postmaster.is_frozen() =>
        {
            ServerAnswer::Refused(Failure::TimedOut)
        }
        ServerAnswer::Refused(_)
        | ServerAnswer::NotAsked
        | ServerAnswer::Primary
        | ServerAnswer::Standby(_) => answer,
    }
}
