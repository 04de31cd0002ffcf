//! The daemons of several nodes, and what they make of one another's servers.
//!
//! - [`reach`]: whether they are reached.
//! - [`two_primaries`]: of a primary beside a primary.
//! - [`impostor`]: of who only says that it is a daemon of the cluster.
//! - [`sync`]: of a standby whose primary waits for it, or does not.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

mod impostor;
mod reach;
mod sync;
mod two_primaries;

use std::fs::{self, Permissions};
use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Daemon, Postgres, Trouble, ports, until_ok};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(20);

/// Where the daemons of `srv1`, `srv2` and so on answer HTTP: the port is the same, the address is not.
struct Nodes {
    places: Vec<SocketAddrV4>,
    /// Holds the key that they share.
    scratch: Scratch,
}

/// Whether the daemons are told of the key.
#[derive(Clone, Copy)]
enum Key {
    Shared,
    None,
}

/// A daemon with an HTTP port and an agent port.
struct Served {
    daemon: Daemon,
    http: SocketAddrV4,
    agent: SocketAddrV4,
}

impl Nodes {
    fn new(count: usize) -> Result<Self, Trouble> {
        let nodes = Self {
            places: ports::alike(count)?,
            scratch: Scratch::new()?,
        };
        fs::write(nodes.key_file(), format!("{}\n", "5e".repeat(32)))
            .map_err(Trouble::io("write a key"))?;
        fs::set_permissions(nodes.key_file(), Permissions::from_mode(0o600))
            .map_err(Trouble::io("keep a key from others"))?;
        Ok(nodes)
    }

    fn key_file(&self) -> PathBuf {
        self.scratch.path().join("cluster.key")
    }

    /// The daemon of a node, counted from 1.
    fn serve(&self, number: usize, server: &Postgres, guard: &str) -> Result<Served, Trouble> {
        self.serve_at(self.places[number - 1], server, guard, Key::Shared)
    }

    /// A daemon that none of them asks.
    fn serve_aside(&self, server: &Postgres, guard: &str) -> Result<Served, Trouble> {
        self.serve_at(ports::free()?, server, guard, Key::Shared)
    }

    fn serve_at(
        &self,
        http: SocketAddrV4,
        server: &Postgres,
        guard: &str,
        key: Key,
    ) -> Result<Served, Trouble> {
        let (state, agent) = (ports::free()?, ports::free()?);
        let daemon = Daemon::binding(PROGRAM, state)
            .config(&format!(
                "http = [\"{http}\"]\nagent_check = [\"{agent}\"]\n"
            ))
            .asking(&server.conninfo(MONITOR))
            .config(&format!("timeout = \"10s\"\n{}{guard}", self.cluster(key)))
            .start()?;
        Ok(Served {
            daemon,
            http,
            agent,
        })
    }

    fn cluster(&self, key: Key) -> String {
        let node = |(index, place): (usize, &SocketAddrV4)| {
            let (number, address) = (index + 1, place.ip());
            format!("{{ name = \"srv{number}\", address = \"{address}\" }}")
        };
        let nodes: Vec<String> = self.places.iter().enumerate().map(node).collect();
        let port = self.places[0].port();
        let key = match key {
            Key::Shared => format!("key_file = \"{}\"\n", self.key_file().display()),
            Key::None => String::new(),
        };
        format!(
            "[cluster]\nnodes = [{}]\nhttp_port = {port}\n{key}",
            nodes.join(", ")
        )
    }
}

impl Served {
    /// The status and the body that a GET brings.
    fn get(&self, path: &str) -> Result<(u16, String), Trouble> {
        let request = format!("GET {path} HTTP/1.0\r\n\r\n");
        let response = exchange(self.http, request.as_bytes())?;
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok((status, body.to_owned()))
    }

    fn state(&self) -> Result<Value, Trouble> {
        let (_, body) = self.get("/state")?;
        Ok(serde_json::from_str(&body).unwrap())
    }

    /// Waits until a field of `/state` is so, and returns it.
    fn wait_for(&self, field: &str, is_so: impl Fn(&Value) -> bool) -> Result<Value, Trouble> {
        until_ok(SECONDS, field, || match self.state() {
            Ok(mut state) if is_so(&state[field]) => Ok(state[field].take()),
            Ok(state) => Err(format!("it is {}", state[field])),
            Err(trouble) => Err(trouble.to_string()),
        })
    }

    /// What HAProxy's agent-check gets for a view.
    fn agent(&self, view: &str) -> Result<String, Trouble> {
        exchange(self.agent, format!("{view}\n").as_bytes())
    }
}

fn exchange(address: SocketAddrV4, question: &[u8]) -> Result<String, Trouble> {
    let exchange = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(SECONDS))?;
        stream.write_all(question)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok::<_, io::Error>(answer)
    };
    exchange().map_err(Trouble::io(format!("ask {address}")))
}
