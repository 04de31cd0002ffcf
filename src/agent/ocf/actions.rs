//! The actions, declared once: the name of each and what the metadata advertises of it. Knows nothing of
//! how an action is carried out.

use std::time::Duration;

/// An action that Pacemaker, or a person at a terminal, may request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Starts the server as a standby.
    Start,
    /// Stops the server.
    Stop,
    /// Reports the state of the server.
    Monitor,
    /// The same as `Monitor`; OCF defines this name for people.
    Status,
    /// Makes a standby a primary.
    Promote,
    /// Makes a primary a standby.
    Demote,
    /// Handles a notification of a change to the cluster.
    Notify,
    /// Applies new parameters without a restart, as Pacemaker before 2.1 requests it.
    Reload,
    /// The same as `Reload`, as Pacemaker requests it since 2.1.
    ReloadAgent,
    /// Validates the parameters and the server's configuration.
    ValidateAll,
    /// Prints the agent's metadata.
    MetaData,
    /// Prints the names of the actions.
    Methods,
}

/// An action as the metadata advertises it. Tools propose these values, and an administrator may change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// The action.
    pub action: Action,
    /// Timeout.
    pub timeout: Duration,
    /// Interval and role of a recurring monitor; `None` for other actions.
    pub repeated: Option<Repeated>,
}

/// Interval and role of a recurring monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Interval. It must differ between monitors: Pacemaker distinguishes them by their intervals.
    pub interval: Duration,
    /// The role in which the monitor runs.
    pub role: OcfRole,
}

/// A role, by the name that OCF gives it since 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OcfRole {
    /// A primary.
    Promoted,
    /// A standby.
    Unpromoted,
}

impl OcfRole {
    /// Returns the role's name in OCF.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Promoted => "Promoted",
            Self::Unpromoted => "Unpromoted",
        }
    }
}

const fn once(action: Action, seconds: u64) -> Advertised {
    Advertised {
        action,
        timeout: Duration::from_secs(seconds),
        repeated: None,
    }
}

const fn monitor(role: OcfRole, seconds: u64) -> Advertised {
    Advertised {
        action: Action::Monitor,
        timeout: Duration::from_secs(10),
        repeated: Some(Repeated {
            interval: Duration::from_secs(seconds),
            role,
        }),
    }
}

/// The advertised actions, with the timeouts and intervals of PAF.
pub const ADVERTISED: [Advertised; 12] = [
    once(Action::Start, 60),
    once(Action::Stop, 60),
    once(Action::Reload, 20),
    once(Action::ReloadAgent, 20),
    once(Action::Promote, 30),
    // A stop and a start.
    once(Action::Demote, 120),
    monitor(OcfRole::Promoted, 15),
    monitor(OcfRole::Unpromoted, 16),
    once(Action::Notify, 60),
    once(Action::MetaData, 5),
    once(Action::ValidateAll, 5),
    once(Action::Methods, 5),
];

impl Action {
    /// Every action.
    pub const ALL: [Self; 12] = [
        Self::Start,
        Self::Stop,
        Self::Monitor,
        Self::Status,
        Self::Promote,
        Self::Demote,
        Self::Notify,
        Self::Reload,
        Self::ReloadAgent,
        Self::ValidateAll,
        Self::MetaData,
        Self::Methods,
    ];

    /// Returns the action's name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Monitor => "monitor",
            Self::Status => "status",
            Self::Promote => "promote",
            Self::Demote => "demote",
            Self::Notify => "notify",
            Self::Reload => "reload",
            Self::ReloadAgent => "reload-agent",
            Self::ValidateAll => "validate-all",
            Self::MetaData => "meta-data",
            Self::Methods => "methods",
        }
    }

    /// Returns the action with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_known_by_its_name_alone() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.name()), Some(action));
        }
        for wrong in ["", "Start", "usage", "migrate_to", "reload_agent"] {
            assert_eq!(Action::parse(wrong), None);
        }
    }

    #[test]
    fn every_action_but_status_is_advertised() {
        for action in Action::ALL {
            let is_advertised = ADVERTISED.iter().any(|one| one.action == action);
            assert_eq!(is_advertised, action != Action::Status, "{action:?}");
        }
    }

    #[test]
    fn no_two_monitors_have_the_same_interval() {
        let repeated = ADVERTISED.iter().filter_map(|one| one.repeated);
        let intervals: Vec<Duration> = repeated.map(|one| one.interval).collect();
        assert!(intervals.len() == 2 && intervals[0] != intervals[1]);
    }

    #[test]
    fn a_demotion_may_take_as_long_as_a_stop_and_a_start() {
        let timeout = |action| {
            let one = ADVERTISED.iter().find(|one| one.action == action);
            one.unwrap().timeout
        };
        assert!(timeout(Action::Demote) >= timeout(Action::Stop) + timeout(Action::Start));
    }
}
