//! Extracts facts from a CIB, the XML that `cibadmin --query` prints (Pacemaker Explained); judges nothing.
//!
//! - `reading`: converts the elements into the facts.

mod reading;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::base::xml::{Element, XmlError};

/// The facts about a cluster's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cib {
    /// The cluster's options by name.
    pub options: BTreeMap<String, String>,
    /// The fencing devices; a watchdog has no name.
    pub devices: Vec<Device>,
    /// The nodes in maintenance.
    pub maintained_nodes: Vec<String>,
    /// The resources that run PostgreSQL.
    pub resources: Vec<PostgresResource>,
    /// The ids of sets that apply only on some nodes or at some times.
    pub conditional: Vec<String>,
}

/// A fencing device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The id of the resource; `None` for a watchdog.
    pub id: Option<String>,
    /// Whether Pacemaker uses it.
    pub state: DeviceState,
}

/// Whether Pacemaker uses a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Pacemaker fences with it.
    Used,
    /// Its `target-role` is `Stopped`, so Pacemaker does not fence with it.
    Stopped,
}

/// A resource agent for PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostgresAgent {
    /// `pgsqlms`, of this project or of PAF.
    Pgsqlms,
    /// `pgsql` of resource-agents with `rep_mode`.
    PgsqlReplicating,
    /// `pgsql` without `rep_mode`: a single server, which is only started and stopped.
    PgsqlAlone,
}

/// A primitive with an agent for PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresResource {
    /// The id of the primitive.
    pub id: String,
    /// Its agent.
    pub agent: PostgresAgent,
    /// The clone or bundle that runs it on several nodes.
    pub clone: Option<Cloned>,
    /// Its meta attributes, both its own and inherited ones.
    pub meta: BTreeMap<String, String>,
    /// Its operations.
    pub operations: Vec<CibOperation>,
}

/// A clone or bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloned {
    /// The id of the clone or bundle.
    pub id: String,
    /// Whether it is a clone or a bundle.
    pub kind: CloneKind,
    pub(super) meta: BTreeMap<String, String>,
}

/// How a resource is cloned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloneKind {
    /// A `clone` element, or `master` as before Pacemaker 2.
    Clone,
    /// A bundle of containers, whose options Pacemaker sets.
    Bundle,
}

/// An operation of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CibOperation {
    /// The id of the operation.
    pub id: String,
    /// The action: `start`, `monitor` and so on.
    pub name: String,
    /// The role in which it runs, as it is written.
    pub role: Option<String>,
    /// The interval in milliseconds; `None` if it cannot be parsed.
    pub interval: Option<u64>,
    /// The interval as it is written.
    pub written: String,
    /// The operation's timeout or the default for all operations, as it is written.
    pub timeout: Option<String>,
}

impl Cib {
    /// Reads the output of `cibadmin --query`.
    ///
    /// # Errors
    ///
    /// [`XmlError`] if the text is not XML or has no `configuration`.
    pub fn read(text: &str) -> Result<Self, XmlError> {
        Self::of(&Element::read(text)?)
    }

    /// Reads a CIB that is parsed already.
    ///
    /// # Errors
    ///
    /// [`XmlError`] if it has no `configuration`.
    pub fn of(root: &Element) -> Result<Self, XmlError> {
        reading::read(root)
    }

    /// The first of these options that is set, with its name. Pacemaker prefers an option's newer name: list it first.
    #[must_use]
    pub fn option<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &str)> {
        let mut names = names.iter();
        names.find_map(|name| Some((*name, self.options.get(*name)?.as_str())))
    }
}

/// Why Pacemaker does nothing about a resource on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unattended {
    /// The whole cluster is in maintenance mode.
    #[error("the cluster is in maintenance mode")]
    Cluster,
    /// The node is in maintenance mode.
    #[error("this node is in maintenance mode")]
    Node,
    /// The resource is in maintenance mode.
    #[error("the resource is in maintenance mode")]
    Resource,
    /// The resource is not managed.
    #[error("the resource is not managed")]
    Unmanaged,
}

impl Cib {
    /// Returns why Pacemaker does nothing about a resource on a node; `None` if it manages it.
    #[must_use]
    pub fn unattended(&self, resource: &PostgresResource, node: &str) -> Option<Unattended> {
        let managed = resource.meta.get("is-managed");
        let managed = managed.or_else(|| self.options.get("is-managed-default"));
        if is_set(&self.options, "maintenance-mode") {
            Some(Unattended::Cluster)
        } else if self.maintained_nodes.iter().any(|one| one == node) {
            Some(Unattended::Node)
        } else if is_set(&resource.meta, "maintenance") {
            Some(Unattended::Resource)
        } else if managed.is_some_and(|managed| !is_true(managed)) {
            Some(Unattended::Unmanaged)
        } else {
            None
        }
    }
}

impl PostgresAgent {
    /// Whether the agent promotes one of several servers.
    #[must_use]
    pub fn promotes(self) -> bool {
        match self {
            Self::Pgsqlms | Self::PgsqlReplicating => true,
            Self::PgsqlAlone => false,
        }
    }
}

impl Cloned {
    /// Whether its instances can be promoted.
    #[must_use]
    pub fn is_promotable(&self) -> bool {
        is_set(&self.meta, "promotable")
    }

    /// Whether its instances are notified of actions on the other instances.
    #[must_use]
    pub fn notifies(&self) -> bool {
        is_set(&self.meta, "notify")
    }

    /// The maximum number of promoted instances, if it is set, with the name of the option.
    #[must_use]
    pub fn promoted_max(&self) -> Option<(&'static str, &str)> {
        let mut names = ["promoted-max", "master-max"].into_iter();
        names.find_map(|name| Some((name, self.meta.get(name)?.as_str())))
    }
}

impl CibOperation {
    /// Whether it is a recurring monitor.
    #[must_use]
    pub fn is_monitor(&self) -> bool {
        self.name == "monitor" && self.interval != Some(0)
    }

    /// Whether it is for the promoted role. An operation without a role is for instances that are not promoted.
    #[must_use]
    pub fn is_of_promoted(&self) -> bool {
        let role = self.role.as_deref().unwrap_or_default();
        ["promoted", "master"].contains(&role.to_ascii_lowercase().as_str())
    }
}

/// Whether the value of a name is true.
#[must_use]
pub fn is_set(values: &BTreeMap<String, String>, name: &str) -> bool {
    values.get(name).is_some_and(|value| is_true(value))
}

/// Parses a boolean as Pacemaker does (`crm_str_to_boolean`).
pub(super) fn is_true(value: &str) -> bool {
    ["true", "on", "yes", "y", "1"].contains(&value.trim().to_ascii_lowercase().as_str())
}

/// Parses an interval as Pacemaker does, in seconds if it has no unit (`crm_get_msec`).
pub(super) fn milliseconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let (digits, unit) = value.split_at_checked(end)?;
    let number: u64 = digits.parse().ok()?;
    let unit = unit.trim();
    let factor = match unit {
        "ms" | "msec" => 1,
        "" | "s" | "sec" => 1000,
        "m" | "min" => 60_000,
        "h" | "hr" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(factor)
}
