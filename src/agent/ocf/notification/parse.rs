//! From variables to a notification, or to the sentence that says what is wrong with them. Knows no
//! environment: whoever does hands a map in.

use std::collections::BTreeMap;

use thiserror::Error;

use super::variables::{
    ACTIVE, DEMOTE, List, OPERATION, PROMOTE, PROMOTED, START, STOP, TYPE, UNPROMOTED, Variables,
};
use super::{CloneInstance, Notification, NotificationType, NotifiedOperation, TransitionPlan};
use crate::agent::ocf::node::NodeError;

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
        let moment = match required(variables, TYPE)? {
            "pre" => NotificationType::Before,
            "post" => NotificationType::After,
            found => return Err(wrong(TYPE, found, "\"pre\" or \"post\"")),
        };
        let operation = match required(variables, OPERATION)? {
            "start" => NotifiedOperation::Start,
            "stop" => NotifiedOperation::Stop,
            "promote" => NotifiedOperation::Promote,
            "demote" => NotifiedOperation::Demote,
            found => {
                let expected = "\"start\", \"stop\", \"promote\" or \"demote\"";
                return Err(wrong(OPERATION, found, expected));
            }
        };
        Ok(Self {
            moment,
            operation,
            plan: TransitionPlan::parse(environment)?,
        })
    }
}

impl TransitionPlan {
    /// Reads the lists, each of which is empty where it is not set.
    pub fn parse(environment: &BTreeMap<String, String>) -> Result<Self, NotificationError> {
        let variables = Variables(environment);
        let list = |list: List| read_list(variables, list).map(Option::unwrap_or_default);
        let promoted = either(variables, PROMOTED)?;
        let unpromoted = either(variables, UNPROMOTED)?;
        let active = match read_list(variables, ACTIVE)? {
            Some(active) => active,
            None => [promoted.clone(), unpromoted.clone()].concat(),
        };
        Ok(Self {
            start: list(START)?,
            stop: list(STOP)?,
            promote: list(PROMOTE)?,
            demote: list(DEMOTE)?,
            active,
            promoted,
            unpromoted,
        })
    }
}

fn required<'a>(
    variables: Variables<'a>,
    name: &'static str,
) -> Result<&'a str, NotificationError> {
    let value = variables.get(name).map(str::trim);
    let value = value.filter(|value| !value.is_empty());
    value.ok_or_else(|| NotificationError::Missing(name.into()))
}

fn wrong(name: &'static str, found: &str, expected: &'static str) -> NotificationError {
    NotificationError::Word {
        name: name.into(),
        found: found.into(),
        expected,
    }
}

/// A list under the first of two names that is set.
fn either(
    variables: Variables<'_>,
    [name, before]: [List; 2],
) -> Result<Vec<CloneInstance>, NotificationError> {
    let list = match read_list(variables, name)? {
        Some(list) => Some(list),
        None => read_list(variables, before)?,
    };
    Ok(list.unwrap_or_default())
}

/// A list. None where neither of its variables is set.
fn read_list(
    variables: Variables<'_>,
    list: List,
) -> Result<Option<Vec<CloneInstance>>, NotificationError> {
    let Some([resources, unames]) = variables.words(list) else {
        return Ok(None);
    };
    let (instances, nodes) = (resources.clone().count(), unames.clone().count());
    if instances != nodes {
        return Err(NotificationError::Uneven {
            resources: list.resources.into(),
            instances,
            unames: list.unames.into(),
            nodes,
        });
    }
    let both = resources.zip(unames);
    let instances = both.map(|(resource, node)| {
        let node = node.parse().map_err(|source| NotificationError::Node {
            name: list.unames.into(),
            source,
        })?;
        Ok(CloneInstance {
            resource: resource.into(),
            node,
        })
    });
    instances.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests;
