//! The generated pieces, read by the programs that they are for: a real HAProxy in front of real servers
//! and daemons, a real PostgreSQL, systemd, keepalived, and the tools of Pacemaker.
//!
//! - [`golden`]: the files in `haproxy/`, for every version and profile, and that HAProxy takes them.
//! - [`refused`], [`mistakes`]: what no piece is printed for.
//! - [`writers`]: at a start, at a reload, with two primaries: no writer reaches a standby.
//! - [`readers`]: a standby that lags, and none that is left.
//! - [`checks`]: the other ways to ask, and what a check must say first.
//! - [`followers`]: how standbys reach the primary.
//! - [`ended`]: sessions that end while they connect.
//! - [`hba`], [`hba_corpus`], [`role`], [`settings`]: PostgreSQL's part.
//! - [`systemd`], [`keepalived`], [`pacemaker`], [`corosync`]: what these are told.
//! - [`commands`]: the commands of `docs/guide/pacemaker.md`.
//! - [`cib`]: a cluster's configuration without its cluster.
//! - [`services`]: Consul's and Kubernetes'.
//! - [`examples`]: pieces that are held as they are.
//! - [`version`]: for which HAProxy they are.
//! - [`ports`]: PostgreSQL's port in each of them.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod checks;
mod cib;
mod commands;
mod corosync;
mod ended;
mod examples;
mod followers;
mod golden;
mod hba;
mod hba_corpus;
mod keepalived;
mod mistakes;
mod pacemaker;
mod ports;
mod readers;
mod refused;
mod role;
mod services;
mod settings;
mod systemd;
mod taken;
mod version;
mod writers;

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use support::postgres::{MONITOR, query_at};
use support::scratch::Scratch;
use support::{Daemon, Haproxy, Ports, Postgres, Trouble};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(30);

const IN_RECOVERY: &str = "SELECT pg_is_in_recovery()";

/// The program with a configuration of its own.
struct Program {
    scratch: Scratch,
    config: String,
}

impl Program {
    fn new(config: &str) -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        let path = scratch.path().join("pgsql-state.toml");
        fs::write(&path, config).map_err(Trouble::io("write a configuration"))?;
        Ok(Self {
            config: path.to_str().unwrap().to_owned(),
            scratch,
        })
    }

    /// Runs `generate PIECE`.
    fn run(&self, piece: &str, args: &[&str]) -> Output {
        self.command(piece, args).output().unwrap()
    }

    fn command(&self, piece: &str, args: &[&str]) -> Command {
        let mut command = self.scratch.command(PROGRAM);
        command.args(["generate", piece]).args(args);
        if piece != "role-sql" {
            command.args(["--config", &self.config]);
        }
        command
    }

    /// What it prints, where it has no complaint.
    fn generate(&self, piece: &str, args: &[&str]) -> String {
        let output = self.run(piece, args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Three hosts with the same port numbers, and the load balancer's.
struct Places {
    ports: Ports,
    hosts: [Ipv4Addr; 3],
    front: Ipv4Addr,
}

impl Places {
    fn choose() -> Result<Self, Trouble> {
        let ports = Ports::choose()?;
        Ok(Self {
            ports,
            hosts: [ports.address()?, ports.address()?, ports.address()?],
            front: ports.address()?,
        })
    }

    fn postgres(&self, host: usize) -> SocketAddrV4 {
        SocketAddrV4::new(self.hosts[host], self.ports.postgres)
    }

    fn state(&self, host: usize) -> SocketAddrV4 {
        SocketAddrV4::new(self.hosts[host], self.ports.state)
    }

    fn http(&self, host: usize) -> SocketAddrV4 {
        SocketAddrV4::new(self.hosts[host], self.ports.stats + 1)
    }

    fn agent(&self, host: usize) -> SocketAddrV4 {
        SocketAddrV4::new(self.hosts[host], self.ports.stats + 2)
    }

    fn writers(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.read_write)
    }

    fn readers(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.read_only)
    }

    fn followers(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.postgres + 1)
    }

    /// The arguments that say all this.
    fn arguments(&self) -> Vec<String> {
        let nodes = self.hosts.iter().enumerate();
        let nodes = nodes.flat_map(|(host, address)| {
            ["--node".to_owned(), format!("srv{}={address}", host + 1)]
        });
        let ports = [
            ("--state-port", self.ports.state),
            ("--http-port", self.http(0).port()),
            ("--agent-port", self.agent(0).port()),
            ("--postgres-port", self.ports.postgres),
            ("--read-write-port", self.ports.read_write),
            ("--read-only-port", self.ports.read_only),
            ("--replication-port", self.followers().port()),
            ("--stats-port", self.ports.stats),
        ];
        let ports = ports
            .into_iter()
            .flat_map(|(option, port)| [option.to_owned(), port.to_string()]);
        let bind = ["--bind".to_owned(), self.front.to_string()];
        nodes.chain(ports).chain(bind).collect()
    }

    /// A HAProxy with the generated configuration.
    fn haproxy(&self, args: &[&str]) -> Result<Haproxy, Trouble> {
        self.haproxy_of(&Program::new("")?, args)
    }

    fn haproxy_of(&self, program: &Program, args: &[&str]) -> Result<Haproxy, Trouble> {
        let places = self.arguments();
        let places = places.iter().map(String::as_str);
        Haproxy::start_whole(|admin| {
            let admin = ["--admin-socket", admin.to_str().unwrap()];
            let args: Vec<&str> = places.chain(admin).chain(args.iter().copied()).collect();
            as_ourselves(&program.generate("haproxy", &args))
        })
    }

    /// A daemon beside a server, with all three protocols.
    fn daemon(&self, host: usize, server: &Postgres, config: &str) -> Result<Daemon, Trouble> {
        self.daemon_admitting(host, server, config, "trusted = [\"127.0.0.0/8\"]\n")
    }

    fn daemon_admitting(
        &self,
        host: usize,
        server: &Postgres,
        config: &str,
        admission: &str,
    ) -> Result<Daemon, Trouble> {
        let (http, agent) = (self.http(host), self.agent(host));
        Daemon::binding(PROGRAM, self.state(host))
            .config(&format!(
                "http = [\"{http}\"]\nagent_check = [\"{agent}\"]\n"
            ))
            .asking(&server.conninfo(MONITOR))
            .config(config)
            .admission(admission)
            .start()
    }
}

/// A primary on the first host, and its standbys on the others.
struct Cluster {
    places: Places,
    primary: Postgres,
    standbys: Vec<Postgres>,
    daemons: Vec<Daemon>,
}

impl Cluster {
    fn start(standbys: usize, config: &str) -> Result<Self, Trouble> {
        let places = Places::choose()?;
        let primary = Postgres::primary().tcp(places.postgres(0)).start()?;
        let hosts = 1..=standbys;
        let standbys: Vec<Postgres> = hosts
            .map(|host| primary.standby().tcp(places.postgres(host)).start())
            .collect::<Result<_, _>>()?;
        let servers = [&primary].into_iter().chain(&standbys).enumerate();
        let daemons: Vec<Daemon> = servers
            .map(|(host, server)| places.daemon(host, server, config))
            .collect::<Result<_, _>>()?;
        daemons[0].wait_for(SECONDS, "production")?;
        for daemon in &daemons[1..] {
            daemon.wait_for(SECONDS, "standby")?;
        }
        Ok(Self {
            places,
            primary,
            standbys,
            daemons,
        })
    }
}

/// The configuration for a HAProxy that the test's own user runs, and that logs to its output.
fn as_ourselves(text: &str) -> String {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("user" | "group"), _) => None,
            (Some("log"), Some("/dev/log")) => Some("    log stdout format raw local0 notice"),
            _ => Some(line),
        }
    });
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// See [`Haproxy::wait_for_view`].
fn wait_for_view(haproxy: &Haproxy, expected: &[&str]) -> Result<(), Trouble> {
    haproxy.wait_for_view(SECONDS, expected)
}

/// Where an address leads: none where it leads nowhere.
fn led_to(address: SocketAddrV4) -> Option<String> {
    let server = "SELECT host(inet_server_addr()) || CASE WHEN pg_is_in_recovery() THEN ' standby' \
                  ELSE ' primary' END";
    query_at(address, server).ok()
}

/// A file of the repository.
fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
