//! From variables to a notification, or to the sentence that says what is wrong with them. Knows no
//! environment: whoever does hands a map in.

use std::collections::BTreeMap;

use thiserror::Error;

use super::variables::Variables;
use super::{Instance, Moment, Notification, Operation, Plan};
use crate::agent::node::NodeError;

/// Why variables are no notification.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotificationError {
    /// One that every notification has is missing: the clone has no `notify=true`, mostly.
    #[error("{0} is not set; is the clone's meta-attribute notify set to true?")]
    Missing(String),
    /// One says something else than it can.
    #[error("{name} is {found:?}; {expected} was expected")]
    Word {
        /// The variable.
        name: String,
        /// What it says.
        found: String,
        /// What it could say.
        expected: &'static str,
    },
    /// Two that belong together have not as many words.
    #[error("{resources} names {instances} instances and {unames} {nodes} nodes")]
    Uneven {
        /// The variable with the instances.
        resources: String,
        /// How many it has.
        instances: usize,
        /// The variable with their nodes.
        unames: String,
        /// How many it has.
        nodes: usize,
    },
    /// One names something that is no node.
    #[error("{name} names a node that cannot be")]
    Node {
        /// The variable.
        name: String,
        /// Why it cannot be.
        #[source]
        source: NodeError,
    },
}

impl Notification {
    /// Reads the variables of an environment, of which others are passed over.
    pub fn parse(environment: &BTreeMap<String, String>) -> Result<Self, NotificationError> {
        let variables = Variables(environment);
        let moment = match required(variables, "type")? {
            "pre" => Moment::Before,
            "post" => Moment::After,
            found => return Err(wrong("type", found, "\"pre\" or \"post\"")),
        };
        let operation = match required(variables, "operation")? {
            "start" => Operation::Start,
            "stop" => Operation::Stop,
            "promote" => Operation::Promote,
            "demote" => Operation::Demote,
            found => {
                let expected = "\"start\", \"stop\", \"promote\" or \"demote\"";
                return Err(wrong("operation", found, expected));
            }
        };
        Ok(Self {
            moment,
            operation,
            plan: Plan::parse(environment)?,
        })
    }
}

impl Plan {
    /// Reads the lists, each of which is empty where it is not set.
    pub fn parse(environment: &BTreeMap<String, String>) -> Result<Self, NotificationError> {
        let variables = Variables(environment);
        let list = |name: &str| read_list(variables, name).map(Option::unwrap_or_default);
        let promoted = either(variables, "promoted", "master")?;
        let unpromoted = either(variables, "unpromoted", "slave")?;
        let active = match read_list(variables, "active")? {
            Some(active) => active,
            None => [promoted.clone(), unpromoted.clone()].concat(),
        };
        Ok(Self {
            start: list("start")?,
            stop: list("stop")?,
            promote: list("promote")?,
            demote: list("demote")?,
            active,
            promoted,
            unpromoted,
        })
    }
}

fn required<'a>(variables: Variables<'a>, name: &str) -> Result<&'a str, NotificationError> {
    let value = variables.get(name).map(str::trim);
    let value = value.filter(|value| !value.is_empty());
    value.ok_or_else(|| NotificationError::Missing(Variables::name(name)))
}

fn wrong(name: &str, found: &str, expected: &'static str) -> NotificationError {
    NotificationError::Word {
        name: Variables::name(name),
        found: found.into(),
        expected,
    }
}

/// A list under the name that it has since Pacemaker 2.1, or under the one it had before, which later ones
/// give it too.
fn either(
    variables: Variables<'_>,
    name: &str,
    before: &str,
) -> Result<Vec<Instance>, NotificationError> {
    let list = match read_list(variables, name)? {
        Some(list) => Some(list),
        None => read_list(variables, before)?,
    };
    Ok(list.unwrap_or_default())
}

/// A list, which is written as two: of instances and of their nodes. None where neither is set.
fn read_list(
    variables: Variables<'_>,
    name: &str,
) -> Result<Option<Vec<Instance>>, NotificationError> {
    let (resources, unames) = (format!("{name}_resource"), format!("{name}_uname"));
    let (instances, nodes) = match (variables.words(&resources), variables.words(&unames)) {
        (None, None) => return Ok(None),
        (instances, nodes) => (instances.unwrap_or_default(), nodes.unwrap_or_default()),
    };
    if instances.len() != nodes.len() {
        return Err(NotificationError::Uneven {
            resources: Variables::name(&resources),
            instances: instances.len(),
            unames: Variables::name(&unames),
            nodes: nodes.len(),
        });
    }
    let both = instances.into_iter().zip(nodes);
    let list = both.map(|(resource, node)| {
        let node = node.parse().map_err(|source| NotificationError::Node {
            name: Variables::name(&unames),
            source,
        })?;
        Ok(Instance {
            resource: resource.into(),
            node,
        })
    });
    list.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests;
