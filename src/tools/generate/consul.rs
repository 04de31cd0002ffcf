//! Consul's services for the server of one host: one for each role, of which at most one passes its check at a time;
//! runs no Consul agent (its manual, "Service definition" and "Health check configuration").

use std::net::SocketAddr;

use serde::Serialize;
use thiserror::Error;

use super::{Label, WholePath};
use crate::admit::net::canonical;
use crate::base::json::line_by_line;
use crate::base::units::Bytes;
use crate::config::{ClusterNode, HeaderPeers};

/// The inputs of the services.
#[derive(Clone, Debug)]
pub struct ConsulPlan {
    /// The name of both services.
    pub name: Label,
    /// The host whose address clients are given; without it they are given the address of Consul's agent.
    pub node: Option<ClusterNode>,
    /// PostgreSQL's port.
    pub port: u16,
    check: ConsulCheck,
    /// The largest lag of a standby, if HTTP is used.
    pub max_lag: Option<Bytes>,
}

/// How Consul's agent checks the server.
#[derive(Clone, Debug)]
pub enum ConsulCheck {
    /// Over HTTP, from the daemon of this host at this address.
    Http(SocketAddr),
    /// With the plugin, which is this program, and the configuration that it reads if it is not the default one.
    Script(WholePath, Option<WholePath>),
}

/// Why the services cannot be generated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConsulError {
    /// The daemon requires a PROXY header, which Consul does not send.
    #[error(
        "the daemon at {0} requires a PROXY header, which Consul never sends; list ports, as in {{ 5431 = [...] }}, or use --check script"
    )]
    Header(SocketAddr),
}

/// How often Consul checks, and how long it waits for the answer: the interval of the three-node example.
const INTERVAL: &str = "2s";

/// A role that clients ask for.
#[derive(Clone, Copy)]
enum ServiceRole {
    Primary,
    Standby,
}

impl ServiceRole {
    /// The tag of the service: clients ask for `TAG.NAME.service.consul`.
    fn tag(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
        }
    }

    /// The value for the plugin's `--expect`.
    fn expected(self) -> &'static str {
        match self {
            Self::Primary => "production",
            Self::Standby => "standby",
        }
    }
}

/// The file (Consul's documentation, "Services configuration reference").
#[derive(Debug, Serialize)]
struct ConsulServices<'p> {
    services: [ConsulService<'p>; 2],
}

#[derive(Debug, Serialize)]
struct ConsulService<'p> {
    id: String,
    name: String,
    tags: [&'static str; 1],
    port: u16,
    checks: [ConsulServiceCheck; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<ConsulMeta<'p>>,
}

#[derive(Debug, Serialize)]
struct ConsulMeta<'p> {
    node: &'p str,
}

#[derive(Debug, Serialize)]
struct ConsulServiceCheck {
    id: String,
    name: String,
    notes: String,
    #[serde(flatten)]
    question: ConsulQuestion,
    interval: &'static str,
    timeout: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ConsulQuestion {
    Http { http: String, method: &'static str },
    Script { args: Vec<String> },
}

impl ConsulPlan {
    /// Plans services; an error if the daemon would not answer their checks. Consul's agent connects from the same
    /// address that it connects to.
    pub fn new(
        name: Label,
        port: u16,
        check: ConsulCheck,
        peers: &HeaderPeers,
    ) -> Result<Self, ConsulError> {
        if let ConsulCheck::Http(daemon) = &check
            && peers.at(daemon.port()).contains(canonical(daemon.ip()))
        {
            return Err(ConsulError::Header(*daemon));
        }
        Ok(Self {
            name,
            node: None,
            port,
            check,
            max_lag: None,
        })
    }

    /// The file for the configuration folder of Consul's agent.
    #[must_use]
    pub fn text(&self) -> String {
        let services = [ServiceRole::Primary, ServiceRole::Standby];
        line_by_line(&ConsulServices {
            services: services.map(|role| self.service(role)),
        })
    }

    fn service(&self, role: ServiceRole) -> ConsulService<'_> {
        let id = format!("{}-{}", self.name, role.tag());
        let node = self.node.as_ref();
        ConsulService {
            name: self.name.to_string(),
            tags: [role.tag()],
            port: self.port,
            checks: [self.check(role, &id)],
            address: node.map(|node| node.address.to_canonical().to_string()),
            meta: node.map(|node| ConsulMeta { node: &node.name }),
            id,
        }
    }

    fn check(&self, role: ServiceRole, id: &str) -> ConsulServiceCheck {
        let (tag, name) = (role.tag(), &self.name);
        let (question, needs) = match &self.check {
            ConsulCheck::Http(daemon) => (
                ConsulQuestion::Http {
                    http: format!("http://{daemon}{}", self.path(role)),
                    method: "HEAD",
                },
                "pgsql-state-http.socket",
            ),
            ConsulCheck::Script(program, config) => {
                let options = ["check", "role", "--expect", role.expected(), "--consul"];
                let args = [program.to_string()].into_iter();
                let config = config.iter();
                let config = config.flat_map(|path| ["--config".to_owned(), path.to_string()]);
                let args = args
                    .chain(options.map(str::to_owned))
                    .chain(config)
                    .collect();
                (
                    ConsulQuestion::Script { args },
                    "enable_local_script_checks",
                )
            }
        };
        ConsulServiceCheck {
            id: format!("{id}-role"),
            name: format!("this server is a {tag}"),
            notes: format!(
                "pgsql-state generate consul: passes while this host's server is a {tag}; needs {needs}. Clients \
                 ask DNS for {tag}.{name}.service.consul"
            ),
            question,
            interval: INTERVAL,
            timeout: INTERVAL,
        }
    }

    fn path(&self, role: ServiceRole) -> String {
        match (role, self.max_lag) {
            (ServiceRole::Primary, _) => "/primary".into(),
            (ServiceRole::Standby, None) => "/replica".into(),
            (ServiceRole::Standby, Some(lag)) => format!("/replica?lag={}", lag.0),
        }
    }
}
