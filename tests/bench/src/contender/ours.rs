//! The daemon of this project, as its users start it: with a configuration file, asking its PostgreSQL
//! over the Unix socket.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Contender, Name, Running, version_of};
use crate::client::{End, Endpoint};
use crate::error::Error;
use crate::host::folder::run;
use crate::host::packages::{FOR_ACTIVATION, FOR_CERTIFICATES, Needed, for_postgres};
use crate::host::{Folder, Host, listener, ports};
use crate::postgres::Postgres;

/// What `pgsql-state` says of a primary.
const ANSWER: &[u8] = b"production\n";

/// What it says of a server that lies, or that is not there yet.
const DOWN: &[u8] = b"down ";

/// `pgsql-state serve`.
#[derive(Clone, Debug)]
pub(crate) struct Ours {
    program: PathBuf,
    admission: String,
    address: Option<SocketAddrV4>,
    files: Option<u32>,
    heard: Vec<Ipv4Addr>,
    https: Option<(SocketAddrV4, Certificate)>,
    port: Port,
    more: String,
    server: Server,
}

/// Whom it asks.
#[derive(Clone, Copy, Debug)]
enum Server {
    Real,
    Liar,
}

/// The socket of a server that lies, below the host's folder.
pub(crate) const LIARS_SOCKET: &str = ".s.PGSQL.5432";

/// What the daemon shows where it speaks TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Certificate {
    /// An elliptic key.
    P256,
    /// One whose signatures take longer.
    Rsa2048,
}

/// Which of its ports is asked.
#[derive(Clone, Copy, Debug)]
enum Port {
    State,
    Http(End),
    Agent,
}

/// Moves standard input to where systemd passes the first socket, and says so (`sd_listen_fds(3)`).
const PASS_ON: &str = "\
export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=state
exec \"$@\" 3<&0 </dev/null";

/// The bench's clients are the load balancers, which are trusted.
const TRUSTING: &str = "trusted = [\"127.0.0.0/8\"]\n";

impl Ours {
    /// The daemon in this file.
    pub(crate) fn new(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            admission: TRUSTING.into(),
            address: None,
            files: None,
            heard: Vec::new(),
            https: None,
            port: Port::State,
            more: String::new(),
            server: Server::Real,
        }
    }

    /// The same, asked over HTTP.
    pub(crate) fn over_http(mut self, end: End) -> Self {
        self.port = Port::Http(end);
        self
    }

    /// The same, asked as HAProxy's agent.
    pub(crate) fn on_agent_port(mut self) -> Self {
        self.port = Port::Agent;
        self
    }

    /// The same, asking a server that lies: what it says of that one is `down`.
    pub(crate) fn asking_a_liar(mut self) -> Self {
        self.server = Server::Liar;
        self
    }

    /// The same with more tables.
    pub(crate) fn and(mut self, tables: &str) -> Self {
        self.more.push_str(tables);
        self
    }

    /// The same where the kernel drops all packets but those of these sources.
    pub(crate) fn hearing(mut self, sources: &[Ipv4Addr]) -> Self {
        self.heard = sources.to_vec();
        self
    }

    /// The same with HTTP over TLS at another port of every address.
    pub(crate) fn over_tls_too(mut self, at: SocketAddrV4, certificate: Certificate) -> Self {
        self.https = Some((at, certificate));
        self
    }

    /// The same where it may open so many files.
    pub(crate) fn files(mut self, most: u32) -> Self {
        self.files = Some(most);
        self
    }

    /// The same at an address that is known to be free.
    pub(crate) fn at(mut self, address: SocketAddrV4) -> Self {
        self.address = Some(address);
        self
    }

    /// The same with another table `[admission]`.
    pub(crate) fn admission(mut self, text: impl Into<String>) -> Self {
        self.admission = text.into();
        self
    }

    /// The command that serves `postgres`; without an address it needs a socket from systemd.
    pub(crate) fn command(
        &self,
        host: &Host,
        postgres: &Postgres,
        address: Option<SocketAddrV4>,
    ) -> Result<Command, Error> {
        let mut config = self.config(&self.conninfo(host, postgres), address);
        if let Some((_, certificate)) = self.https {
            let file = certificate.make(&host.folder)?;
            let table = format!("\n[http]\ncertificate_file = \"{}\"\n", file.display());
            config.push_str(&table);
        }
        let name = format!("{}.toml", self.name().tag());
        let config = host.folder.write(&name, &config)?;
        let program = host.folder.copy_program(&self.program)?;
        let mut command = match self.files {
            None => Command::new(program),
            Some(most) => {
                let mut command = Command::new("prlimit");
                command.arg(format!("--nofile={most}:{most}")).arg(program);
                command
            }
        };
        command.arg("serve").arg("--config").arg(config);
        Ok(command)
    }

    fn conninfo(&self, host: &Host, postgres: &Postgres) -> String {
        match self.server {
            Server::Real => postgres.conninfo(),
            Server::Liar => format!("host={} user=postgres", host.folder.path().display()),
        }
    }

    /// At an address of the caller's choice it answers on every address of the host: untrusted clients may come
    /// with IPv6 too.
    fn config(&self, conninfo: &str, address: Option<SocketAddrV4>) -> String {
        let listen = address.map(|address| {
            let bound = if self.address.is_some() {
                format!("[::]:{}", address.port())
            } else {
                address.to_string()
            };
            match self.port {
                Port::State => {
                    let https = self.https.iter();
                    let https = https.map(|(at, _)| format!("http = [\"[::]:{}\"]\n", at.port()));
                    let https = https.collect::<String>();
                    format!("\n[listen]\nstate = [\"{bound}\"]\n{https}")
                }
                Port::Http(_) => format!("\n[listen]\nstate = []\nhttp = [\"{bound}\"]\n"),
                Port::Agent => format!("\n[listen]\nstate = []\nagent_check = [\"{bound}\"]\n"),
            }
        });
        format!(
            "[postgres]\nconninfo = \"{conninfo}\"\n\n[admission]\n{}{}{}",
            self.admission,
            listen.unwrap_or_default(),
            self.more
        )
    }

    /// What clients of this daemon at `address` expect.
    pub(crate) const fn endpoint(address: SocketAddrV4) -> Endpoint {
        Endpoint::speaks_first(address, ANSWER)
    }
}

impl Certificate {
    /// A file with a certificate and its key.
    fn make(self, folder: &Folder) -> Result<PathBuf, Error> {
        let key: &[&str] = match self {
            Self::P256 => &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Self::Rsa2048 => &["rsa:2048"],
        };
        let pem = run(Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-subj", "/CN=srv1", "-newkey"])
            .args(key)
            .args(["-keyout", "-", "-out", "-"]))?;
        folder.write("http.pem", &pem)
    }
}

impl Contender for Ours {
    fn name(&self) -> Name {
        match self.port {
            Port::State | Port::Agent => Name::Ours,
            Port::Http(End::Close) => Name::Http,
            Port::Http(End::EmptyLine) => Name::HttpKept,
        }
    }

    fn needs(&self) -> Vec<Needed> {
        [&for_postgres()[..], FOR_ACTIVATION, FOR_CERTIFICATES].concat()
    }

    fn version(&self) -> Result<String, Error> {
        version_of(&self.program)
    }

    fn start(&self, host: &Host) -> Result<Running, Error> {
        Running::asking_postgres(host, self.name(), &[], |enclosure, postgres| {
            let address = self.address.map_or_else(ports::free, Ok)?;
            if self.heard.is_empty() {
                enclosure.spawn(&self.command(host, postgres, Some(address))?)?;
            } else {
                let socket = listener::hearing(&self.heard, address)?;
                let daemon = self.command(host, postgres, None)?;
                let mut command = Command::new("sh");
                command
                    .args(["-c", PASS_ON, "sh"])
                    .arg(daemon.get_program());
                enclosure.spawn_with(command.args(daemon.get_args()), socket.into())?;
            }
            Ok(match self.port {
                Port::State => match self.server {
                    Server::Real => Self::endpoint(address),
                    Server::Liar => Endpoint::speaks_first(address, DOWN),
                },
                Port::Agent => Endpoint::agent(address),
                Port::Http(end) => Endpoint::http(address, end),
            })
        })
    }
}
