//! Converts the elements of a CIB into the facts, by the rules of Pacemaker's scheduler.

use std::collections::BTreeMap;

use super::{
    Cib, CibOperation, CloneKind, Cloned, Device, DeviceState, PostgresAgent, PostgresResource,
    is_set, is_true, milliseconds,
};
use crate::agent::pacemaker::cib::{CibConfiguration, Pairs};
use crate::base::xml::{Element, XmlError};

const META: &str = "meta_attributes";

pub(super) fn read(root: &Element) -> Result<Cib, XmlError> {
    let parts = root.all("configuration").next().ok_or(XmlError::End)?;
    let part = |name| parts.all(name).next();
    let mut reading = CibReading {
        configuration: CibConfiguration::of(root),
        conditional: Vec::new(),
        defaults: part("rsc_defaults"),
        operation_defaults: part("op_defaults"),
    };
    let holders: Vec<&Element> = part("crm_config").into_iter().collect();
    let options = reading.pairs(&holders, "cluster_property_set");
    let mut found = FoundElement::default();
    if let Some(resources) = part("resources") {
        reading.resources(resources, &[], None, &mut found);
    }
    let mut devices = found.devices;
    if watchdog_fences(&options) {
        devices.push(Device {
            id: None,
            state: DeviceState::Used,
        });
    }
    let nodes = part("nodes").into_iter().flat_map(|part| part.all("node"));
    let maintained = nodes.filter(|node| {
        let attributes = reading.pairs(&[*node], "instance_attributes");
        is_set(&attributes, "maintenance")
    });
    let maintained_nodes = maintained
        .filter_map(|node| node.attribute("uname").map(str::to_owned))
        .collect();
    reading.conditional.sort();
    reading.conditional.dedup();
    Ok(Cib {
        options,
        devices,
        maintained_nodes,
        resources: found.resources,
        conditional: reading.conditional,
    })
}

/// With a watchdog and a timeout other than 0, a node that is cut off resets itself.
fn watchdog_fences(options: &BTreeMap<String, String>) -> bool {
    let names = ["fencing-watchdog-timeout", "stonith-watchdog-timeout"];
    let timeout = names.iter().find_map(|name| options.get(*name));
    is_set(options, "have-watchdog")
        && timeout.is_some_and(|timeout| milliseconds(timeout) != Some(0))
}

#[derive(Default)]
struct FoundElement {
    devices: Vec<Device>,
    resources: Vec<PostgresResource>,
}

struct CibReading<'e> {
    configuration: CibConfiguration<'e>,
    conditional: Vec<String>,
    defaults: Option<&'e Element>,
    operation_defaults: Option<&'e Element>,
}

impl<'e> CibReading<'e> {
    fn pairs(&mut self, holders: &[&'e Element], set: &'e str) -> BTreeMap<String, String> {
        let Pairs {
            values,
            conditional,
        } = self.configuration.pairs(holders, set);
        self.conditional.extend(conditional);
        values
    }

    /// The meta attributes of a resource: its own, then those of the elements around it, innermost first, then the
    /// defaults.
    fn meta(&mut self, own: &[&'e Element], around: &[&'e Element]) -> BTreeMap<String, String> {
        let holders = own.iter().chain(around.iter().rev()).copied();
        let holders: Vec<&Element> = holders.chain(self.defaults).collect();
        self.pairs(&holders, META)
    }

    /// Collects the resources in an element. `around` has the elements around it, outermost first. The deepest
    /// nesting that matters is a group in a clone, whatever the depth of the file.
    fn resources(
        &mut self,
        holder: &'e Element,
        around: &[&'e Element],
        clone: Option<&Cloned>,
        found: &mut FoundElement,
    ) {
        for element in holder.children() {
            let inside = [around, &[element]].concat();
            match element.name.as_str() {
                "clone" | "master" => {
                    let cloned = self.clone(element, around);
                    self.resources(element, &inside, Some(&cloned), found);
                }
                "bundle" => {
                    let cloned = self.bundle(element, around);
                    self.resources(element, &inside, Some(&cloned), found);
                }
                "group" => self.resources(element, &inside, clone, found),
                "primitive" => self.primitive(element, around, clone, found),
                _ => {}
            }
        }
    }

    fn clone(&mut self, element: &'e Element, around: &[&'e Element]) -> Cloned {
        let mut meta = self.meta(&[element], around);
        // Before Pacemaker 2 a promotable clone was a `master` element.
        if element.name == "master" {
            meta.insert("promotable".into(), "true".into());
        }
        Cloned {
            id: element.attribute("id").unwrap_or_default().to_owned(),
            kind: CloneKind::Clone,
            meta,
        }
    }

    /// The number of promoted instances is an attribute of the bundle's container element.
    fn bundle(&mut self, element: &'e Element, around: &[&'e Element]) -> Cloned {
        let mut meta = self.meta(&[element], around);
        let mut containers = element.children().iter();
        let most = containers.find_map(|child| {
            let mut names = ["promoted-max", "masters"].into_iter();
            names.find_map(|name| child.attribute(name))
        });
        if let Some(most) = most {
            let promotes = most.trim() != "0";
            meta.insert("promotable".into(), promotes.to_string());
            meta.insert("promoted-max".into(), most.to_owned());
        }
        Cloned {
            id: element.attribute("id").unwrap_or_default().to_owned(),
            kind: CloneKind::Bundle,
            meta,
        }
    }

    fn primitive(
        &mut self,
        element: &'e Element,
        around: &[&'e Element],
        clone: Option<&Cloned>,
        found: &mut FoundElement,
    ) {
        let Some(id) = element.attribute("id").map(str::to_owned) else {
            return;
        };
        let own: Vec<&Element> = [element]
            .into_iter()
            .chain(self.configuration.template(element))
            .collect();
        let class = self.configuration.attribute(element, "class");
        if class == Some("stonith") {
            let meta = self.meta(&own, around);
            let role = meta.get("target-role").map(String::as_str);
            let is_stopped = role.is_some_and(|role| role.eq_ignore_ascii_case("stopped"));
            found.devices.push(Device {
                id: Some(id),
                state: if is_stopped {
                    DeviceState::Stopped
                } else {
                    DeviceState::Used
                },
            });
            return;
        }
        if let Some(agent) = self.agent(element, &own) {
            found.resources.push(PostgresResource {
                id,
                agent,
                clone: clone.cloned(),
                meta: self.meta(&own, around),
                operations: self.operations(&own),
            });
        }
    }

    /// The agent; `None` if it is not for PostgreSQL.
    fn agent(&mut self, element: &'e Element, own: &[&'e Element]) -> Option<PostgresAgent> {
        match self.configuration.attribute(element, "type")? {
            "pgsqlms" => Some(PostgresAgent::Pgsqlms),
            "pgsql" => {
                let parameters = self.pairs(own, "instance_attributes");
                let mode = parameters.get("rep_mode").map(|mode| mode.trim());
                Some(match mode {
                    Some("async" | "sync") => PostgresAgent::PgsqlReplicating,
                    Some(_) | None => PostgresAgent::PgsqlAlone,
                })
            }
            _ => None,
        }
    }

    /// The operations. Of two with the same action and interval, the resource's own overrides its template's.
    fn operations(&mut self, own: &[&'e Element]) -> Vec<CibOperation> {
        let mut found: Vec<CibOperation> = Vec::new();
        for holder in own.iter().copied() {
            let lists: Vec<&Element> = self.configuration.all(holder, "operations").collect();
            let mut of_holder = Vec::new();
            for list in lists {
                let each: Vec<&Element> = self.configuration.all(list, "op").collect();
                of_holder.extend(
                    each.into_iter()
                        .filter_map(|element| self.operation(element)),
                );
            }
            of_holder.retain(|one| {
                let same =
                    |two: &CibOperation| two.name == one.name && two.interval == one.interval;
                !found.iter().any(same)
            });
            found.extend(of_holder);
        }
        found
    }

    /// Reads an operation; `None` if it is disabled.
    fn operation(&mut self, element: &'e Element) -> Option<CibOperation> {
        let meta = self.pairs(&[element], META);
        let get = |name: &str| {
            let written = element.attribute(name).map(str::to_owned);
            written.or_else(|| meta.get(name).cloned())
        };
        if get("enabled").is_some_and(|value| !is_true(&value)) {
            return None;
        }
        let (own, id, name, role) = (
            get("timeout"),
            element.attribute("id")?.to_owned(),
            element.attribute("name")?.to_owned(),
            get("role"),
        );
        let defaults: Vec<&Element> = self.operation_defaults.into_iter().collect();
        let default = || self.pairs(&defaults, META).remove("timeout");
        let written = element.attribute("interval").unwrap_or("0").to_owned();
        Some(CibOperation {
            id,
            name,
            role,
            interval: milliseconds(&written),
            written,
            timeout: own.or_else(default),
        })
    }
}
