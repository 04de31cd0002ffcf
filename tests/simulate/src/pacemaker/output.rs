//! What Pacemaker asks for. Knows nothing of why.

use std::sync::Arc;
use std::time::Duration;

use super::config::Node;
use super::input::ActionId;
use super::variables::CallVariables;

/// An action of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// `start`
    Start,
    /// `stop`
    Stop,
    /// `monitor`, also as a probe; the variable `CRM_meta_interval` tells them apart.
    Monitor,
    /// `promote`
    Promote,
    /// `demote`
    Demote,
    /// `notify`
    Notify,
    /// `reload-agent`
    ReloadAgent,
}

impl Action {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Monitor => "monitor",
            Self::Promote => "promote",
            Self::Demote => "demote",
            Self::Notify => "notify",
            Self::ReloadAgent => "reload-agent",
        }
    }
}

/// Something that the rest of the simulation has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Run the agent. The answer is [`super::Input::Done`].
    Run {
        /// The action's number.
        id: ActionId,
        /// Where.
        node: Node,
        /// What.
        action: Action,
        /// The environment as Pacemaker 2.1.5 makes it: `OCF_RESKEY_…`, `OCF_RESOURCE_INSTANCE` and so on.
        variables: Arc<CallVariables>,
        /// How long it may take. Pacemaker kills it then by itself.
        timeout: Duration,
    },
    /// The action took too long, or is cancelled with its host's Pacemaker: it is killed. No answer is
    /// wanted.
    Kill {
        /// Which.
        id: ActionId,
    },
    /// Have a node fenced. The answer is [`super::Input::Fenced`]; a node that was fenced is
    /// [`super::Input::HostDown`] before.
    Fence {
        /// Which.
        node: Node,
    },
    /// What Pacemaker says in its log, for a person who reads the history.
    Note(String),
}
