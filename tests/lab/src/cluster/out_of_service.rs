//! A node that runs nothing for a while, as before maintenance; Pacemaker calls it "standby".

use crate::error::Error;
use crate::host::Host;
use crate::lab::On;

/// Takes the node back into service when dropped.
#[derive(Debug)]
pub(crate) struct OutOfService<'a> {
    on: On<'a>,
    node: Host,
}

impl<'a> OutOfService<'a> {
    /// Takes a node out of service; told on a server that stays in it.
    pub(crate) fn set(on: On<'a>, node: Host) -> Result<Self, Error> {
        let own = Self { on, node };
        own.update("on")?;
        Ok(own)
    }

    fn update(&self, standby: &str) -> Result<(), Error> {
        let node = self.node.name();
        let words = ["crm_standby", "--node", node, "--update", standby];
        self.on.run(&words).map(drop)
    }
}

impl Drop for OutOfService<'_> {
    fn drop(&mut self) {
        // The node stays out of service where this fails, and the cluster is never whole again.
        self.update("off").ok();
    }
}
