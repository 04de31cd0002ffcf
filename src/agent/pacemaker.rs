//! Implements the interface to the cluster with Pacemaker's own programs, 2.0 to 3.0. Knows no action.
//!
//! - `ban`: keeps a resource off a node.
//! - `failure`: what another program of this host reports to it.
//! - [`nodes`]: parses the nodes in the output of `cibadmin`.
//! - [`resources`]: parses the resources in its output.
//! - [`attrd_output`]: parses the output of `attrd_updater`.
//! - [`cib`]: resolves references and sets in the configuration.
//! - [`environment`]: the environment of these programs.

mod attrd_output;
mod ban;
pub mod cib;
pub mod environment;
mod failure;
mod nodes;
mod resources;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::agent::actions::{Cluster, ClusterError};
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::base::program::{self, Ended, RunError, RunningProgram};
use crate::base::xml::Element;
pub use nodes::permanent_attributes;
pub use resources::Resource;

/// The directory of the programs, unless `HA_SBIN_DIR` is set.
const SBIN: &str = "/usr/sbin";

/// Returns the directory of the programs by the value of `HA_SBIN_DIR`; an empty one counts as none.
#[must_use]
pub fn sbin(variable: Option<&str>) -> &Path {
    Path::new(variable.filter(|folder| !folder.is_empty()).unwrap_or(SBIN))
}

/// The first of the three numbers that determine which of two configurations is newer (Pacemaker Explained,
/// "Configuration
/// Version Properties").
const ADMIN_EPOCH: &str = "admin_epoch";

/// The program that prints the members.
const CRM_NODE: &str = "crm_node";

/// The program that prints all nodes and their permanent attributes, with its arguments.
const NODES: (&str, [&str; 3]) = ("cibadmin", ["--query", "--scope", "nodes"]);

/// `CRM_EX_NOSUCH` and `CRM_EX_CONFIG` (`include/crm/common/results.h`).
const NO_SUCH: i32 = 105;
const CONFIG: i32 = 78;

/// Pacemaker on this host.
#[derive(Debug)]
pub struct Pacemaker {
    sbin: PathBuf,
    environment: Vec<(OsString, OsString)>,
    /// The running query of the nodes.
    foreseen: Option<RunningProgram>,
}

impl Pacemaker {
    /// Creates the cluster from the directory of its programs and the environment of this process.
    #[must_use]
    pub fn new(sbin: &Path, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self {
            sbin: sbin.to_owned(),
            environment: environment::for_tools(environment),
            foreseen: None,
        }
    }

    /// Returns this node's name in the cluster. Pacemaker passes it to an agent in a variable, so that the agent does
    /// not have to ask.
    pub fn local_node(&self, deadline: Deadline) -> Result<Node, ClusterError> {
        let ended = self.run(CRM_NODE, &["--name"], deadline)?;
        let name = well(CRM_NODE, ended)?;
        let name = name.trim_end().parse();
        name.map_err(|error: crate::agent::ocf::node::NodeError| {
            unreadable(CRM_NODE, error.to_string())
        })
    }

    /// Returns the resources of this agent's type, and of PAF's.
    pub fn resources(&self, deadline: Deadline) -> Result<Vec<Resource>, ClusterError> {
        let program = "cibadmin";
        let ended = self.run(program, &["--query", "--scope", "resources"], deadline)?;
        let printed = well(program, ended)?;
        resources::read(&printed).map_err(|error| unreadable(program, error.to_string()))
    }

    fn run(
        &self,
        program: &str,
        arguments: &[&str],
        deadline: Deadline,
    ) -> Result<Ended, ClusterError> {
        let ended = program::run(&mut self.command(program, arguments), deadline);
        ended.map_err(|error| failed(program, &error))
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.sbin.join(program));
        command.args(arguments).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn failed(program: &str, error: &RunError) -> ClusterError {
    ClusterError::Program {
        program: program.into(),
        said: error.to_string(),
    }
}

/// Returns what a program printed, if it succeeded.
fn well(program: &str, ended: Ended) -> Result<String, ClusterError> {
    if ended.status.success() {
        return Ok(ended.printed);
    }
    let complaint = ended.complaint.lines().next().unwrap_or_default().trim();
    let separator = if complaint.is_empty() { "" } else { ": " };
    Err(ClusterError::Program {
        program: program.into(),
        said: format!("{}{separator}{complaint}", ended.status),
    })
}

/// Returns the option that sets a value, as one argument: Pacemaker would parse a separate argument `-INFINITY`
/// as options in short form.
fn update(value: &str) -> String {
    format!("--update={value}")
}

fn unreadable(program: &str, cause: String) -> ClusterError {
    ClusterError::Answer {
        program: program.into(),
        cause,
    }
}

impl Cluster for Pacemaker {
    fn directory_of(
        &mut self,
        resource: &str,
        deadline: Deadline,
    ) -> Result<Option<PathBuf>, ClusterError> {
        let resources = self.resources(deadline)?;
        let found = resources.into_iter().find(|one| one.name == resource);
        let told = found.and_then(|found| found.told().ok());
        Ok(told.map(|told| told.parameters.datadir))
    }

    fn foresee_nodes(&mut self) {
        let (program, arguments) = NODES;
        self.foreseen = RunningProgram::start(&mut self.command(program, &arguments)).ok();
    }

    fn nodes(
        &mut self,
        deadline: Deadline,
    ) -> Result<BTreeMap<Node, BTreeMap<String, String>>, ClusterError> {
        let (program, arguments) = NODES;
        let ended = match self.foreseen.take() {
            Some(running) => running
                .end(deadline)
                .map_err(|error| failed(program, &error)),
            None => self.run(program, &arguments, deadline),
        };
        let printed = well(program, ended?)?;
        nodes::read(&printed).map_err(|error| unreadable(program, error.to_string()))
    }

    fn members(&mut self, deadline: Deadline) -> Result<BTreeSet<Node>, ClusterError> {
        let ended = self.run(CRM_NODE, &["--partition"], deadline)?;
        let members = well(CRM_NODE, ended)?;
        let members = members.split_whitespace().map(str::parse);
        let members = members.collect::<Result<_, crate::agent::ocf::node::NodeError>>();
        members.map_err(|error| unreadable(CRM_NODE, error.to_string()))
    }

    fn has_quorum(&mut self, deadline: Deadline) -> Result<bool, ClusterError> {
        let ended = self.run(CRM_NODE, &["--quorum"], deadline)?;
        match well(CRM_NODE, ended)?.trim() {
            "1" => Ok(true),
            "0" => Ok(false),
            other => Err(unreadable(
                CRM_NODE,
                format!("{other:?}; 1 or 0 was expected"),
            )),
        }
    }

    /// Every value but `ignore` keeps the cluster from promoting without quorum (Pacemaker Explained, "Cluster Options").
    fn goes_on_without_quorum(&mut self, deadline: Deadline) -> Result<bool, ClusterError> {
        let program = "crm_attribute";
        let arguments = [
            "--type",
            "crm_config",
            "--name",
            "no-quorum-policy",
            "--query",
            "--quiet",
        ];
        let ended = self.run(program, &arguments, deadline)?;
        // Nobody has set it: the default is `stop`.
        if ended.status.code() == Some(NO_SUCH) {
            return Ok(false);
        }
        Ok(well(program, ended)?.trim() == "ignore")
    }

    fn outdate_absent(&mut self, deadline: Deadline) -> Result<(), ClusterError> {
        let program = "cibadmin";
        let ended = self.run(program, &["--query", "--no-children"], deadline)?;
        let printed = well(program, ended)?;
        let unreadable = |cause: String| unreadable(program, cause);
        let root = Element::read(&printed).map_err(|error| unreadable(error.to_string()))?;
        let epoch = root.attribute(ADMIN_EPOCH);
        let epoch = epoch.and_then(|epoch| epoch.parse::<u32>().ok());
        let epoch = epoch.ok_or_else(|| unreadable(format!("there is no {ADMIN_EPOCH}")))?;
        let next = format!("<cib {ADMIN_EPOCH}=\"{}\"/>", epoch.saturating_add(1));
        let ended = self.run(program, &["--modify", "--xml-text", &next], deadline)?;
        well(program, ended).map(drop)
    }

    fn set_permanent(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        let program = "crm_attribute";
        let what = value.map_or("--delete".into(), update);
        let arguments = [
            "--node",
            node.name(),
            "--name",
            name,
            "--lifetime",
            "forever",
            &what,
        ];
        let ended = self.run(program, &arguments, deadline)?;
        // The cluster keeps nothing of a node that it does not know.
        if value.is_none() && ended.status.code() == Some(NO_SUCH) {
            return Ok(());
        }
        well(program, ended).map(drop)
    }

    /// The attribute is always private, also when it is deleted: the first command on an attribute determines whether
    /// it is, and that may be a deletion. The change takes effect at once, since an attribute that is created without
    /// `--delay` has no delay.
    fn set_transient(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        let program = "attrd_updater";
        let what = value.map_or("--delete".into(), update);
        let arguments = ["--name", name, "--node", node.name(), "--private", &what];
        let ended = self.run(program, &arguments, deadline)?;
        well(program, ended).map(drop)
    }

    fn delete_visible(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        self.set_visible(node, name, None, deadline)
    }

    /// If no node has set the attribute since the cluster was started, the program ends with an error:
    /// `CRM_EX_NOSUCH` up to Pacemaker 2.1.4, and `CRM_EX_CONFIG` since. An attribute that only this node lacks,
    /// or that was deleted, is an empty text.
    fn transient(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, ClusterError> {
        let program = "attrd_updater";
        let arguments = ["--name", name, "--node", node.name(), "--query"];
        let ended = self.run(program, &arguments, deadline)?;
        if [Some(NO_SUCH), Some(CONFIG)].contains(&ended.status.code()) {
            return Ok(None);
        }
        let printed = well(program, ended)?;
        attrd_output::read(&printed, name, node)
            .map_err(|error| unreadable(program, error.to_string()))
    }
}

#[cfg(test)]
mod tests;
