//! Three servers in a played cluster, and the agent on each of their nodes. Everything is in folders that end
//! with the world, whatever runs there.
//!
//! - [`template`]: what the servers begin with.
//! - [`server`]: a server that the agent manages.
//! - [`ask`]: a call of the agent on a node.
//! - [`state`]: each state that a server may be in.
//! - [`moment`]: when in an action an agent is to be killed.

pub(crate) mod ask;
pub(crate) mod moment;
pub(crate) mod server;
pub(crate) mod state;
mod template;

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use support::scratch::Scratch;
use support::{Trouble, ports, until_ok};

use crate::call::{Call, End, PATIENCE};
use crate::cluster::{Cluster, NODES, RESOURCE};
use crate::program::Program;

use server::Server;

/// A cluster of three nodes.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) program: Program,
    servers: Vec<Server>,
    template: PathBuf,
    calls: Cell<u32>,
    // Last: what works in it is ended first.
    scratch: Scratch,
}

impl World {
    /// A cluster whose servers have never been managed by an agent: all of them stopped, as the
    /// administrator left them, srv1 a primary.
    pub(crate) fn stopped(program: Program) -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        let template = template::template(&scratch)?;
        let places = ports::alike(NODES.len())?;
        let servers: Result<Vec<_>, Trouble> = NODES
            .into_iter()
            .zip(&places)
            .map(|(name, place)| Server::create(name, &template.join(name), *place, &places))
            .collect();
        let temporary = scratch.path().join("tmp");
        let doing = format!("make {}", temporary.display());
        fs::create_dir(temporary).map_err(Trouble::io(doing))?;
        Ok(Self {
            cluster: Cluster::create(scratch.path(), &resource(&scratch))?,
            program,
            servers: servers?,
            template,
            calls: Cell::new(0),
            scratch,
        })
    }

    /// A cluster in operation: srv1 is the primary, the others stream from it, and every score is as the
    /// primary's monitor leaves it.
    pub(crate) fn running(program: Program) -> Result<Self, Trouble> {
        let world = Self::stopped(program)?;
        let starts: Result<Vec<Call>, Trouble> = world
            .servers
            .iter()
            .map(|server| server.launch(&world.scratch))
            .collect();
        for start in starts? {
            started(start)?;
        }
        world.streaming("srv1", &["srv2", "srv3"])?;
        for (node, score) in NODES.into_iter().zip(["1001", "1000", "990"]) {
            world.cluster.set_score(node, Some(score))?;
        }
        Ok(world)
    }

    /// The server of a node.
    pub(crate) fn server(&self, node: &str) -> &Server {
        let index = NODES.iter().position(|name| *name == node);
        index
            .and_then(|index| self.servers.get(index))
            .unwrap_or_else(|| unreachable!("{node} is one of {NODES:?}"))
    }

    /// Puts an old backup in the place of a server's data: what it was before the cluster was in operation.
    pub(crate) fn restore(&self, node: &str) -> Result<(), Trouble> {
        self.server(node)
            .replace(&self.template.join(node), &self.scratch)
    }

    /// What a server has logged that an administrator has started.
    pub(crate) fn log(&self, node: &str) -> String {
        fs::read_to_string(self.scratch.path().join(format!("{node}.log"))).unwrap_or_default()
    }

    /// A folder that ends with the world, for whatever works there.
    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Starts a server as an administrator does, without the agent: as what it was.
    pub(crate) fn start(&self, node: &str) -> Result<(), Trouble> {
        started(self.server(node).launch(&self.scratch)?)
    }

    /// Waits until these standbys, and no others, stream from a primary.
    pub(crate) fn streaming(&self, primary: &str, standbys: &[&str]) -> Result<(), Trouble> {
        let streaming = "SELECT coalesce(string_agg(application_name, ' ' ORDER BY application_name), '') \
            FROM pg_stat_replication WHERE state = 'streaming'";
        let expected = standbys.join(" ");
        until_ok(PATIENCE, &format!("{expected} to stream"), || {
            match self.server(primary).query(streaming) {
                Ok(seen) if seen == expected => Ok(()),
                Ok(seen) => Err(format!("only {seen:?} do")),
                Err(trouble) => Err(format!("{trouble:?}")),
            }
        })
    }
}

/// The name of a world's resource, which is no other one's: a server that an agent has started has it in its
/// environment, and is known by it to every agent on the host.
fn resource(scratch: &Scratch) -> String {
    let folder = scratch.path().file_name().unwrap_or_default();
    format!("{RESOURCE}-{}", folder.to_string_lossy())
}

impl Drop for World {
    /// Removes what its servers have written beside their folders.
    fn drop(&mut self) {
        let begin = format!("pgsqlms-{}", self.cluster.resource());
        let Ok(logs) = fs::read_dir("/var/log/postgresql") else {
            return;
        };
        for log in logs.filter_map(|log| Some(log.ok()?.path())) {
            let name = log.file_name().unwrap_or_default();
            if name.to_string_lossy().starts_with(&begin) {
                fs::remove_file(log).ok();
            }
        }
    }
}

fn started(start: Call) -> Result<(), Trouble> {
    let ended = start.within(Duration::from_secs(60))?;
    if ended.end == End::Status(0) {
        return Ok(());
    }
    Err(Trouble::Unfit(format!("a server did not start: {ended}")))
}
