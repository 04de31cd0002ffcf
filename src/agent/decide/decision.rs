//! The decision table: what each action does about a server in each state. Knows neither how an action is
//! carried out nor what else it has to do with the cluster.

use super::state::{RoleSource, ServerState, Was};
use crate::agent::ocf::actions::Action;
use crate::agent::ocf::code::Code;
use crate::health::Failure;

/// Every row of the table, with one example of each state.
pub const STATES: [ServerState; 16] = [
    ServerState::Primary(RoleSource::Said(None)),
    ServerState::Standby(RoleSource::Said(None)),
    ServerState::Pending,
    ServerState::Starting,
    ServerState::Stopping,
    ServerState::Closed,
    ServerState::Silent,
    ServerState::Refusing(Failure::Unexpected),
    ServerState::Stopped(Was::Primary),
    ServerState::Stopped(Was::Standby),
    ServerState::Stopped(Was::Backup),
    ServerState::Crashed(Was::Primary),
    ServerState::Crashed(Was::Standby),
    ServerState::Unreadable,
    ServerState::Missing,
    ServerState::Elsewhere,
];

/// Every column of the table; the other actions do the same in every state.
pub const ACTIONS: [Action; 5] = [
    Action::Monitor,
    Action::Start,
    Action::Stop,
    Action::Promote,
    Action::Demote,
];

/// What `start` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToStart {
    /// Nothing: a standby runs.
    Already,
    /// It starts the server as a standby.
    Start,
    /// Nothing: it fails.
    Fail(Code),
}

/// What `stop` does. It never refuses: a stop that fails has the host fenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToStop {
    /// Nothing: there is no data directory.
    Already,
    /// It ends the processes that a dead server has left running.
    Sweep,
    /// It stops the server, which gets all the time that a shutdown needs.
    Stop,
    /// It stops the server, and kills it after a few seconds.
    StopAtOnce,
}

/// What `promote` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToPromote {
    /// Nothing but to publish it in the cluster: a primary runs.
    Already,
    /// It holds the election, and promotes the server if no node has more WAL.
    Elect,
    /// It starts the server, then does what `Elect` does.
    StartAndElect,
    /// Nothing: it fails.
    Fail(Code),
}

/// What `demote` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToDemote {
    /// Nothing: a standby runs.
    Already,
    /// It starts a dead server as a standby.
    Start,
    /// It stops the server, and starts it as a standby.
    Restart,
    /// Nothing: it fails.
    Fail(Code),
}

/// Returns what `start` does.
#[must_use]
pub fn start(state: ServerState) -> ToStart {
    match state {
        ServerState::Standby(_) | ServerState::Pending => ToStart::Already,
        ServerState::Stopped(_) | ServerState::Crashed(_) | ServerState::Unreadable => {
            ToStart::Start
        }
        ServerState::Missing => ToStart::Fail(Code::Installed),
        ServerState::Primary(_)
        | ServerState::Starting
        | ServerState::Stopping
        | ServerState::Closed
        | ServerState::Silent
        | ServerState::Refusing(_)
        | ServerState::Elsewhere => ToStart::Fail(Code::Generic),
    }
}

/// Returns what `stop` does.
#[must_use]
pub fn stop(state: ServerState) -> ToStop {
    match state {
        ServerState::Missing => ToStop::Already,
        ServerState::Stopped(_) | ServerState::Crashed(_) | ServerState::Unreadable => {
            ToStop::Sweep
        }
        ServerState::Silent => ToStop::StopAtOnce,
        ServerState::Primary(_)
        | ServerState::Standby(_)
        | ServerState::Pending
        | ServerState::Starting
        | ServerState::Stopping
        | ServerState::Closed
        | ServerState::Refusing(_)
        | ServerState::Elsewhere => ToStop::Stop,
    }
}

/// Returns what `promote` does.
#[must_use]
pub fn promote(state: ServerState) -> ToPromote {
    match state {
        ServerState::Primary(_) => ToPromote::Already,
        ServerState::Standby(_) | ServerState::Pending => ToPromote::Elect,
        ServerState::Stopped(_) | ServerState::Crashed(_) => ToPromote::StartAndElect,
        ServerState::Missing => ToPromote::Fail(Code::Installed),
        ServerState::Starting
        | ServerState::Stopping
        | ServerState::Closed
        | ServerState::Silent
        | ServerState::Refusing(_)
        | ServerState::Unreadable
        | ServerState::Elsewhere => ToPromote::Fail(Code::Generic),
    }
}

/// Returns what `demote` does.
#[must_use]
pub fn demote(state: ServerState) -> ToDemote {
    match state {
        ServerState::Standby(_) | ServerState::Pending | ServerState::Closed => ToDemote::Already,
        ServerState::Stopped(_) | ServerState::Crashed(_) | ServerState::Unreadable => {
            ToDemote::Start
        }
        ServerState::Missing => ToDemote::Fail(Code::Installed),
        // There is no data directory here to start a server from afterwards.
        ServerState::Elsewhere => ToDemote::Fail(Code::Generic),
        ServerState::Primary(_)
        | ServerState::Starting
        | ServerState::Stopping
        | ServerState::Silent
        | ServerState::Refusing(_) => ToDemote::Restart,
    }
}

/// Returns the exit status of each action if the server belongs to another resource. No action touches that server.
#[must_use]
pub fn of_another(action: Action) -> Code {
    match action {
        // This resource does not run here; a server that is stopped because of it would be the other resource's.
        Action::Monitor | Action::Status => Code::NotRunning,
        Action::Stop
        | Action::Notify
        | Action::Reload
        | Action::ReloadAgent
        | Action::MetaData
        | Action::Methods => Code::Success,
        Action::Start | Action::Promote | Action::Demote | Action::ValidateAll => Code::Args,
    }
}

/// Returns a cell of the table as text: what an action does, and the exit status if it succeeds.
#[must_use]
pub fn cell(action: Action, state: ServerState) -> (&'static str, Code) {
    const NOTHING: &str = "nothing";
    match action {
        Action::Monitor | Action::Status => (NOTHING, state.code()),
        Action::Start => match start(state) {
            ToStart::Already => (NOTHING, Code::Success),
            ToStart::Start => ("starts it as a standby", Code::Success),
            ToStart::Fail(code) => (NOTHING, code),
        },
        Action::Stop => match stop(state) {
            ToStop::Already => (NOTHING, Code::Success),
            ToStop::Sweep => ("ends what it left running", Code::Success),
            ToStop::Stop => ("stops it", Code::Success),
            ToStop::StopAtOnce => ("stops it, by force after a few seconds", Code::Success),
        },
        Action::Promote => match promote(state) {
            ToPromote::Already => (NOTHING, Code::Success),
            ToPromote::Elect => ("election, promotes it", Code::Success),
            ToPromote::StartAndElect => ("starts it, election, promotes it", Code::Success),
            ToPromote::Fail(code) => (NOTHING, code),
        },
        Action::Demote => match demote(state) {
            ToDemote::Already => (NOTHING, Code::Success),
            ToDemote::Start => ("starts it as a standby", Code::Success),
            ToDemote::Restart => ("stops it, starts it as a standby", Code::Success),
            ToDemote::Fail(code) => (NOTHING, code),
        },
        Action::Notify
        | Action::Reload
        | Action::ReloadAgent
        | Action::ValidateAll
        | Action::MetaData
        | Action::Methods => (NOTHING, Code::Success),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_stopped_if_and_only_if_it_runs() {
        for state in STATES {
            let stops = [ToStop::Stop, ToStop::StopAtOnce].contains(&stop(state));
            assert_eq!(stops, state.runs(), "{state:?}");
            let restarts = demote(state) == ToDemote::Restart;
            assert!(!restarts || state.runs(), "{state:?}");
        }
    }

    #[test]
    fn only_a_dead_server_is_started() {
        for state in STATES {
            let starts = start(state) == ToStart::Start
                || demote(state) == ToDemote::Start
                || promote(state) == ToPromote::StartAndElect;
            assert!(!starts || !state.runs(), "{state:?}");
        }
    }

    #[test]
    fn nothing_stops_the_whole_cluster() {
        for (state, action) in STATES
            .into_iter()
            .flat_map(|state| Action::ALL.map(|action| (state, action)))
        {
            assert_ne!(
                cell(action, state).1,
                Code::Configured,
                "{action:?} {state:?}"
            );
        }
    }
}
