//! The actions, declared once: what Pacemaker calls them and what is advertised of each. Knows nothing of
//! how they are done.

use std::time::Duration;

/// What Pacemaker, or somebody at a terminal, may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Starts the server as a standby.
    Start,
    /// Stops it.
    Stop,
    /// Tells what it is doing.
    Monitor,
    /// The same, as OCF calls it for people.
    Status,
    /// Makes a standby a primary.
    Promote,
    /// Makes a primary a standby.
    Demote,
    /// Takes note of a change to the cluster.
    Notify,
    /// Takes new parameters without a restart, as Pacemaker before 2.1 asks for it.
    Reload,
    /// The same since then.
    ReloadAgent,
    /// Says whether the parameters and the server's configuration fit.
    ValidateAll,
    /// Describes the agent.
    MetaData,
    /// Names the actions.
    Methods,
}

/// An action as it is advertised: what tools propose, and people may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// Which.
    pub action: Action,
    /// How long it may take.
    pub timeout: Duration,
    /// How often it is repeated, by whom.
    pub repeated: Option<Repeated>,
}

/// How often a monitor is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// From one to the next. No two may be the same: Pacemaker tells them apart by it.
    pub interval: Duration,
    /// In which role.
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
    /// Its name.
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

/// What is advertised, with PAF's times.
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

    /// Its name, on the command line.
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

    /// By its name.
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
    fn every_action_but_the_alias_is_advertised() {
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
