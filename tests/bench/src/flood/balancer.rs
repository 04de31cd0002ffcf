//! The load balancer that must not notice: a real HAProxy that checks every 500 ms, and beside it a
//! client from the same address that measures how long its checks take.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, socket_with,
    sockopt::{Timeout, set_socket_timeout},
};

use super::arena::BALANCER;
use super::attack::Target;
use crate::client::{Endpoint, PATIENCE};
use crate::error::Error;
use crate::host::Host;
use crate::interrupt::pause;

/// Between two checks of the client.
const PACE: Duration = Duration::from_millis(50);

/// HAProxy while it runs.
pub(super) struct Balancer {
    child: Child,
    log: std::path::PathBuf,
}

impl Balancer {
    /// Starts HAProxy with one server; it logs each change of what it thinks of it.
    pub(super) fn start(
        host: &Host,
        name: &str,
        server: &Endpoint,
        target: Target,
    ) -> Result<Self, Error> {
        let address = server.address;
        let port = address.port();
        let (rules, check) = match target {
            Target::State => (
                "    option tcp-check\n    tcp-check connect\n    tcp-check expect rstring ^production\n",
                "check".to_owned(),
            ),
            Target::Http => (
                "    option httpchk HEAD /primary\n    http-check expect status 200\n",
                "check".to_owned(),
            ),
            Target::Agent => (
                "",
                format!("agent-check agent-port {port} agent-inter 500ms agent-send \"rw\\n\""),
            ),
        };
        let text = format!(
            "global\n    log stdout format raw local0 notice\ndefaults\n    log global\n    mode tcp\n\
             \x20   timeout connect 2s\n    timeout client 1m\n    timeout server 1m\n    timeout check 2s\n\
             listen prod\n    bind 127.77.0.1:1\n    source {BALANCER}\n{rules}\
             \x20   default-server inter 500ms rise 1 fall 1\n    server srv1 {address} {check}\n"
        );
        let config = host.folder.write(&format!("{name}.cfg"), &text)?;
        let log = host.folder.path().join(format!("{name}.haproxy.log"));
        let file = File::create(&log).map_err(Error::file(&log))?;
        let child = Command::new("/usr/sbin/haproxy")
            .arg("-db")
            .arg("-f")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Error::io("start haproxy", error))?;
        Ok(Self { child, log })
    }

    /// How often it changed its mind.
    pub(super) fn changes(&self) -> usize {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let is_change = |line: &&str| line.contains(" is DOWN") || line.contains(" is UP");
        log.lines().filter(is_change).count()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What the client saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How long each answered check took, shortest first.
    pub(super) waits: Vec<Duration>,
    /// Checks that failed, were answered wrongly, or took longer than 2 s.
    pub(super) lost: u32,
}

/// Checks again and again for so long.
pub(super) fn watch(host: &Host, server: &Endpoint, length: Duration) -> Result<Seen, Error> {
    let begin = Instant::now();
    let mut seen = Seen::default();
    while begin.elapsed() < length {
        host.interrupt.check()?;
        let asked = Instant::now();
        match ask(server) {
            Ok(true) => seen.waits.push(asked.elapsed()),
            Ok(false) | Err(_) => seen.lost = seen.lost.saturating_add(1),
        }
        while asked.elapsed() < PACE {
            pause();
        }
    }
    seen.waits.sort_unstable();
    Ok(seen)
}

/// Asks once, as the balancer.
pub(super) fn ask(server: &Endpoint) -> std::io::Result<bool> {
    let socket = socket_with(
        AddressFamily::INET,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    for way in [Timeout::Recv, Timeout::Send] {
        set_socket_timeout(&socket, way, Some(PATIENCE))?;
    }
    bind(&socket, &SocketAddr::from((BALANCER, 0)))?;
    connect(&socket, &server.address)?;
    let mut answer = Vec::new();
    let mut stream = TcpStream::from(socket);
    stream.write_all(server.request)?;
    stream.read_to_end(&mut answer)?;
    Ok(answer.starts_with(server.expected))
}
