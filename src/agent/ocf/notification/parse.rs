//! Parses variables into a notification, or into an error that says what is wrong with them. Reads no
//! environment: callers pass the variables as a map.

use std::collections::BTreeMap;

use thiserror::Error;

use super::variables::{
    ACTIVE, DEMOTE, List, OPERATION, PROMOTE, PROMOTED, START, STOP, TYPE, UNPROMOTED, Variables,
};
use super::{CloneInstance, Notification, NotificationType, NotifiedOperation, TransitionPlan};
use crate::agent::ocf::node::NodeError;

/// Why variables cannot be parsed as a notification.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotificationError {
    /// A variable that every notification has is not set: usually, the clone lacks `notify=true`.
    #[error("{0} is not set; is the clone's meta-attribute notify set to true?")]
    Missing(String),
    /// A variable has a value that it cannot have.
    #[error("{name} is {found:?}; {expected} was expected")]
    Word {
        /// The variable's name.
        name: String,
        /// Its value.
        found: String,
        /// The possible values.
        expected: &'static str,
    },
    /// The lists of instances and of their nodes differ in length.
    #[error("{resources} names {instances} instances and {unames} {nodes} nodes")]
    Uneven {
        /// The variable that lists the instances.
        resources: String,
        /// The number of instances.
        instances: usize,
        /// The variable that lists their nodes.
        unames: String,
        /// The number of nodes.
        nodes: usize,
    },
    /// A variable contains a word that cannot be the name of a node.
    #[error("{name} contains a word that cannot be the name of a node")]
    Node {
        /// The variable's name.
        name: String,
        /// Why the word cannot be a node's name.
        #[source]
        source: NodeError,
    },
}

impl Notification {
    /// Parses the variables of an environment, and ignores all others.
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
    /// Parses the lists. A list that is not set is empty.
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

/// Reads the list under the first of two names that is set.
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

/// Reads a list. Returns `None` if neither of its variables is set.
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
