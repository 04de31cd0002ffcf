//! Facts from a CIB, the XML that `cibadmin --query` prints (Pacemaker Explained); judges nothing.
//!
//! - `reading`: from the elements to the facts.

mod reading;

use std::collections::BTreeMap;

use crate::base::xml::XmlError;

/// What matters of a cluster's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cib {
    /// The cluster's options, by their names.
    pub options: BTreeMap<String, String>,
    /// What fences; a watchdog that is waited for has no name.
    pub devices: Vec<Device>,
    /// Nodes in maintenance.
    pub maintained_nodes: Vec<String>,
    /// The resources that run PostgreSQL.
    pub resources: Vec<PostgresResource>,
    /// Sets of values that count on some nodes or at some times.
    pub conditional: Vec<String>,
}

/// Something that fences nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What the resource is called; none of a watchdog.
    pub id: Option<String>,
    /// Whether it is used.
    pub state: DeviceState,
}

/// Whether Pacemaker uses a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// It does.
    Used,
    /// It is to be stopped, and then it is not used for fencing either.
    Stopped,
}

/// An agent for PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostgresAgent {
    /// This one, and PAF's.
    Pgsqlms,
    /// That of resource-agents, with `rep_mode`.
    PgsqlReplicating,
    /// The same without: one server, which is started and stopped.
    PgsqlAlone,
}

/// A primitive of an agent for PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresResource {
    /// What it is called.
    pub id: String,
    /// Whose agent it is.
    pub agent: PostgresAgent,
    /// What makes it run on several nodes.
    pub clone: Option<Cloned>,
    /// Its options, its own and those that it takes from what it is in.
    pub meta: BTreeMap<String, String>,
    /// Its operations.
    pub operations: Vec<CibOperation>,
}

/// What makes a resource run on several nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloned {
    /// What it is called.
    pub id: String,
    /// What it is.
    pub kind: CloneKind,
    pub(super) meta: BTreeMap<String, String>,
}

/// The ways to clone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloneKind {
    /// A clone, or `master` as it was called before Pacemaker 2.
    Clone,
    /// A bundle of containers, whose options Pacemaker sets.
    Bundle,
}

/// An operation of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CibOperation {
    /// What it is called.
    pub id: String,
    /// `start`, `monitor` and so on.
    pub name: String,
    /// The role in which it is done, as it is written.
    pub role: Option<String>,
    /// How often, in milliseconds; none where it is not understood.
    pub interval: Option<u64>,
    /// The same as it is written.
    pub written: String,
    /// The one that it has, or that all have, as it is written.
    pub timeout: Option<String>,
}

impl Cib {
    /// Reads the text.
    pub fn read(text: &str) -> Result<Self, XmlError> {
        reading::read(text)
    }

    /// An option with the name under which it is set: the first of these, as Pacemaker prefers its newer names.
    #[must_use]
    pub fn option<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &str)> {
        let mut names = names.iter();
        names.find_map(|name| Some((*name, self.options.get(*name)?.as_str())))
    }
}

impl PostgresAgent {
    /// Whether it promotes one of several servers.
    #[must_use]
    pub fn promotes(self) -> bool {
        match self {
            Self::Pgsqlms | Self::PgsqlReplicating => true,
            Self::PgsqlAlone => false,
        }
    }
}

impl Cloned {
    /// Whether instances of it are promoted.
    #[must_use]
    pub fn is_promotable(&self) -> bool {
        is_set(&self.meta, "promotable")
    }

    /// Whether instances are told what becomes of others.
    #[must_use]
    pub fn notifies(&self) -> bool {
        is_set(&self.meta, "notify")
    }

    /// How many are promoted at once, where it is said, with the name under which it is.
    #[must_use]
    pub fn promoted_max(&self) -> Option<(&'static str, &str)> {
        let mut names = ["promoted-max", "master-max"].into_iter();
        names.find_map(|name| Some((name, self.meta.get(name)?.as_str())))
    }
}

impl CibOperation {
    /// Whether it looks again and again.
    #[must_use]
    pub fn is_monitor(&self) -> bool {
        self.name == "monitor" && self.interval != Some(0)
    }

    /// Whether it is for the primary; without a role it is for whoever is started and not promoted.
    #[must_use]
    pub fn is_of_promoted(&self) -> bool {
        let role = self.role.as_deref().unwrap_or_default();
        ["promoted", "master"].contains(&role.to_ascii_lowercase().as_str())
    }
}

/// Whether a name has a value that means yes.
pub(super) fn is_set(values: &BTreeMap<String, String>, name: &str) -> bool {
    values.get(name).is_some_and(|value| is_true(value))
}

/// As Pacemaker reads a boolean (`crm_str_to_boolean`).
pub(super) fn is_true(value: &str) -> bool {
    ["true", "on", "yes", "y", "1"].contains(&value.trim().to_ascii_lowercase().as_str())
}

/// As Pacemaker reads an interval, in seconds where it has no unit (`crm_get_msec`).
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
