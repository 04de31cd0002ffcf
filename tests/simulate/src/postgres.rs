//! The servers, as far as the agent, clients and one another see them. Knows nothing of who handles them.
//!
//! - [`lineage`]: what was ever written, and who has it.
//! - [`sync`]: which standbys commits wait for.
//! - [`server`]: one server.
//! - [`start`], [`stop`], [`promote`]: how one starts, stops or dies, and is promoted.
//! - [`wal`]: what one writes besides rows.
//! - [`commit`]: how rows are written and acknowledged.
//! - [`connection`], [`replication`], [`replay`]: how they get to standbys, and what these do with them.
//! - [`checkpoint`]: what is done with old WAL.
//! - [`answers`]: what one says when it is asked.

pub(crate) mod answers;
mod checkpoint;
pub(crate) mod commit;
mod connection;
pub(crate) mod lineage;
mod promote;
mod replay;
pub(crate) mod replication;
pub(crate) mod server;
mod start;
mod stop;
pub(crate) mod sync;
mod wal;

use std::time::Duration;

use crate::disk::Io;
use crate::world::{Step, World};

impl World {
    /// A server goes on.
    pub(crate) fn step(&mut self, node: usize, step: Step) {
        match step {
            Step::Recovered => self.recovered(node),
            Step::Flush => self.flush(node),
            Step::Replay => self.replay(node),
            Step::Connect => self.connect(node),
            Step::Checkpoint => self.checkpoint(node),
            Step::Snapshot => self.snapshot(node),
            Step::LastCheckpoint => self.last_checkpoint(node),
            Step::OrphansEnd => self.hosts[node].server.orphans = false,
            Step::End => self.die(node, false),
        }
    }

    /// How much longer something that writes takes.
    pub(crate) fn slow_disk(&self, node: usize) -> Duration {
        match self.hosts[node].disk.io {
            Io::Works | Io::Fails => Duration::ZERO,
            Io::Slow(time) => time,
        }
    }
}
