//! Parses what one call of the agent requests, from its action and the variables of its environment. Reads no
//! environment: callers pass the variables as a map.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use super::flaw::Flaw;
use super::lenient_parameters::{FindRunning, Unidentified, leniently};
use crate::agent::decide::scores::Attributes;
use crate::agent::decide::scores::attributes::ResourceError;
use crate::agent::ocf::actions::{ADVERTISED, Action};
use crate::agent::ocf::clone::{self, CloneError, Size, TakenFor, Untold};
use crate::agent::ocf::code::Code;
use crate::agent::ocf::metadata::metadata;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::{
    Notification, NotificationError, NotificationType, NotifiedOperation, TransitionPlan,
};
use crate::agent::ocf::parameters::{Lenient, ParameterError, Parameters};

/// The name of the resource (OCF 1.1, "Environment variables").
const RESOURCE: &str = "OCF_RESOURCE_INSTANCE";
/// What Pacemaker passes in addition to the parameters; times are in milliseconds.
const TIMEOUT: &str = "OCF_RESKEY_CRM_meta_timeout";
const INTERVAL: &str = "OCF_RESKEY_CRM_meta_interval";
const NODE: &str = "OCF_RESKEY_CRM_meta_on_node";

/// What a call requests.
#[derive(Debug)]
pub(super) enum AgentRequest {
    /// To print this text, whatever the environment is.
    Text(String),
    /// To carry out a task.
    Task(Box<Invocation>),
}

/// A task, and everything that was passed with it.
#[derive(Debug)]
pub(super) struct Invocation {
    /// The task.
    pub(super) task: Task,
    /// The names of the resource's attributes.
    pub(super) attributes: Attributes,
    /// The parameters.
    pub(super) parameters: Parameters,
    /// The timeout of the operation.
    pub(super) timeout: Duration,
    /// The node on which it runs, if that was passed.
    pub(super) node: Option<Node>,
    /// The size of the clone.
    pub(super) size: Size,
    /// The role that the cluster believes the instance to have.
    pub(super) taken_for: TakenFor,
    /// The transition that it is part of, if that was passed.
    pub(super) plan: TransitionPlan,
    /// What is wrong but does not prevent the task.
    pub(super) warnings: Vec<String>,
    /// What a probe reports instead of a result that says that no server runs.
    pub(super) flaw: Option<Flaw>,
}

/// The task of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// The action `start`.
    Start,
    /// The action `stop`.
    Stop,
    /// The action `monitor` or `status`.
    Monitor,
    /// The action `monitor` that is not repeated: after a node has joined, or its failures have been cleaned up.
    Probe,
    /// The action `promote`.
    Promote,
    /// The action `demote`.
    Demote,
    /// The action `notify`, with the type and the operation of the notification.
    Notify(NotificationType, NotifiedOperation),
    /// The action `validate-all`.
    ValidateAll,
    /// The action `reload` or `reload-agent`: to apply new parameters, which every call does.
    Reload,
}

impl Task {
    /// Returns the action of the task.
    pub(super) fn action(self) -> Action {
        match self {
            Self::Start => Action::Start,
            Self::Stop => Action::Stop,
            Self::Monitor | Self::Probe => Action::Monitor,
            Self::Promote => Action::Promote,
            Self::Demote => Action::Demote,
            Self::Notify(_, _) => Action::Notify,
            Self::ValidateAll => Action::ValidateAll,
            Self::Reload => Action::ReloadAgent,
        }
    }
}

/// Why a call is refused.
#[derive(Debug, Error)]
pub(super) enum InvocationError {
    /// The name of the resource was not passed.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// The resource or Pacemaker does not meet the requirements.
    #[error(transparent)]
    Clone(#[from] CloneError),
    /// A parameter that the task needs is wrong.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A parameter that identifies the server is wrong, and no running server takes its place.
    #[error(transparent)]
    Unidentified(#[from] Unidentified),
    /// The notification cannot be parsed.
    #[error("cannot parse the notification: {0}")]
    Notification(NotificationError),
}

impl InvocationError {
    /// Returns the exit status of a call for an action.
    pub(super) fn code(&self, action: Action) -> Code {
        match self {
            // A reload that fails has Pacemaker stop the server, on every node at once.
            _ if matches!(action, Action::Reload | Action::ReloadAgent) => Code::Success,
            Self::Unidentified(Unidentified::Nowhere(error)) => match action {
                // The start was refused for the same reason. A stop that fails would have the host fenced.
                Action::Stop | Action::Notify => Code::Success,
                Action::Start
                | Action::Monitor
                | Action::Status
                | Action::Promote
                | Action::Demote
                | Action::Reload
                | Action::ReloadAgent
                | Action::ValidateAll
                | Action::MetaData
                | Action::Methods => error.code(),
            },
            // A server may run: what is not proven is neither a stop nor a role. A notification cannot fail.
            Self::Unidentified(Unidentified::Doubtful(..)) if action == Action::Notify => {
                Code::Success
            }
            Self::Unidentified(Unidentified::Doubtful(..)) => Code::Generic,
            Self::Resource(_) => Code::Args,
            Self::Clone(error) => error.code(),
            Self::Parameter(error) => error.code(),
            // A notification cannot fail (OCF 1.1, "Actions"); a promotion, which then does not know the plan,
            // reports that itself.
            Self::Notification(_) => Code::Success,
        }
    }
}

/// What has to be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rigor {
    /// Everything that Pacemaker passes to a clone.
    Strict,
    /// Everything that was passed.
    AsTold,
    /// What the task needs: a server may run, and a misspelt value is not its failure.
    Lenient,
}

impl Invocation {
    /// Parses the variables of an environment. If they do not identify the server, one is searched for that was
    /// started for the resource.
    pub(super) fn read(
        action: Action,
        variables: &BTreeMap<String, String>,
        running: FindRunning<'_>,
    ) -> Result<AgentRequest, InvocationError> {
        let mut told = None;
        let (task, rigor) = match action {
            Action::MetaData => return Ok(AgentRequest::Text(metadata())),
            Action::Methods => return Ok(AgentRequest::Text(methods())),
            Action::Reload | Action::ReloadAgent => (Task::Reload, Rigor::Strict),
            Action::Start => (Task::Start, Rigor::Strict),
            Action::ValidateAll => (Task::ValidateAll, Rigor::AsTold),
            Action::Monitor | Action::Status if is_probe(variables) => {
                (Task::Probe, Rigor::Lenient)
            }
            Action::Monitor | Action::Status => (Task::Monitor, Rigor::Lenient),
            Action::Stop => (Task::Stop, Rigor::Lenient),
            Action::Promote => (Task::Promote, Rigor::Lenient),
            Action::Demote => (Task::Demote, Rigor::Lenient),
            Action::Notify => {
                let Notification {
                    moment,
                    operation,
                    plan,
                } = Notification::parse(variables).map_err(InvocationError::Notification)?;
                told = Some(plan);
                (Task::Notify(moment, operation), Rigor::Lenient)
            }
        };
        let resource = variables.get(RESOURCE).map_or("", String::as_str);
        let attributes: Attributes = resource.parse()?;
        let node = variables.get(NODE).and_then(|name| name.parse().ok());
        let mut warnings = Vec::new();
        let mut flaw = None;
        let parameters = match rigor {
            Rigor::Strict => {
                clone::examine(variables, Untold::Wrong)?;
                Parameters::parse(variables)?
            }
            Rigor::AsTold => {
                clone::examine(variables, Untold::Unknown)?;
                Parameters::parse(variables)?
            }
            Rigor::Lenient => {
                let whose = (attributes.resource(), node.as_ref());
                let Lenient { parameters, wrong } =
                    leniently(variables, whose, running, &mut warnings)?;
                let told = wrong
                    .iter()
                    .map(|error| format!("{error}; its default is used"));
                warnings.extend(told);
                if task == Task::Probe {
                    let unfit = clone::examine(variables, Untold::Wrong).err();
                    warnings.extend(unfit.as_ref().map(CloneError::to_string));
                    flaw = unfit
                        .map(Flaw::from)
                        .or_else(|| wrong.into_iter().next().map(Flaw::from));
                }
                parameters
            }
        };
        let plan = told.map_or_else(|| TransitionPlan::parse(variables), Ok);
        let plan = plan.unwrap_or_else(|error| {
            warnings.push(format!("cannot parse the planned transition: {error}"));
            TransitionPlan::default()
        });
        Ok(AgentRequest::Task(Box::new(Self {
            task,
            attributes,
            parameters,
            timeout: milliseconds(variables, TIMEOUT)
                .filter(|timeout| !timeout.is_zero())
                .unwrap_or_else(|| advertised(action)),
            node,
            size: Size::of(variables),
            taken_for: TakenFor::of(variables),
            plan,
            warnings,
            flaw,
        })))
    }
}

/// Returns whether a monitor is a probe, which is not repeated: it looks for a server that the cluster has not started
/// yet.
fn is_probe(variables: &BTreeMap<String, String>) -> bool {
    let interval = milliseconds(variables, INTERVAL);
    interval.is_none_or(|interval| interval.is_zero())
}

fn milliseconds(variables: &BTreeMap<String, String>, name: &str) -> Option<Duration> {
    let number = variables.get(name)?.parse().ok()?;
    Some(Duration::from_millis(number))
}

/// Returns the timeout of an action if none was passed: the advertised one, for `status` that of `monitor`.
fn advertised(action: Action) -> Duration {
    let named = match action {
        Action::Status => Action::Monitor,
        Action::Start
        | Action::Stop
        | Action::Monitor
        | Action::Promote
        | Action::Demote
        | Action::Notify
        | Action::Reload
        | Action::ReloadAgent
        | Action::ValidateAll
        | Action::MetaData
        | Action::Methods => action,
    };
    let mut all = ADVERTISED.iter();
    let one = all.find(|one| one.action == named);
    one.map_or(Duration::ZERO, |one| one.timeout)
}

/// Returns the names of the actions, one on each line.
fn methods() -> String {
    let names = Action::ALL.iter().map(|action| [action.name(), "\n"]);
    names.flatten().collect()
}

#[cfg(test)]
mod tests;
