//! Consul's services for the server of one host: one for each role, of which at most one passes its check at a time;
//! runs no Consul agent (its manual, "Service definition" and "Health check configuration").

use std::net::SocketAddr;

use serde_json::{Value, json};
use thiserror::Error;

use super::{Label, WholePath};
use crate::admit::net::canonical;
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
    /// With the plugin, which is this program.
    Script(WholePath),
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
        let services = [ServiceRole::Primary, ServiceRole::Standby].map(|role| self.service(role));
        format!("{:#}\n", json!({ "services": services }))
    }

    fn service(&self, role: ServiceRole) -> Value {
        let id = format!("{}-{}", self.name, role.tag());
        let mut service = json!({
            "id": id,
            "name": self.name.to_string(),
            "tags": [role.tag()],
            "port": self.port,
            "checks": [self.check(role, &id)],
        });
        if let (Some(node), Some(fields)) = (&self.node, service.as_object_mut()) {
            fields.insert(
                "address".into(),
                node.address.to_canonical().to_string().into(),
            );
            fields.insert("meta".into(), json!({ "node": node.name }));
        }
        service
    }

    fn check(&self, role: ServiceRole, id: &str) -> Value {
        let (tag, name) = (role.tag(), &self.name);
        let (asked, notes) = match &self.check {
            ConsulCheck::Http(daemon) => (
                json!({ "http": format!("http://{daemon}{}", self.path(role)), "method": "HEAD" }),
                format!(
                    "pgsql-state generate consul: passes while this host's server is a {tag}; needs \
                     pgsql-state-http.socket. Clients ask DNS for {tag}.{name}.service.consul"
                ),
            ),
            ConsulCheck::Script(program) => (
                json!({ "args": [
                    program.to_string(), "check", "role", "--expect", role.expected(), "--consul",
                ] }),
                format!(
                    "pgsql-state generate consul: passes while this host's server is a {tag}; needs \
                     enable_local_script_checks. Clients ask DNS for {tag}.{name}.service.consul"
                ),
            ),
        };
        let mut check = json!({
            "id": format!("{id}-role"),
            "name": format!("this server is a {}", role.tag()),
            "notes": notes,
        });
        if let (Some(fields), Value::Object(asked)) = (check.as_object_mut(), asked) {
            fields.extend(asked);
            fields.insert("interval".into(), INTERVAL.into());
            fields.insert("timeout".into(), INTERVAL.into());
        }
        check
    }

    fn path(&self, role: ServiceRole) -> String {
        match (role, self.max_lag) {
            (ServiceRole::Primary, _) => "/primary".into(),
            (ServiceRole::Standby, None) => "/replica".into(),
            (ServiceRole::Standby, Some(lag)) => format!("/replica?lag={}", lag.0),
        }
    }
}
