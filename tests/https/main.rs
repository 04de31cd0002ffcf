//! TLS on the HTTP port: what clients get, what becomes of those that keep it waiting, and what a real HAProxy, curl and
//! the other nodes' daemons make of it.
//!
//! - [`pki`]: authorities and certificates, made for one test.
//! - [`client`]: a client that speaks TLS.
//! - [`handshakes`]: who is answered, and who is not.
//! - [`reload`]: another certificate while connections are open.
//! - [`balancer`]: checks of a real HAProxy.
//! - [`peers`]: the nodes, and the plugin.
//! - [`recipe`]: the certificates that the documents have somebody make.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that cannot go on fails its test"
)]

mod balancer;
mod client;
mod handshakes;
mod peers;
mod pki;
mod recipe;
mod reload;

use std::net::SocketAddrV4;
use std::time::Duration;

use pki::{Authority, Files, Identity};
use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, ports};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(20);

/// Longest that a handshake and the head of a first request may take together.
const HEAD: Duration = Duration::from_secs(5);

/// A daemon with an HTTP port.
struct Served {
    daemon: Daemon,
    http: SocketAddrV4,
}

/// Where a daemon will answer, and whose certificates it has.
struct Place {
    http: SocketAddrV4,
    ours: Authority,
    files: Files,
}

impl Place {
    fn choose() -> Result<Self, Trouble> {
        Ok(Self {
            http: ports::free()?,
            ours: Authority::new("ours"),
            files: Files::new(),
        })
    }

    /// What an authority certifies of the address.
    fn certified_by(&self, authority: &Authority) -> Identity {
        authority.certify(&[&self.http.ip().to_string()])
    }

    /// The words of `[http]` for a certificate of our authority.
    fn identity(&self) -> String {
        self.files.identity(&self.certified_by(&self.ours))
    }

    /// The same and what clients have to show.
    fn wanting(&self, clients: &Authority, demand: &str) -> String {
        let ca = self.files.write("clients.pem", &clients.pem());
        let wanted = format!("client_ca_file = \"{ca}\"\nclient_certificate = \"{demand}\"\n");
        self.identity() + &wanted
    }

    /// A daemon whose table `[http]` is this.
    fn serve(&self, server: &Postgres, http: &str) -> Result<Served, Trouble> {
        self.admit(server, http, "trusted = [\"127.0.0.0/8\"]\n")
    }

    fn admit(&self, server: &Postgres, http: &str, admission: &str) -> Result<Served, Trouble> {
        serve_at(self.http, server, &format!("[http]\n{http}"), admission)
    }
}

fn serve_at(
    http: SocketAddrV4,
    server: &Postgres,
    config: &str,
    admission: &str,
) -> Result<Served, Trouble> {
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&server.conninfo(MONITOR))
        .config(&format!("timeout = \"2s\"\n{config}"))
        .admission(admission)
        .start()?;
    daemon.wait_for(SECONDS, "production")?;
    Ok(Served { daemon, http })
}
