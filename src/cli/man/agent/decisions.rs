//! The decision table in words: what each action does in each state. What it ends with, and when it does something
//! else, is the table's own matter.

use crate::agent::decide::decision::{self, STATES, ToDemote, ToPromote, ToStart, ToStop};
use crate::agent::decide::state::{ServerState, Was};
use crate::agent::ocf::actions::Action;
use crate::agent::ocf::code::Code;

/// A state in a few words, which continue "A server that …".
pub(in crate::cli::man) fn label(state: ServerState) -> &'static str {
    match state {
        ServerState::Primary(_) => "runs as a primary",
        ServerState::Standby(_) => "runs as a standby",
        ServerState::Pending => "waits for a primary's WAL",
        ServerState::Starting => "starts or recovers",
        ServerState::Stopping => "is going down",
        ServerState::Closed => "runs with hot_standby off",
        ServerState::Silent => "runs and does not answer",
        ServerState::Refusing(_) => "runs and refuses the agent",
        ServerState::Stopped(Was::Primary) => "was stopped as a primary",
        ServerState::Stopped(Was::Standby) => "was stopped as a standby",
        ServerState::Stopped(Was::Backup) => "is a backup not started",
        ServerState::Crashed(Was::Primary) => "crashed as a primary",
        ServerState::Crashed(Was::Standby | Was::Backup) => "crashed as a standby",
        ServerState::Unreadable => "has an unreadable pg_control",
        ServerState::Missing => "has no data directory",
        ServerState::Elsewhere => "runs in another directory",
    }
}

/// What an action may end with: first where all goes well, then where an election goes otherwise.
pub(in crate::cli::man) fn statuses(action: Action, state: ServerState) -> String {
    let (_, code) = decision::cell(action, state);
    let elects = match decision::promote(state) {
        ToPromote::Elect | ToPromote::StartAndElect => action == Action::Promote,
        ToPromote::Already | ToPromote::Fail(_) => false,
    };
    if elects {
        format!("{} or {}", code.status(), Code::Generic.status())
    } else {
        code.status().to_string()
    }
}

/// What is done about an action and what it ends with, each with the states in which that is so, in their order.
pub(super) fn told(action: Action) -> Vec<(String, Vec<&'static str>)> {
    let mut found: Vec<(String, Vec<&'static str>)> = Vec::new();
    for state in STATES {
        let told = format!("`{}`: {}", statuses(action, state), does(action, state));
        match found.iter_mut().find(|(one, _)| *one == told) {
            Some((_, labels)) => labels.push(label(state)),
            None => found.push((told, vec![label(state)])),
        }
    }
    found
}

const NOTHING: &str = "nothing is done";
const NO_SERVER: &str = "the node is kept from the resource";
const FAST: &str =
    "a fast shutdown; where that does not end in time an immediate one, then SIGKILL";

fn does(action: Action, state: ServerState) -> &'static str {
    match action {
        Action::Monitor | Action::Status => seen(state),
        Action::Start => started(state),
        Action::Stop => stopped(state),
        Action::Promote => promoted(state),
        Action::Demote => demoted(state),
        Action::Notify
        | Action::Reload
        | Action::ReloadAgent
        | Action::ValidateAll
        | Action::MetaData
        | Action::Methods => NOTHING,
    }
}

fn seen(state: ServerState) -> &'static str {
    match state {
        ServerState::Primary(_) => {
            "it hands out the promotion scores of all nodes. One that has no free connection, or lets others in and \
             not the agent, is a primary by its control file: the log says why it was not asked, and the scores \
             stay"
        }
        ServerState::Standby(_) => {
            "where it gets no WAL, the log says so. One that has no free connection, or lets others in and not the \
             agent, is a standby by its control file"
        }
        ServerState::Pending => {
            "it is a standby that has replayed all the WAL that it has, and lets nobody in before a primary sends more: \
             its recovery began within a transaction of more than 64 subtransactions. The log says so"
        }
        ServerState::Starting | ServerState::Stopping => {
            "it is waited for while there is time, since this passes; what it is then counts"
        }
        ServerState::Closed | ServerState::Silent | ServerState::Refusing(_) => {
            "it has failed: nobody can use it, or tell what it is"
        }
        ServerState::Stopped(_) => "it is stopped",
        ServerState::Crashed(Was::Primary) => "a primary has failed",
        ServerState::Crashed(Was::Standby | Was::Backup) | ServerState::Unreadable => {
            "it has failed"
        }
        ServerState::Missing => NO_SERVER,
        ServerState::Elsewhere => {
            "it has failed: `datadir` was renamed or unmounted below it, or is another directory by now. It is known by \
             the variables of the agent that started it (`OCF_RESOURCE_INSTANCE`, on this node), or by `-D` on its \
             command line"
        }
    }
}

fn started(state: ServerState) -> &'static str {
    match decision::start(state) {
        ToStart::Already => NOTHING,
        ToStart::Start => match state {
            ServerState::Stopped(Was::Primary) => {
                "the configuration is examined, and the server started as a standby. Where no node has a \
                 promotion score, it offers itself with a score of 1"
            }
            ServerState::Stopped(Was::Standby | Was::Backup) => {
                "the configuration is examined, and the server started as a standby"
            }
            ServerState::Primary(_)
            | ServerState::Standby(_)
            | ServerState::Pending
            | ServerState::Starting
            | ServerState::Stopping
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable
            | ServerState::Missing
            | ServerState::Elsewhere => {
                "the same. As a standby a server that crashed replays its own WAL, and is never open for writers; \
                 what it has left running is ended before"
            }
        },
        ToStart::Fail(_) => match state {
            ServerState::Missing => NO_SERVER,
            ServerState::Elsewhere => "refused",
            ServerState::Starting | ServerState::Stopping => {
                "it is waited for, up to ten seconds; what it is then counts"
            }
            ServerState::Primary(_)
            | ServerState::Standby(_)
            | ServerState::Pending
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Stopped(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable => "refused: somebody else has started the server",
        },
    }
}

fn stopped(state: ServerState) -> &'static str {
    match decision::stop(state) {
        ToStop::Already => NOTHING,
        ToStop::Sweep => "it is stopped; what a dead server has left running is ended",
        ToStop::StopAtOnce => {
            "the same, and a fast shutdown gets five seconds. Frozen processes are thawed for it"
        }
        ToStop::Stop => match state {
            ServerState::Primary(_) => {
                "a fast shutdown; where that does not end in time an immediate one, then SIGKILL. Where its WAL \
                 ends is kept in `primary_end-RSC`, if it is the primary that the cluster knows"
            }
            ServerState::Standby(_)
            | ServerState::Pending
            | ServerState::Starting
            | ServerState::Stopping
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Stopped(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable
            | ServerState::Missing => FAST,
            ServerState::Elsewhere => {
                "the same, wherever it works. Frozen processes are thawed for it"
            }
        },
    }
}

fn promoted(state: ServerState) -> &'static str {
    match decision::promote(state) {
        ToPromote::Already => {
            "nothing is done to it. The cluster is told again what it has to know of a promotion, which may have \
             been broken off"
        }
        ToPromote::Elect => {
            "the election. Only where it is won is the server promoted; to give way to another node, and to find \
             nobody fit, are failures"
        }
        ToPromote::StartAndElect => "it is started as a standby; then the election",
        ToPromote::Fail(_) => match state {
            ServerState::Missing => NO_SERVER,
            ServerState::Starting | ServerState::Stopping => {
                "it is waited for, up to half of the time; what it is then counts"
            }
            ServerState::Primary(_)
            | ServerState::Standby(_)
            | ServerState::Pending
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Stopped(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable
            | ServerState::Elsewhere => "refused",
        },
    }
}

fn demoted(state: ServerState) -> &'static str {
    match decision::demote(state) {
        ToDemote::Already => NOTHING,
        ToDemote::Restart => {
            "it is stopped, as by `stop`, and started as a standby; not started where the same transition is to \
             stop it next"
        }
        ToDemote::Start => {
            "it is started as a standby; not where the same transition is to stop it next"
        }
        ToDemote::Fail(_) => match state {
            ServerState::Elsewhere => "refused",
            ServerState::Primary(_)
            | ServerState::Standby(_)
            | ServerState::Pending
            | ServerState::Starting
            | ServerState::Stopping
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Stopped(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable
            | ServerState::Missing => NO_SERVER,
        },
    }
}
