//! Facts from a CIB, the XML that `cibadmin --query` prints (Pacemaker Explained); judges nothing.

use std::collections::BTreeMap;

use crate::xml::{Element, XmlError};

/// What matters of a cluster's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cib {
    /// Whether nodes are fenced at all.
    pub fencing: Fencing,
    /// How many devices there are to do so; a watchdog that is waited for is one.
    pub devices: usize,
    /// The resources that run PostgreSQL.
    pub resources: Vec<Resource>,
}

/// `stonith-enabled`, on where it is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fencing {
    /// Nodes are fenced.
    On,
    /// They are not.
    Off,
}

/// A primitive of an agent for PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// What it is called.
    pub id: String,
    /// What makes it run on several nodes.
    pub clone: Option<Cloned>,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// A clone around a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloned {
    /// What it is called.
    pub id: String,
    meta: BTreeMap<String, String>,
}

/// An operation of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
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
    /// Whether it has one, or all have.
    pub has_timeout: bool,
}

/// The agents for a PostgreSQL that is promoted: this one and PAF's, and that of resource-agents.
const AGENTS: [&str; 2] = ["pgsqlms", "pgsql"];

impl Cib {
    /// Reads the text.
    pub fn read(text: &str) -> Result<Self, XmlError> {
        let root = Element::read(text)?;
        let configuration = root.all("configuration").next().ok_or(XmlError::End)?;
        let part = |name| configuration.all(name).next();
        let properties = part("crm_config").map(|part| part.pairs("cluster_property_set"));
        let properties = properties.unwrap_or_default();
        let is = |name: &str| properties.get(name).is_some_and(|value| is_true(value));
        // Where there is a watchdog and this is not 0, a node that is cut off resets itself.
        let waits = properties
            .get("stonith-watchdog-timeout")
            .is_some_and(|timeout| milliseconds(timeout) != Some(0));
        let resources = part("resources");
        let primitives = resources.map(Element::within).unwrap_or_default();
        let primitives = || {
            primitives
                .iter()
                .filter(|element| element.name == "primitive")
        };
        let devices = primitives()
            .filter(|it| it.attribute("class") == Some("stonith"))
            .count();
        let templates = resources.into_iter().flat_map(|all| all.all("template"));
        let surroundings = Surroundings {
            templates: templates.collect(),
            has_default_timeout: part("op_defaults")
                .is_some_and(|all| all.pairs("meta_attributes").contains_key("timeout")),
        };
        let enabled = properties
            .get("stonith-enabled")
            .is_none_or(|value| is_true(value));
        Ok(Self {
            fencing: if enabled { Fencing::On } else { Fencing::Off },
            devices: devices + usize::from(is("have-watchdog") && waits),
            resources: resources.map_or_else(Vec::new, |all| surroundings.resources(all)),
        })
    }
}

struct Surroundings<'e> {
    templates: Vec<&'e Element>,
    has_default_timeout: bool,
}

impl Surroundings<'_> {
    /// Those of a clone, or `master` as it was called before Pacemaker 2, and those of none; in groups too.
    fn resources(&self, all: &Element) -> Vec<Resource> {
        let mut found = Vec::new();
        for element in all.children() {
            let clone = match element.name.as_str() {
                "clone" => Some(Cloned::read(element, "false")),
                "master" => Some(Cloned::read(element, "true")),
                _ => None,
            };
            let inside = element.within().into_iter().chain([element]);
            let primitives = inside.filter(|element| element.name == "primitive");
            found
                .extend(primitives.filter_map(|primitive| self.resource(primitive, clone.clone())));
        }
        found
    }

    fn resource(&self, primitive: &Element, clone: Option<Cloned>) -> Option<Resource> {
        let template = primitive.attribute("template").and_then(|id| {
            let mut templates = self.templates.iter();
            templates.find(|template| template.attribute("id") == Some(id))
        });
        let template = template.copied();
        let kind = primitive
            .attribute("type")
            .or_else(|| template?.attribute("type"))?;
        if !AGENTS.contains(&kind) {
            return None;
        }
        let operations = [Some(primitive), template].into_iter().flatten();
        let operations = operations.flat_map(|element| element.all("operations"));
        let operations = operations.flat_map(|operations| operations.all("op"));
        Some(Resource {
            id: primitive.attribute("id")?.to_owned(),
            clone,
            operations: operations.filter_map(|it| self.operation(it)).collect(),
        })
    }

    /// None of one that is switched off.
    fn operation(&self, element: &Element) -> Option<Operation> {
        if element
            .attribute("enabled")
            .is_some_and(|value| !is_true(value))
        {
            return None;
        }
        let written = element.attribute("interval").unwrap_or("0").to_owned();
        Some(Operation {
            id: element.attribute("id")?.to_owned(),
            name: element.attribute("name")?.to_owned(),
            role: element.attribute("role").map(str::to_owned),
            interval: milliseconds(&written),
            written,
            has_timeout: self.has_default_timeout
                || element.attribute("timeout").is_some()
                || element.pairs("meta_attributes").contains_key("timeout"),
        })
    }
}

impl Cloned {
    fn read(element: &Element, promotable: &str) -> Self {
        let mut meta = element.pairs("meta_attributes");
        meta.entry("promotable".to_owned())
            .or_insert_with(|| promotable.to_owned());
        Self {
            id: element.attribute("id").unwrap_or_default().to_owned(),
            meta,
        }
    }

    /// Whether instances of it are promoted.
    #[must_use]
    pub fn is_promotable(&self) -> bool {
        self.meta
            .get("promotable")
            .is_some_and(|value| is_true(value))
    }

    /// Whether instances are told what becomes of others.
    #[must_use]
    pub fn notifies(&self) -> bool {
        self.meta.get("notify").is_some_and(|value| is_true(value))
    }

    /// How many are promoted at once, where it is said, with the name under which it is.
    #[must_use]
    pub fn promoted_max(&self) -> Option<(&'static str, &str)> {
        let mut names = ["promoted-max", "master-max"].into_iter();
        names.find_map(|name| Some((name, self.meta.get(name)?.as_str())))
    }
}

impl Operation {
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

/// As Pacemaker reads a boolean (`crm_str_to_boolean`).
fn is_true(value: &str) -> bool {
    ["true", "on", "yes", "y", "1"].contains(&value.trim().to_ascii_lowercase().as_str())
}

/// As Pacemaker reads an interval, in seconds where it has no unit (`crm_get_msec`).
fn milliseconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let (digits, unit) = value.split_at_checked(end)?;
    let number: u64 = digits.parse().ok()?;
    let factor = match unit.trim() {
        "ms" | "msec" => 1,
        "" | "s" | "sec" => 1000,
        "m" | "min" => 60_000,
        "h" | "hr" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(factor)
}
