//! Formats a director's file (`keepalived.conf(5)`, "Virtual server(s)"); does not validate a plan.

use std::net::{IpAddr, SocketAddr};

use super::lvs::{Forward, Lvs, LvsCheck};
use super::text::Block;
use crate::config::ClusterNode;

impl Lvs {
    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut file = Block::file();
        file.put(
            &format!(
                "# pgsql-state generate keepalived lvs --check {}",
                self.check.word()
            ),
            "",
        );
        file.why(
            "For a director; each server needs pgsql-state-http.socket. TCP_CHECK is not enough: a standby accepts \
             connections too. While two servers claim to be the primary, LVS sends writers to both; with \
             guard.two_primaries = \"yield\" the daemon of the older one answers `down`.",
        );
        file.why(
            "Sessions with a former primary are closed only with this setting in /etc/sysctl.d; without it their \
             packets are dropped until a timeout:",
        );
        file.quote("net.ipv4.vs.expire_nodest_conn = 1");
        file.gap();
        file.block("global_defs", |block| {
            block.why(
                "Seconds after which LVS drops an idle session. Its default of 900 is too short for pools.",
            );
            block.put("lvs_timeouts", "tcp 86400 tcpfin 120 udp 300");
            match self.check {
                LvsCheck::Http => {}
                LvsCheck::Plugin => self.script.globally(block),
            }
        });
        file.gap();
        file.why("Writers, to the primary.");
        self.virtual_server(&mut file, DirectorPool::Writers);
        file.gap();
        file.why("Readers, to the standbys.");
        self.virtual_server(&mut file, DirectorPool::Readers);
        file.text()
    }

    fn virtual_server(&self, file: &mut Block, pool: DirectorPool) {
        let place = match pool {
            DirectorPool::Writers => self.writers,
            DirectorPool::Readers => self.readers,
        };
        let heading = format!("virtual_server {} {}", place.ip(), place.port());
        file.block(&heading, |server| {
            server.put("protocol", "TCP");
            server.put("lvs_sched", pool.scheduler());
            server.put("lvs_method", self.forward.word());
            server.why("Servers are down until their first check, which follows at once.");
            server.put("alpha", "");
            server.put("warmup", "0");
            server.why("Every two seconds; a server is down after a second failed check in a row.");
            server.put("delay_loop", "2");
            server.put("connect_timeout", "2");
            server.put("retry", "1");
            server.put("delay_before_retry", "1");
            match pool {
                DirectorPool::Writers => {}
                DirectorPool::Readers => {
                    server.why("A standby that lags gets no new session and keeps those it has.");
                    server.put("inhibit_on_failure", "");
                }
            }
            for node in &self.nodes {
                self.real_server(server, pool, node);
            }
        });
    }

    fn real_server(&self, block: &mut Block, pool: DirectorPool, node: &ClusterNode) {
        block.why(&node.name);
        let address = node.address.to_canonical();
        block.block(
            &format!("real_server {address} {}", self.postgres),
            |server| {
                server.put("weight", "100");
                match self.check {
                    LvsCheck::Http => self.http(server, pool),
                    LvsCheck::Plugin => self.plugin(server, pool, address),
                }
            },
        );
    }

    fn http(&self, server: &mut Block, pool: DirectorPool) {
        let path = match (pool, self.max_lag) {
            (DirectorPool::Writers, _) => "/primary".to_owned(),
            (DirectorPool::Readers, None) => "/replica".to_owned(),
            (DirectorPool::Readers, Some(lag)) => format!("/replica?lag={}", lag.0),
        };
        server.block("HTTP_GET", |check| {
            check.block("url", |url| {
                url.put("path", &path);
                url.put("status_code", "200");
            });
            check.put("connect_port", &self.http.to_string());
        });
    }

    fn plugin(&self, server: &mut Block, pool: DirectorPool, address: IpAddr) {
        let daemon = SocketAddr::new(address, self.http);
        server.block("MISC_CHECK", |check| match pool {
            DirectorPool::Writers => {
                let arguments = format!("--at {daemon} --expect production --keepalived");
                check.put("misc_path", &self.script.line(&arguments));
                check.put("misc_timeout", "5");
            }
            DirectorPool::Readers => {
                check.why(
                    "From 100 without lag down to 1 at the limit in [standby] of this host's configuration; 0 for a \
                     standby that lags, or a server that is not a standby.",
                );
                let arguments = format!("--at {daemon} --expect standby --misc-dynamic");
                check.put("misc_path", &self.script.line(&arguments));
                check.put("misc_timeout", "5");
                check.put("misc_dynamic", "");
            }
        });
    }
}

/// Whose sessions a virtual server forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DirectorPool {
    Writers,
    Readers,
}

impl DirectorPool {
    /// Readers go to the server with the fewest sessions for its weight, as with `leastconn` in the three-node example.
    fn scheduler(self) -> &'static str {
        match self {
            Self::Writers => "rr",
            Self::Readers => "wlc",
        }
    }
}

impl Forward {
    fn word(self) -> &'static str {
        match self {
            Self::Nat => "NAT",
            Self::Direct => "DR",
            Self::Tunnel => "TUN",
        }
    }
}
