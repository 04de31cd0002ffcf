//! Keeps a resource off a node by a location constraint, and takes it back. Does not know why.

use super::{NO_SUCH, Pacemaker, well};
use crate::agent::actions::ClusterError;
use crate::base::Deadline;

const PROGRAM: &str = "crm_resource";

impl Pacemaker {
    /// Has Pacemaker stop a resource on a node, and start it there no more.
    pub fn ban(&self, resource: &str, node: &str, deadline: Deadline) -> Result<(), ClusterError> {
        let arguments = ["--ban", "--resource", resource, "--node", node];
        well(PROGRAM, self.run(PROGRAM, &arguments, deadline)?).map(drop)
    }

    /// Takes a ban back, and forgets the failures of the resource on the node, which would keep it off too.
    pub fn free(&self, resource: &str, node: &str, deadline: Deadline) -> Result<(), ClusterError> {
        for command in ["--clear", "--cleanup"] {
            let arguments = [command, "--resource", resource, "--node", node];
            let ended = self.run(PROGRAM, &arguments, deadline)?;
            // There is none.
            if ended.status.code() != Some(NO_SUCH) {
                well(PROGRAM, ended)?;
            }
        }
        Ok(())
    }
}
