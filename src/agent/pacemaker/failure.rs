//! What a program beside the agent reports to Pacemaker of a server that has ended or hangs. Does not know when that is
//! right.

use super::{Pacemaker, update, well};
use crate::agent::actions::ClusterError;
use crate::agent::ocf::node::Node;
use crate::base::Deadline;

impl Pacemaker {
    /// Returns the whole CIB as text: the configuration, and the status of all nodes.
    pub fn cib(&self, deadline: Deadline) -> Result<String, ClusterError> {
        let program = "cibadmin";
        well(program, self.run(program, &["--query"], deadline)?)
    }

    /// Reports to the controller that a resource has failed on a node, as if an operation of it had (`asyncmon`). The
    /// controller accepts that from root and `hacluster` alone.
    pub fn report_failure(
        &self,
        resource: &str,
        node: &Node,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        let program = "crm_resource";
        let arguments = ["--fail", "--resource", resource, "--node", node.name()];
        well(program, self.run(program, &arguments, deadline)?).map(drop)
    }

    /// Sets or deletes an attribute of a node that lasts as long as the node is online, and that location rules see.
    /// It has no delay, since it is created without one.
    pub fn set_visible(
        &self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        let program = "attrd_updater";
        let what = value.map_or("--delete".into(), update);
        let arguments = ["--name", name, "--node", node.name(), &what];
        well(program, self.run(program, &arguments, deadline)?).map(drop)
    }
}
