//! Listen blocks and their checks as text; pure.

use std::fmt;
use std::net::SocketAddrV4;
use std::path::Path;

/// A listen block whose servers are checked at the state port.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Its name.
    pub name: String,
    /// Where clients connect.
    pub bind: SocketAddrV4,
    /// How clients are spread over the servers that are up.
    pub balance: Balance,
    /// The port at which every server is checked.
    pub check_port: u16,
    /// The rule of `tcp-check expect`, such as `rstring ^production`.
    pub expect: String,
    /// The rhythm of its checks.
    pub pace: Pace,
    /// Its servers.
    pub backends: Vec<Backend>,
}

/// How clients are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// In turn.
    RoundRobin,
    /// To the server with the fewest sessions.
    LeastConn,
}

/// The rhythm of checks, as `default-server` spells it.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Time between two checks.
    pub inter: String,
    /// The same while a server's status changes.
    pub fastinter: String,
    /// Good checks until a server is up.
    pub rise: u8,
    /// Bad checks until it is down.
    pub fall: u8,
    /// Longest that one check may take.
    pub timeout: String,
}

/// A server of a listen block.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Its name.
    pub name: String,
    /// Where its PostgreSQL listens; it is checked at the same host.
    pub address: SocketAddrV4,
}

impl Pace {
    /// The three-node example's: 2 s, down at the first bad check.
    pub fn usual() -> Self {
        Self {
            inter: "2s".into(),
            fastinter: "1s".into(),
            rise: 2,
            fall: 1,
            timeout: "3s".into(),
        }
    }

    /// For tests that wait for a change: every check counts, and there are many.
    pub fn brisk() -> Self {
        Self {
            inter: "50ms".into(),
            fastinter: "50ms".into(),
            rise: 1,
            fall: 1,
            timeout: "3s".into(),
        }
    }
}

impl Listen {
    /// The three-node example's block for writers: whoever answers `production`.
    pub fn production(bind: SocketAddrV4, check_port: u16, backends: Vec<Backend>) -> Self {
        Self {
            name: "prod".into(),
            bind,
            balance: Balance::RoundRobin,
            check_port,
            expect: "rstring ^production".into(),
            pace: Pace::usual(),
            backends,
        }
    }

    /// The three-node example's block for readers: whoever answers `standby`.
    pub fn standby(bind: SocketAddrV4, check_port: u16, backends: Vec<Backend>) -> Self {
        Self {
            name: "stdby".into(),
            bind,
            balance: Balance::LeastConn,
            check_port,
            expect: "rstring ^standby".into(),
            pace: Pace::usual(),
            backends,
        }
    }

    /// The same block with another rhythm.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, bind, pace, ..
        } = self;
        let balance = match self.balance {
            Balance::RoundRobin => "roundrobin",
            Balance::LeastConn => "leastconn",
        };
        writeln!(f, "listen {name}")?;
        writeln!(f, "    bind {bind}")?;
        writeln!(f, "    balance {balance}")?;
        writeln!(f, "    timeout check {}", pace.timeout)?;
        writeln!(f, "    option tcp-check")?;
        writeln!(f, "    tcp-check connect port {}", self.check_port)?;
        writeln!(f, "    tcp-check expect {}", self.expect)?;
        writeln!(
            f,
            "    default-server inter {} fastinter {} rise {} fall {} on-marked-down shutdown-sessions",
            pace.inter, pace.fastinter, pace.rise, pace.fall
        )?;
        for Backend { name, address } in &self.backends {
            writeln!(f, "    server {name} {address} check")?;
        }
        Ok(())
    }
}

/// What stands above every block. The timeouts of clients and servers bound idle sessions, and a
/// standby that streams from an idle primary is one.
pub(super) fn preamble(admin_socket: &Path) -> String {
    format!(
        "\
global
    log stdout format raw local0 notice
    stats socket {} mode 600 level admin
defaults
    log global
    mode tcp
    retries 1
    timeout connect 2s
    timeout client 1h
    timeout server 1h
",
        admin_socket.display()
    )
}

/// The three-node example's statistics page.
pub(super) fn stats_block(address: SocketAddrV4) -> String {
    format!(
        "\
listen stats
    mode http
    bind {address}
    stats enable
    stats uri /
    timeout connect 15s
    timeout client 15s
    timeout server 15s
"
    )
}
