//! The nodes of a cluster and their attributes, in a folder: `tools.sh` answers from it under the names of
//! Pacemaker's tools, once for each node. Here the same is set and read, and a tool is broken.
//!
//! ```text
//! store/nodes, store/partition   a name a line: all nodes, those that see one another
//! store/permanent/NODE/NAME      node attributes in the CIB, promotion scores among them
//! store/private/NODE/NAME        what only the daemon of attributes knows
//! store/delay                    so many looks later a node sees a private attribute, its own, too
//! store/unseen/                  those that are on their way, and how far each node has seen
//! store/calls                    each call, a line: NODE TOOL ARGUMENTS
//! NODE/sbin/TOOL                 the tools as that node has them
//! NODE/resources                 the resources as it sees them: each has a folder of its own for its server
//! NODE/faults/TOOL               `fail STATUS` or `hang`
//! ```

#[cfg(test)]
mod tests;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use support::Trouble;

/// The nodes' names.
pub(crate) const NODES: [&str; 3] = ["srv1", "srv2", "srv3"];

/// What the name of a primitive that a cluster manages begins with.
pub(crate) const RESOURCE: &str = "pgsqld";

const TOOLS: [&str; 7] = [
    "attrd_updater",
    "cibadmin",
    "crm_attribute",
    "crm_master",
    "crm_node",
    "crm_resource",
    "pacemakerd",
];

/// How a tool is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It ends at once, with this status.
    Fails(u8),
    /// It never ends.
    Hangs,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// Where.
    pub(crate) node: String,
    /// Of which.
    pub(crate) tool: String,
    /// With what.
    pub(crate) arguments: String,
}

/// The cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    root: PathBuf,
    resource: String,
}

impl Cluster {
    /// Makes one without attributes in a folder, with a primitive of this name.
    pub(crate) fn create(root: &Path, resource: &str) -> Result<Self, Trouble> {
        let cluster = Self {
            root: root.into(),
            resource: resource.into(),
        };
        let store = cluster.store();
        for node in NODES {
            make_folder(&cluster.sbin(node))?;
            make_folder(&root.join(node).join("faults"))?;
            for tool in TOOLS {
                let stand_in =
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ocf/cluster/tools.sh");
                let link = cluster.sbin(node).join(tool);
                let doing = format!("make {}", link.display());
                symlink(stand_in, link).map_err(Trouble::io(doing))?;
            }
            cluster.set_resources(node, &[])?;
        }
        for folder in ["permanent", "private", "unseen"] {
            make_folder(&store.join(folder))?;
        }
        write(&store.join("nodes"), &lines(&NODES))?;
        write(&store.join("calls"), "")?;
        cluster.set_partition(&NODES)?;
        Ok(cluster)
    }

    /// The name of its primitive.
    pub(crate) fn resource(&self) -> &str {
        &self.resource
    }

    /// Where a node has the tools.
    pub(crate) fn sbin(&self, node: &str) -> PathBuf {
        self.root.join(node).join("sbin")
    }

    /// The nodes that see one another; without, all.
    pub(crate) fn set_partition(&self, nodes: &[&str]) -> Result<(), Trouble> {
        write(&self.store().join("partition"), &lines(nodes))
    }

    /// Has a node see these resources of the agent's type, each with its parameters.
    pub(crate) fn set_resources(
        &self,
        node: &str,
        resources: &[(&str, &[(&str, &str)])],
    ) -> Result<(), Trouble> {
        let primitive = |(id, parameters): &(&str, &[(&str, &str)])| {
            let pair = |(name, value): &(&str, &str)| {
                format!(r#"<nvpair id="{id}-{name}" name="{name}" value="{value}"/>"#)
            };
            let pairs: String = parameters.iter().map(pair).collect();
            format!(
                r#"<primitive id="{id}" class="ocf" provider="pgsql-state" type="pgsqlms"><instance_attributes id="{id}-i">{pairs}</instance_attributes></primitive>"#
            )
        };
        let resources: String = resources.iter().map(primitive).collect();
        let text = format!("<resources>{resources}</resources>\n");
        write(&self.root.join(node).join("resources"), &text)
    }

    /// A node's promotion score.
    pub(crate) fn score(&self, node: &str) -> Option<String> {
        self.permanent(node, "master")
    }

    /// Gives a node a promotion score, or takes it away.
    pub(crate) fn set_score(&self, node: &str, score: Option<&str>) -> Result<(), Trouble> {
        self.set_permanent(node, "master", score)
    }

    /// A node's attribute in the CIB, whose name goes on with the resource's.
    pub(crate) fn permanent(&self, node: &str, name: &str) -> Option<String> {
        read(&self.attribute("permanent", node, name))
    }

    /// Gives a node such an attribute, or takes it away.
    pub(crate) fn set_permanent(
        &self,
        node: &str,
        name: &str,
        value: Option<&str>,
    ) -> Result<(), Trouble> {
        let path = self.attribute("permanent", node, name);
        if let Some(value) = value {
            make_folder(path.parent().unwrap_or(&self.root))?;
            return write(&path, value);
        }
        // It may not have had one.
        fs::remove_file(path).ok();
        Ok(())
    }

    /// A node's private attribute, whose name goes on with the resource's; none if it was deleted.
    pub(crate) fn private(&self, node: &str, name: &str) -> Option<String> {
        read(&self.attribute("private", node, name)).filter(|value| !value.is_empty())
    }

    /// Gives a node a private attribute, as all nodes know it.
    pub(crate) fn set_private(&self, node: &str, name: &str, value: &str) -> Result<(), Trouble> {
        let path = self.attribute("private", node, name);
        make_folder(path.parent().unwrap_or(&self.root))?;
        write(&path, value)
    }

    /// Has nodes see private attributes so many looks later, in the order in which they were told.
    pub(crate) fn delay(&self, looks: u32) -> Result<(), Trouble> {
        write(&self.store().join("delay"), &format!("{looks}\n"))
    }

    /// Breaks a tool on a node.
    pub(crate) fn break_tool(&self, node: &str, tool: &str, fault: Fault) -> Result<(), Trouble> {
        let text = match fault {
            Fault::Fails(status) => format!("fail {status}\n"),
            Fault::Hangs => "hang 0\n".into(),
        };
        write(&self.root.join(node).join("faults").join(tool), &text)
    }

    /// Every call of a tool since the cluster was made or they were forgotten.
    pub(crate) fn calls(&self) -> Vec<ToolCall> {
        let calls = read(&self.store().join("calls")).unwrap_or_default();
        let call = |line: &str| {
            let mut words = line.splitn(3, ' ').map(str::to_owned);
            Some(ToolCall {
                node: words.next()?,
                tool: words.next()?,
                arguments: words.next().unwrap_or_default(),
            })
        };
        calls.lines().filter_map(call).collect()
    }

    /// Forgets the calls up to now.
    pub(crate) fn forget_calls(&self) -> Result<(), Trouble> {
        write(&self.store().join("calls"), "")
    }

    /// Forgets all attributes, as a cluster in which the resource is new.
    pub(crate) fn forget_attributes(&self) -> Result<(), Trouble> {
        for folder in ["permanent", "private", "unseen"] {
            let folder = self.store().join(folder);
            let doing = format!("empty {}", folder.display());
            fs::remove_dir_all(&folder).map_err(Trouble::io(doing))?;
            make_folder(&folder)?;
        }
        Ok(())
    }

    fn attribute(&self, kind: &str, node: &str, name: &str) -> PathBuf {
        let name = format!("{name}-{}", self.resource);
        self.store().join(kind).join(node).join(name)
    }

    fn store(&self) -> PathBuf {
        self.root.join("store")
    }
}

fn lines(words: &[&str]) -> String {
    words.iter().flat_map(|word| [word, "\n"]).collect()
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let doing = format!("write {}", path.display());
    fs::write(path, text).map_err(Trouble::io(doing))
}

fn make_folder(path: &Path) -> Result<(), Trouble> {
    let doing = format!("make {}", path.display());
    fs::create_dir_all(path).map_err(Trouble::io(doing))
}
