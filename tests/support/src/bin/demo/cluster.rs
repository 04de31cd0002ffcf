//! The hosts of the demo: each an address of its own with a PostgreSQL server and its daemon, and
//! HAProxy in front of them.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use support::haproxy::Backend;
use support::postgres::{MONITOR, ORDINARY, Setup};
use support::{Daemon, Haproxy, Listen, Postgres, Trouble};

use crate::end::End;
use crate::places::Places;
use crate::stage::Stage;

/// The hosts' names, each also the role with which it replicates.
const NAMES: [&str; 3] = ["srv1", "srv2", "srv3"];

/// A host: a server, and the daemon that tells its state.
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) address: Ipv4Addr,
    pub(crate) postgres: Postgres,
    pub(crate) daemon: Daemon,
}

/// Everything that runs.
pub(crate) struct Cluster {
    pub(crate) places: Places,
    pub(crate) haproxy: Haproxy,
    pub(crate) srv1: Host,
    pub(crate) srv2: Host,
    pub(crate) srv3: Host,
}

impl Cluster {
    /// Starts a primary, HAProxy, and two standbys that replicate through HAProxy.
    pub(crate) fn start(stage: &Stage, places: Places) -> Result<Self, End> {
        let ([one, two, three], [name1, name2, name3]) = (places.hosts, NAMES);
        let srv1 = stage.step("srv1: a new primary, and its daemon", || {
            let host = Host::start(places, name1, one, Postgres::primary())?;
            for name in NAMES {
                let sql = format!("CREATE ROLE {name} REPLICATION LOGIN");
                host.postgres.query(&sql)?;
            }
            // The writer makes its table itself.
            let sql = format!("GRANT CREATE ON SCHEMA public TO {ORDINARY}");
            host.postgres.query(&sql)?;
            Ok(host)
        })?;
        let haproxy = stage.step(
            "HAProxy: blocks for writers and readers, statistics",
            || Ok(start_haproxy(places)?),
        )?;
        let standby = |name, address| {
            let backup = srv1.postgres.backup().replicating_as(name);
            // As in the three-node example: a standby finds the primary where every client finds it.
            let setup = backup.streaming_from(places.writers()).setup();
            Host::start(places, name, address, setup)
        };
        let srv2 = stage.step("srv2: a standby from a base backup, and its daemon", || {
            standby(name2, two)
        })?;
        let srv3 = stage.step("srv3: a standby from a base backup, and its daemon", || {
            standby(name3, three)
        })?;
        Ok(Self {
            places,
            haproxy,
            srv1,
            srv2,
            srv3,
        })
    }

    /// The hosts in order.
    pub(crate) fn hosts(&self) -> [&Host; 3] {
        [&self.srv1, &self.srv2, &self.srv3]
    }
}

impl Host {
    fn start(
        places: Places,
        name: &'static str,
        address: Ipv4Addr,
        setup: Setup<'_>,
    ) -> Result<Self, End> {
        let postgres = setup
            .name(name)
            .tcp(places.postgres(address))
            .hba(&access_rules(name))
            .start()?;
        let daemon = Daemon::binding(program()?, places.state(address))
            .asking(&postgres.conninfo(MONITOR))
            .start()?;
        Ok(Self {
            name,
            address,
            postgres,
            daemon,
        })
    }
}

/// The three-node example's two listen blocks, with its rhythm.
fn start_haproxy(places: Places) -> Result<Haproxy, Trouble> {
    let backend = |(name, address): (&str, Ipv4Addr)| Backend {
        name: name.into(),
        address: places.postgres(address),
    };
    let backends: Vec<Backend> = NAMES.into_iter().zip(places.hosts).map(backend).collect();
    let check = places.ports.state;
    Haproxy::start(
        &[
            Listen::production(places.writers(), check, backends.clone()),
            Listen::standby(places.readers(), check, backends),
        ],
        Some(places.stats()),
    )
}

/// The three-node example's rules, so that no standby ever follows itself through HAProxy. There a host is known by
/// its address; here all share one machine, so each replicates with a role of its own.
fn access_rules(name: &str) -> String {
    format!(
        "\
local replication all                  reject
host  replication {name} all           reject
host  replication all    127.0.0.0/8   trust
local all         all                  trust
host  all         all    127.0.0.0/8   trust
"
    )
}

/// The daemon, which cargo builds beside the demo.
fn program() -> Result<PathBuf, End> {
    let demo = std::env::current_exe().map_err(Trouble::io("find the running program"))?;
    let program = demo.with_file_name("pgsql-state");
    if program.exists() {
        return Ok(program);
    }
    Err(End::Wrong(format!(
        "there is no {}; build it with `cargo build`",
        program.display()
    )))
}
