//! Servers, the first of which is the primary, each with its daemon and its keeper.

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use support::postgres::MONITOR;
use support::running::Running;
use support::scratch::Scratch;
use support::{Daemon, Mode, Postgres, Trouble, ports, until, until_ok};

use crate::servers::{name, servers};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
pub(crate) const SECONDS: Duration = Duration::from_secs(60);

/// The role as which the keepers log in, where a test names no other.
pub(crate) const ROLE: &str = "keeper";

/// Prints the name of the node; every other tool of Pacemaker fails.
const TOOL: &str = "#!/bin/sh\n[ \"${0##*/}\" = crm_node ] && exec echo NODE\nexit 102\n";

pub(crate) struct Cluster {
    // Before the servers: who asks them ends first.
    keepers: Vec<Running>,
    daemons: Vec<Daemon>,
    pub(crate) servers: Vec<Postgres>,
    scratches: Vec<Scratch>,
    https: Vec<SocketAddrV4>,
    configs: Vec<PathBuf>,
}

impl Cluster {
    /// Servers with the smallest WAL, and keepers with these lines below `[slots]`.
    pub(crate) fn new(count: usize, slots: &str) -> Result<Self, Trouble> {
        let servers = servers(count)?;
        servers[0].query(&format!("CREATE ROLE {ROLE} LOGIN REPLICATION"))?;
        let places = ports::alike(count)?;
        let shared = Scratch::new()?;
        let key = shared.path().join("cluster.key");
        fs::write(&key, format!("{}\n", "5e".repeat(32))).unwrap();
        fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        let nodes: Vec<String> = (1..).zip(&places).map(node).collect();
        let common = format!(
            "[cluster]\nnodes = [{}]\nhttp_port = {}\nkey_file = \"{}\"\n",
            nodes.join(", "),
            places[0].port(),
            key.display()
        );
        let mut cluster = Self {
            keepers: Vec::new(),
            daemons: Vec::new(),
            servers,
            scratches: vec![shared],
            https: places.clone(),
            configs: Vec::new(),
        };
        for (index, http) in places.into_iter().enumerate() {
            let daemon = Daemon::binding(PROGRAM, ports::free()?)
                .config(&format!("http = [\"{http}\"]\n"))
                .asking(&cluster.servers[index].conninfo(MONITOR))
                .config(&format!("timeout = \"10s\"\n{common}"));
            cluster.daemons.push(daemon.start()?);
            let server = &cluster.servers[index];
            let config = format!(
                "[postgres]\nconninfo = \"{}\"\n[listen]\nhttp = [\"{http}\"]\n{common}[slots]\nmode = \"nodes\"\n{slots}",
                server.conninfo(MONITOR),
            );
            cluster.keep(index, &config)?;
        }
        Ok(cluster)
    }

    fn keep(&mut self, index: usize, config: &str) -> Result<(), Trouble> {
        let scratch = Scratch::new()?;
        let tool = TOOL.replace("NODE", &name(index));
        for program in ["crm_node", "cibadmin"] {
            let path = scratch.path().join(program);
            fs::write(&path, &tool).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
        let file = scratch.path().join("pgsql-state.toml");
        fs::write(&file, config).unwrap();
        self.configs.push(file.clone());
        let mut command = scratch.command(PROGRAM);
        command.arg("keeper").arg("--config").arg(file);
        command.env("HA_SBIN_DIR", scratch.path());
        command.env("HA_RSCTMP", scratch.path());
        command.env("RUNTIME_DIRECTORY", scratch.path().join("run"));
        self.keepers
            .push(Running::start(&scratch, "keeper", command)?);
        self.scratches.push(scratch);
        Ok(())
    }

    /// What the program prints on a node, and its exit status.
    pub(crate) fn said(&self, index: usize, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .arg("--config")
            .arg(&self.configs[index])
            .env("HA_SBIN_DIR", self.configs[index].parent().unwrap());
        let output = command.output().unwrap();
        (
            String::from_utf8(output.stdout).unwrap(),
            output.status.code(),
        )
    }

    /// The metrics of the daemon of a node.
    pub(crate) fn metrics(&self, index: usize) -> String {
        self.get(index, "/metrics")
    }

    /// The document of the daemon of a node, once it tells of the server of another one.
    pub(crate) fn state_with_peer(&self, index: usize, peer: &str) -> Result<Value, Trouble> {
        let mut found = Value::Null;
        until_ok(SECONDS, &format!("what {peer} has"), || {
            let text = self.get(index, "/state");
            let (_, body) = text.split_once("\r\n\r\n").ok_or(&*text)?;
            found = serde_json::from_str(body).map_err(|error| error.to_string())?;
            let mut peers = found["peers"].as_array().into_iter().flatten();
            let is_told = |row: &Value| row["node"] == peer && row["server"]["end_lsn"].is_string();
            if peers.any(is_told) {
                Ok(())
            } else {
                Err(text)
            }
        })?;
        Ok(found)
    }

    /// Ends the daemon of a node, and returns the address on which it listened.
    pub(crate) fn end_daemon(&mut self, index: usize) -> SocketAddrV4 {
        drop(self.daemons.remove(index));
        self.https[index]
    }

    fn get(&self, index: usize, target: &str) -> String {
        let mut stream = TcpStream::connect(self.https[index]).unwrap();
        stream.set_read_timeout(Some(SECONDS)).unwrap();
        let request = format!("GET {target} HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// What the keeper of a node has logged.
    pub(crate) fn log(&self, index: usize) -> String {
        self.keepers[index].log()
    }

    pub(crate) fn wait_for_log(&self, index: usize, text: &str) -> Result<(), Trouble> {
        until_ok(SECONDS, text, || {
            let log = self.log(index);
            if log.contains(text) { Ok(()) } else { Err(log) }
        })
    }

    /// What a server says of one of its slots: a column of the view, or an expression; nothing if there is no such slot.
    pub(crate) fn slot(&self, index: usize, slot: &str, what: &str) -> Result<String, Trouble> {
        self.servers[index].query(&format!(
            "SELECT {what} FROM pg_replication_slots WHERE slot_name = '{slot}'"
        ))
    }

    /// Waits until an expression about a slot is this.
    pub(crate) fn wait_for_slot(
        &self,
        index: usize,
        slot: &str,
        what: &str,
        is: &str,
    ) -> Result<(), Trouble> {
        until_ok(SECONDS, &format!("{slot}: {what}"), || {
            match self.slot(index, slot, what) {
                Ok(said) if said == is => Ok(()),
                other => Err(format!("{other:?}; {}", self.log(index))),
            }
        })
    }

    /// Writes so many megabytes of WAL, a checkpoint after each, so that nothing but a slot keeps them.
    pub(crate) fn write(&self, index: usize, megabytes: usize) -> Result<(), Trouble> {
        let server = &self.servers[index];
        for _ in 0..megabytes {
            server.query(
                "CREATE TABLE IF NOT EXISTS filler (t text);
                 INSERT INTO filler SELECT repeat(md5(g::text), 30) FROM generate_series(1, 1000) g;
                 SELECT pg_switch_wal();",
            )?;
            server.query("CHECKPOINT")?;
        }
        Ok(())
    }

    /// The primary stops in order, another server is promoted, and all follow that one.
    pub(crate) fn switch(&mut self, from: usize, to: usize) -> Result<(), Trouble> {
        self.servers[from].stop(Mode::Fast)?;
        self.servers[to].promote()?;
        for index in (0..self.servers.len()).filter(|index| *index != to) {
            self.follow(index, to)?;
        }
        Ok(())
    }

    /// Makes a server a standby of another one, and starts it.
    pub(crate) fn follow(&mut self, index: usize, primary: usize) -> Result<(), Trouble> {
        let conninfo = format!(
            "{} application_name={}",
            self.servers[primary].tcp_conninfo("postgres"),
            name(index)
        );
        let server = &mut self.servers[index];
        if server.is_running()? {
            server.stop(Mode::Fast)?;
        }
        let data = server.data_dir();
        fs::write(data.join("standby.signal"), "").unwrap();
        let auto = data.join("postgresql.auto.conf");
        let mut auto = File::options().append(true).open(auto).unwrap();
        writeln!(auto, "primary_conninfo = '{conninfo}'").unwrap();
        server.start()
    }

    /// Waits until a standby has replayed what its primary has written.
    pub(crate) fn wait_level(&self, primary: usize, standby: usize) -> Result<(), Trouble> {
        let end = self.servers[primary].query("SELECT pg_current_wal_lsn()")?;
        until(SECONDS, "the standby to be level", || {
            let level = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'");
            self.servers[standby]
                .query(&level)
                .is_ok_and(|said| said == "t")
        })
    }
}

fn node((number, place): (usize, &SocketAddrV4)) -> String {
    format!("{{ name = \"srv{number}\", address = \"{}\" }}", place.ip())
}
