//! A server with TLS and one without, which all tests of a process share: what differs between tests
//! is the role they log in as, and `pg_hba.conf` has a line for each.

use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::sync::LazyLock;

use support::postgres::Setup;
use support::{Postgres, Trouble, ports};

use crate::operator::Operator;
use crate::pki::{Authority, Identity};

/// The roles, and what `pg_hba.conf` demands of each. Without TLS its `hostssl` lines match nobody.
const HBA: &str = "\
local     all all         trust
host      all either      all trust
hostssl   all encrypted   all trust
hostnossl all unencrypted all trust
host      all scram       all scram-sha-256
host      all md5         all md5
host      all cleartext   all password
hostssl   all certified   all cert
";

/// The password of the roles that have one.
pub(crate) const PASSWORD: &str = "right";

/// The name in the certificate of the server with TLS.
pub(crate) const NAME: &str = "db1.example";

/// The serial number of that certificate.
pub(crate) const SERIAL: u64 = 7;

/// The authority that signed it, and that the server trusts for client certificates.
pub(crate) static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("ours"));

/// An authority that signed nothing here.
pub(crate) static STRANGER: LazyLock<Authority> = LazyLock::new(|| Authority::new("stranger"));

/// `ssl = on`
pub(crate) static WITH_TLS: LazyLock<Server> = LazyLock::new(|| Server::with_tls().unwrap());

/// `ssl = off`
pub(crate) static WITHOUT_TLS: LazyLock<Server> = LazyLock::new(|| Server::without_tls().unwrap());

/// A server and its address.
pub(crate) struct Server {
    postgres: Postgres,
    pub(crate) address: SocketAddrV4,
}

impl Server {
    fn with_tls() -> Result<Self, Trouble> {
        let address = ports::free()?;
        let ip = address.ip().to_string();
        let names = [NAME, "*.pool.example", "db_2.example", &ip];
        Self::start_showing(&AUTHORITY.certify(NAME, &names, SERIAL), address)
    }

    /// With TLS and this certificate, which others may follow.
    pub(crate) fn showing(identity: &Identity) -> Result<Self, Trouble> {
        Self::start_showing(identity, ports::free()?)
    }

    fn start_showing(identity: &Identity, address: SocketAddrV4) -> Result<Self, Trouble> {
        let setup = Postgres::primary()
            .setting("ssl", "on")
            .setting("ssl_ca_file", "root.crt")
            .file("server.crt", &identity.certificate)
            .file("server.key", &identity.key)
            .file("root.crt", &AUTHORITY.certificate());
        Self::start(setup, address)
    }

    fn without_tls() -> Result<Self, Trouble> {
        Self::start(Postgres::primary(), ports::free()?)
    }

    fn start(setup: Setup<'_>, address: SocketAddrV4) -> Result<Self, Trouble> {
        let postgres = setup
            .tcp(address)
            .hba(HBA)
            .setting("log_connections", "on")
            .start()?;
        postgres.query(&format!(
            "CREATE ROLE either LOGIN;
             CREATE ROLE encrypted LOGIN;
             CREATE ROLE unencrypted LOGIN;
             CREATE ROLE certified LOGIN;
             CREATE ROLE scram LOGIN PASSWORD '{PASSWORD}';
             CREATE ROLE cleartext LOGIN PASSWORD '{PASSWORD}';
             SET password_encryption = 'md5';
             CREATE ROLE md5 LOGIN PASSWORD '{PASSWORD}'"
        ))?;
        Ok(Self { postgres, address })
    }

    /// The folder of its Unix socket.
    pub(crate) fn socket_dir(&self) -> PathBuf {
        self.postgres.socket_dir()
    }

    /// The end of the socket's name.
    pub(crate) fn socket_port(&self) -> u16 {
        self.postgres.port()
    }

    /// The connection string of a role; later settings win.
    pub(crate) fn conninfo(&self, role: &str, settings: &str) -> String {
        let (ip, port) = (self.address.ip(), self.address.port());
        format!("host={NAME} hostaddr={ip} port={port} dbname=postgres user={role} {settings}")
    }

    /// Has both clients log in and returns the version of TLS, `plain`, or the answer `down …`; fails
    /// if the clients were let in by different ways.
    pub(crate) fn meet(&self, operator: &Operator, role: &str, settings: &str) -> String {
        let conninfo = self.conninfo(role, settings);
        let met = operator.connect(&conninfo);
        if met.answer != "production" {
            return met.answer;
        }
        let [psql, probe] = met.names.map(|name| self.encryption_of(&name));
        assert_eq!(psql, probe, "{conninfo}");
        probe
    }

    /// How often the server refused to let a role in by `pg_hba.conf`.
    pub(crate) fn refusals(&self, role: &str) -> usize {
        let mark = format!("user \"{role}\"");
        let log = self.postgres.log();
        let lines = log.lines().filter(|line| line.contains("FATAL"));
        lines.filter(|line| line.contains(&mark)).count()
    }

    /// What the server logged about a session that it let in.
    fn encryption_of(&self, application: &str) -> String {
        let mark = format!("application_name={application}");
        let log = self.postgres.log();
        let line = log
            .lines()
            .filter(|line| line.contains("connection authorized"))
            .find(|line| line.split(' ').any(|word| word == mark))
            .unwrap();
        let protocol = line.split_once("(protocol=");
        protocol
            .and_then(|(_, rest)| rest.split_once(','))
            .map_or("plain", |(protocol, _)| protocol)
            .to_owned()
    }
}
