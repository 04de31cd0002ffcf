//! What one call of the agent asks for, from its action and the variables of its environment. Knows no
//! environment: whoever does hands a map in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::flaw::Flaw;
use super::leniency::leniently;
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
/// What Pacemaker tells beside the parameters; times are in milliseconds.
const TIMEOUT: &str = "OCF_RESKEY_CRM_meta_timeout";
const INTERVAL: &str = "OCF_RESKEY_CRM_meta_interval";
const NODE: &str = "OCF_RESKEY_CRM_meta_on_node";
/// Where the running server of a resource on a node has its data directory, or one that was started with a directory.
pub(super) type FindRunning<'a> =
    &'a dyn Fn(&Attributes, Option<&Node>, Option<&Path>) -> Option<PathBuf>;

/// What a call comes to.
#[derive(Debug)]
pub(super) enum AgentRequest {
    /// To print this, whatever the environment is like.
    Text(String),
    /// To do something.
    Task(Box<Invocation>),
}

/// Something to do, and everything that was told of it.
#[derive(Debug)]
pub(super) struct Invocation {
    /// What.
    pub(super) task: Task,
    /// The names of the resource's attributes.
    pub(super) attributes: Attributes,
    /// The parameters.
    pub(super) parameters: Parameters,
    /// How long it may take.
    pub(super) timeout: Duration,
    /// Where it runs, if that was told.
    pub(super) node: Option<Node>,
    /// How many instances there may be.
    pub(super) size: Size,
    /// What the cluster takes the instance for.
    pub(super) taken_for: TakenFor,
    /// What is planned beside it, if that was told.
    pub(super) plan: TransitionPlan,
    /// What is wrong and does not matter now.
    pub(super) warnings: Vec<String>,
    /// What a probe is to say in the place of an answer that says that nothing runs.
    pub(super) flaw: Option<Flaw>,
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// The action of this name.
    Start,
    /// The same.
    Stop,
    /// The same, also as `status`.
    Monitor,
    /// The same, where it is not repeated: after a node has come, or its failures have been forgotten.
    Probe,
    /// The same.
    Promote,
    /// The same.
    Demote,
    /// The same, with what it is about.
    Notify(NotificationType, NotifiedOperation),
    /// The same.
    ValidateAll,
    /// The same, also as `reload-agent`: to take new parameters, which every call does.
    Reload,
}

impl Task {
    /// Which action that is.
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

/// Why nothing is done.
#[derive(Debug, Error)]
pub(super) enum InvocationError {
    /// Nobody said for which resource.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// The resource, or Pacemaker, is not of the right kind.
    #[error(transparent)]
    Clone(#[from] CloneError),
    /// A parameter is wrong that this cannot be done without.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A parameter is wrong that says which server it is, and none is seen to run that was started for the resource.
    #[error("{0}; no server of this resource is seen to run here")]
    Nowhere(ParameterError),
    /// A notification makes no sense.
    #[error("the notification is not understood: {0}")]
    Notification(NotificationError),
}

impl InvocationError {
    /// What a call for an action ends with.
    pub(super) fn code(&self, action: Action) -> Code {
        match self {
            // One that fails has Pacemaker stop the server, on every node at once.
            _ if matches!(action, Action::Reload | Action::ReloadAgent) => Code::Success,
            Self::Nowhere(error) => match action {
                // After a start that was refused for the same. One that fails would have the host fenced.
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
            Self::Resource(_) => Code::Args,
            Self::Clone(error) => error.code(),
            Self::Parameter(error) => error.code(),
            // A notification cannot fail (OCF 1.1, "Actions"); what does not know what is planned, a promotion,
            // says so itself.
            Self::Notification(_) => Code::Success,
        }
    }
}

/// How much has to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rigor {
    /// Everything that Pacemaker tells.
    Strict,
    /// Everything that is told.
    AsTold,
    /// What cannot be done without: a server may run, and a mistake in writing is not its failure.
    Lenient,
}

impl Invocation {
    /// Reads the variables of an environment. Where they do not say which server it is, one is looked for that was
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
                let look = |pgdata: Option<&Path>| running(&attributes, node.as_ref(), pgdata);
                let Lenient { parameters, wrong } =
                    leniently(variables, &look, &mut warnings).map_err(InvocationError::Nowhere)?;
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
            warnings.push(format!("what is planned is not understood: {error}"));
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

/// A monitor that is not repeated is a probe: the first look at a server that nobody has started yet.
fn is_probe(variables: &BTreeMap<String, String>) -> bool {
    let interval = milliseconds(variables, INTERVAL);
    interval.is_none_or(|interval| interval.is_zero())
}

fn milliseconds(variables: &BTreeMap<String, String>, name: &str) -> Option<Duration> {
    let number = variables.get(name)?.parse().ok()?;
    Some(Duration::from_millis(number))
}

/// How long an action may take where nobody says: as it is advertised, or its alias.
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

/// The names of the actions, one a line, as they are advertised.
fn methods() -> String {
    let names = Action::ALL.iter().map(|action| [action.name(), "\n"]);
    names.flatten().collect()
}

#[cfg(test)]
mod tests;
