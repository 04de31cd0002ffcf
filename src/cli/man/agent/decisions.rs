//! Describes the decision table in words: what each action does in each state. The statuses come from the table
//! itself.

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

/// The possible statuses of an action: first that of success, then that of a lost election.
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

/// The descriptions of an action with their statuses, each with the states to which it applies, in order.
pub(super) fn listed(action: Action) -> Vec<(String, Vec<&'static str>)> {
    let mut found: Vec<(String, Vec<&'static str>)> = Vec::new();
    for state in STATES {
        let text = format!("`{}`: {}", statuses(action, state), does(action, state));
        match found.iter_mut().find(|(one, _)| *one == text) {
            Some((_, labels)) => labels.push(label(state)),
            None => found.push((text, vec![label(state)])),
        }
    }
    found
}

const NOTHING: &str = "nothing is done";
const NO_SERVER: &str = "Pacemaker keeps the resource away from the node";
const FAST: &str = "a fast shutdown; if that does not end in time, an immediate one, then SIGKILL";

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
            "the monitor sets the promotion scores of all nodes. If the server has no free connection slot, or refuses the agent \
            but not others, its control file tells that it is a primary: the log says why it was not asked, and the scores \
            stay unchanged"
        }
        ServerState::Standby(_) => {
            "if it receives no WAL, the log says so. If the server has no free connection slot, or refuses the agent but not \
            others, its control file tells that it is a standby"
        }
        ServerState::Pending => {
            "it is a standby that has replayed all its WAL, and accepts no connections until a primary sends more, because \
            its recovery began within a transaction of more than 64 subtransactions. The log says so"
        }
        ServerState::Starting | ServerState::Stopping => {
            "the monitor waits while there is time, because this state passes; the state after it counts"
        }
        ServerState::Closed | ServerState::Silent | ServerState::Refusing(_) => {
            "it has failed: clients cannot use it, or its role cannot be determined"
        }
        ServerState::Stopped(_) => "it is stopped",
        ServerState::Crashed(Was::Primary) => "a primary has failed",
        ServerState::Crashed(Was::Standby | Was::Backup) | ServerState::Unreadable => {
            "it has failed"
        }
        ServerState::Missing => NO_SERVER,
        ServerState::Elsewhere => {
            "it has failed: `datadir` was renamed or unmounted while it ran, or now names another directory. The server is \
            recognised by the environment of the agent that started it (`OCF_RESOURCE_INSTANCE`, on this node), or by `-D` on \
            its command line"
        }
    }
}

fn started(state: ServerState) -> &'static str {
    match decision::start(state) {
        ToStart::Already => NOTHING,
        ToStart::Start => match state {
            ServerState::Stopped(Was::Primary) => {
                "the configuration is checked, and the server started as a standby. If no node has a \
                promotion score, it gets a score of 1"
            }
            ServerState::Stopped(Was::Standby | Was::Backup) => {
                "the configuration is checked, and the server started as a standby"
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
                "the configuration is checked, and the server started as a standby. A server that crashed replays its own WAL \
                as a standby, and never accepts writes; processes that it has left running are ended before"
            }
        },
        ToStart::Fail(_) => match state {
            ServerState::Missing => NO_SERVER,
            ServerState::Elsewhere => "refused",
            ServerState::Starting | ServerState::Stopping => {
                "the agent waits, up to ten seconds; the state after that counts"
            }
            ServerState::Primary(_)
            | ServerState::Standby(_)
            | ServerState::Pending
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Stopped(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable => "refused: the server was not started by Pacemaker",
        },
    }
}

fn stopped(state: ServerState) -> &'static str {
    match decision::stop(state) {
        ToStop::Already => NOTHING,
        ToStop::Sweep => "it is stopped; processes that a dead server has left running are ended",
        ToStop::StopAtOnce => {
            "a fast shutdown of at most five seconds, then an immediate one, then SIGKILL. Frozen processes are thawed for it"
        }
        ToStop::Stop => match state {
            ServerState::Primary(_) => {
                "a fast shutdown; if that does not end in time, an immediate one, then SIGKILL. The end of its WAL \
                is stored in `primary_end-RSC`, if it is the primary that the cluster knows"
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
                "a fast shutdown; if that does not end in time, an immediate one, then SIGKILL, whatever its directory is. Frozen \
                processes are thawed for it"
            }
        },
    }
}

fn promoted(state: ServerState) -> &'static str {
    match decision::promote(state) {
        ToPromote::Already => {
            "the server is not changed. The attributes of a promotion are set again, because the promotion may have \
            been interrupted"
        }
        ToPromote::Elect => {
            "the election. Only if this node wins it is the server promoted; it is a failure to give way to another node, or \
            to find no node fit"
        }
        ToPromote::StartAndElect => "it is started as a standby; then the election",
        ToPromote::Fail(_) => match state {
            ServerState::Missing => NO_SERVER,
            ServerState::Starting | ServerState::Stopping => {
                "the agent waits, up to half of its time; the state after that counts"
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
            "it is stopped, as by `stop`, and started as a standby; it is not started if the same transition stops it \
            next"
        }
        ToDemote::Start => "it is started as a standby, unless the same transition stops it next",
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
