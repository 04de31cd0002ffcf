//! The cluster, through Pacemaker's own programs, 2.0 to 3.0. Knows no action.
//!
//! - [`nodes`]: what `cibadmin` prints of the nodes.
//! - [`resources`]: what it prints of the resources.
//! - [`told`]: what `attrd_updater` prints of an attribute.
//! - [`cib`]: the configuration, read.
//! - [`environment`]: what they are told of theirs.

pub mod cib;
pub mod environment;
mod nodes;
mod resources;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::agent::actions::{Cluster, ClusterError};
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::base::program::{self, Ended, RunError, RunningProgram};
use crate::base::xml::Element;
pub use resources::Resource;

/// Where the programs are, unless `HA_SBIN_DIR` says otherwise.
pub const SBIN: &str = "/usr/sbin";

/// The first of the three numbers that say which of two configurations is newer (Pacemaker Explained, "Configuration
/// Version Properties").
const ADMIN_EPOCH: &str = "admin_epoch";

/// What prints who is there.
const CRM_NODE: &str = "crm_node";

/// What prints all nodes and what is kept of them, with its arguments.
const NODES: (&str, [&str; 3]) = ("cibadmin", ["--query", "--scope", "nodes"]);

/// `CRM_EX_NOSUCH` and `CRM_EX_CONFIG` (`include/crm/common/results.h`).
const NO_SUCH: i32 = 105;
const CONFIG: i32 = 78;

/// Pacemaker on this host.
#[derive(Debug)]
pub struct Pacemaker {
    sbin: PathBuf,
    environment: Vec<(OsString, OsString)>,
    /// Is being asked for the nodes.
    foreseen: Option<RunningProgram>,
}

impl Pacemaker {
    /// By the folder of its programs, and the environment that this program itself was given.
    #[must_use]
    pub fn new(sbin: &Path, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self {
            sbin: sbin.to_owned(),
            environment: environment::for_tools(environment),
            foreseen: None,
        }
    }

    /// What this node is called, as the cluster knows it. An agent is told by a variable and does not have
    /// to ask.
    pub fn local_node(&self, deadline: Deadline) -> Result<Node, ClusterError> {
        let ended = self.run(CRM_NODE, &["--name"], deadline)?;
        let name = well(CRM_NODE, ended)?;
        let name = name.trim_end().parse();
        name.map_err(|error: crate::agent::ocf::node::NodeError| {
            unreadable(CRM_NODE, error.to_string())
        })
    }

    /// The resources of this agent's type, and of PAF's.
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

/// What a program printed, where it ended well.
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

/// The option that sets a value, which `-INFINITY` has to be one argument with: as the next one, Pacemaker
/// takes it for options in short form.
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

    fn keep(
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
        // Of a node that the cluster does not know, nothing is kept.
        if value.is_none() && ended.status.code() == Some(NO_SUCH) {
            return Ok(());
        }
        well(program, ended).map(drop)
    }

    /// Always private, also to take it back: whatever creates an attribute decides whether it is, and that
    /// may be its first deletion. It takes effect at once, since an attribute that is created without
    /// `--delay` has none.
    fn tell(
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

    /// An attribute that nobody has set since the cluster was started ends the program with an error, which
    /// has the one number up to Pacemaker 2.1.4 and the other one since; one that only this node lacks,
    /// or that was deleted, is an empty text.
    fn told(
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
        told::read(&printed, name, node).map_err(|error| unreadable(program, error.to_string()))
    }
}

#[cfg(test)]
mod tests;
