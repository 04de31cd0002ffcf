//! A moment in an action, by what it has changed: when an agent is to be killed.

use std::fs;

use super::World;
use crate::cluster::NODES;

/// The moment at which so many things have changed.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    world: &'a World,
    node: &'a str,
    seen: String,
    left: u32,
}

impl World {
    /// The moment at which so many things will have changed that an action on a node may change.
    pub(crate) fn moment<'a>(&'a self, node: &'a str, changes: u32) -> Moment<'a> {
        Moment {
            world: self,
            node,
            seen: self.fingerprint(node),
            left: changes,
        }
    }

    /// All that an action may change and that can be seen without asking the server: its processes, its state,
    /// its marks, the attributes.
    fn fingerprint(&self, node: &str) -> String {
        let server = self.server(node);
        let data = server.data();
        let marks = ["standby.signal", "promote"].map(|name| data.join(name).exists());
        let postmaster = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        let attributes = NODES.map(|node| {
            let private = ["lsn_location", "nodes"].map(|name| self.cluster.private(node, name));
            let end = self.cluster.permanent(node, "primary_end");
            (self.cluster.score(node), end, private)
        });
        let state = server.control().map(|control| control.state);
        let pid = postmaster.lines().next().unwrap_or_default();
        format!("{state:?} {pid} {marks:?} {attributes:?}")
    }
}

impl Moment<'_> {
    /// Whether it has come.
    pub(crate) fn has_come(&mut self) -> bool {
        let now = self.world.fingerprint(self.node);
        if now != self.seen && self.left > 0 {
            self.left -= 1;
            self.seen = now;
        }
        self.left == 0
    }
}
