//! Reads what Pacemaker knows of the resource from a CIB, the XML that `cibadmin --query` prints. Runs no program, and
//! decides nothing about a server.

use std::collections::BTreeMap;

use thiserror::Error;

use super::facts::{InstanceRole, NodeMark, OtherNode, PartitionQuorum, Presence, ResourceFacts};
use super::{history, mark_rule};
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::{ParameterError, Parameters};
use crate::agent::pacemaker::cib::CibConfiguration;
use crate::agent::pacemaker::{Resource, permanent_attributes};
use crate::base::xml::{Element, XmlError};
use crate::tools::doctor::pacemaker::cib::{Cib, PostgresResource, Unattended, is_set};

/// The resource, and what Pacemaker knows of it.
#[derive(Clone, Debug)]
pub struct ResourceView {
    /// Its name, which is also that of its attributes.
    pub attributes: Attributes,
    /// Its parameters; of those that are wrong, the defaults.
    pub parameters: Parameters,
    /// The rest.
    pub facts: ResourceFacts,
}

/// Why no resource is watched.
#[derive(Debug, Error)]
pub enum NoResource {
    /// The text is not a CIB.
    #[error("cibadmin printed no configuration: {0}")]
    Text(#[from] XmlError),
    /// There is none.
    #[error("the cluster has no resource of the type pgsqlms")]
    None,
    /// There are several.
    #[error(
        "the cluster has several resources of the type pgsqlms: {0}; name one in keeper.resource"
    )]
    Several(String),
    /// The one that is named is not among them.
    #[error(
        "keeper.resource names {named}, which is not among the resources of the type pgsqlms: {found}"
    )]
    Other {
        /// What is named.
        named: String,
        /// The others.
        found: String,
    },
    /// Its data directory is not known.
    #[error("the resource {name} cannot be watched: {source}")]
    Parameter {
        /// Its name.
        name: String,
        /// Which parameter is wrong.
        source: ParameterError,
    },
    /// Its name is not one that attributes can have.
    #[error("the resource {0:?} cannot be watched: its name has a blank")]
    Name(String),
}

/// Reads a CIB for a node: the resource that is `named`, or the only one.
pub fn read(text: &str, named: Option<&str>, node: &Node) -> Result<ResourceView, NoResource> {
    let root = Element::read(text)?;
    let resource = chosen(Resource::within(&root), named)?;
    let parameters = resource.told().map_err(|source| NoResource::Parameter {
        name: resource.name.clone(),
        source,
    })?;
    let attributes: Attributes = resource
        .name
        .parse()
        .map_err(|_| NoResource::Name(resource.name.clone()))?;
    let cib = Cib::of(&root)?;
    let configured = cib.resources.iter().find(|one| one.id == resource.name);
    let reading = StatusReading {
        root: &root,
        configuration: CibConfiguration::of(&root),
        attributes: &attributes,
    };
    let own = reading.state(node);
    let facts = ResourceFacts {
        unattended: reading.unattended(&cib, configured, node, own),
        role: own.map_or(InstanceRole::Unknown, |own| reading.role(own)),
        mark: own.map_or(NodeMark::Unset, |own| reading.mark(own)),
        others: reading.others(node),
        quorum: if root.attribute("have-quorum") == Some("1") {
            PartitionQuorum::Held
        } else {
            PartitionQuorum::Lost
        },
        rule: mark_rule::find(&root, &attributes, configured),
    };
    Ok(ResourceView {
        parameters: parameters.parameters,
        facts,
        attributes,
    })
}

fn chosen(mut found: Vec<Resource>, wanted: Option<&str>) -> Result<Resource, NoResource> {
    match wanted {
        Some(wanted) => {
            let all = listed(&found);
            found.retain(|one| one.name == wanted);
            found.pop().ok_or_else(|| NoResource::Other {
                named: wanted.to_owned(),
                found: all,
            })
        }
        None if found.len() > 1 => Err(NoResource::Several(listed(&found))),
        None => found.pop().ok_or(NoResource::None),
    }
}

fn listed(found: &[Resource]) -> String {
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    names.join(", ")
}

struct StatusReading<'e> {
    root: &'e Element,
    configuration: CibConfiguration<'e>,
    attributes: &'e Attributes,
}

impl<'e> StatusReading<'e> {
    fn states(&self) -> impl Iterator<Item = &'e Element> {
        let status = self.root.all("status");
        status.flat_map(|status| status.all("node_state"))
    }

    fn state(&self, node: &Node) -> Option<&'e Element> {
        self.states()
            .find(|state| state.attribute("uname") == Some(node.name()))
    }

    /// Why Pacemaker does nothing about the resource, also by an attribute that the node has until its next reboot.
    fn unattended(
        &self,
        cib: &Cib,
        configured: Option<&PostgresResource>,
        node: &Node,
        own: Option<&'e Element>,
    ) -> Option<Unattended> {
        let transient = own.map(|own| self.transient(own)).unwrap_or_default();
        if is_set(&transient, "maintenance") {
            return Some(Unattended::Node);
        }
        cib.unattended(configured?, node.name())
    }

    /// The attributes that a node has until it leaves the cluster.
    fn transient(&self, state: &'e Element) -> BTreeMap<String, String> {
        let holders: Vec<&Element> = state.all("transient_attributes").collect();
        self.configuration
            .pairs(&holders, "instance_attributes")
            .values
    }

    /// The role in which a node runs the resource. The instances of an anonymous clone have its plain name.
    fn role(&self, state: &'e Element) -> InstanceRole {
        let resources = state.all("lrm").flat_map(|lrm| lrm.all("lrm_resources"));
        let mut resources = resources.flat_map(|resources| resources.all("lrm_resource"));
        let own = resources.find(|one| one.attribute("id") == Some(self.attributes.resource()));
        own.map_or(InstanceRole::Stopped, history::role)
    }

    fn mark(&self, state: &'e Element) -> NodeMark {
        let value = self.transient(state).remove(&self.attributes.died());
        match value.as_deref() {
            // A deleted attribute may have an empty value.
            Some(Attributes::DIED) => NodeMark::Set,
            Some(_) | None => NodeMark::Unset,
        }
    }

    fn others(&self, node: &Node) -> BTreeMap<Node, OtherNode> {
        let nodes = self
            .root
            .all("configuration")
            .flat_map(|it| it.all("nodes"));
        let nodes = nodes.flat_map(|nodes| permanent_attributes(nodes, &self.configuration));
        let others = nodes.filter(|(other, _)| other != node);
        others
            .map(|(other, kept)| {
                let state = self.state(&other);
                let score = kept.get(&self.attributes.promotion());
                let facts = OtherNode {
                    presence: state.map_or(Presence::Offline, presence),
                    role: state.map_or(InstanceRole::Unknown, |state| self.role(state)),
                    score: score.and_then(|score| score.parse().ok()),
                };
                (other, facts)
            })
            .collect()
    }
}

/// Whether a node has joined. Since Pacemaker 2.1.7 `in_ccm` and `crmd` are the times since when, and 0 if it has not.
fn presence(state: &Element) -> Presence {
    let is_up = |name: &str| {
        state
            .attribute(name)
            .is_some_and(|value| !["", "0", "false", "offline"].contains(&value))
    };
    if is_up("in_ccm") && is_up("crmd") && state.attribute("join") == Some("member") {
        Presence::Online
    } else {
        Presence::Offline
    }
}

#[cfg(test)]
mod tests;
