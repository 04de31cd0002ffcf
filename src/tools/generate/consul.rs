//! Consul's services of one host's server: one for each role, of which the checks let one pass at a time; knows
//! no agent of Consul (its manual, "Service definition" and "Health check configuration").

use std::net::SocketAddr;

use serde_json::{Value, json};
use thiserror::Error;

use super::{Label, WholePath};
use crate::admit::net::canonical;
use crate::base::units::Bytes;
use crate::config::{ClusterNode, HeaderPeers};

/// Everything that the services are made from.
#[derive(Clone, Debug)]
pub struct ConsulPlan {
    /// What both are called.
    pub name: Label,
    /// The host, where it is not to be the address of Consul's agent that clients are told.
    pub node: Option<ClusterNode>,
    /// PostgreSQL's port.
    pub port: u16,
    check: ConsulCheck,
    /// The most that a standby may be behind, where HTTP is asked.
    pub max_lag: Option<Bytes>,
}

/// How Consul's agent asks.
#[derive(Clone, Debug)]
pub enum ConsulCheck {
    /// The daemon of this host, at this address.
    Http(SocketAddr),
    /// The plugin.
    Script(WholePath),
}

/// Why there are no such services.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConsulError {
    /// The daemon expects something that Consul does not send.
    #[error(
        "{0} must be sent a PROXY header, which Consul never does; name ports, as in {{ 5431 = [...] }}, or take --check script"
    )]
    Header(SocketAddr),
}

/// How often Consul asks, and how long it waits: the three-node example's interval.
const INTERVAL: &str = "2s";

/// A role that clients look for.
#[derive(Clone, Copy)]
enum ServiceRole {
    Primary,
    Standby,
}

impl ServiceRole {
    /// The tag: clients ask for `TAG.NAME.service.consul`.
    fn tag(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
        }
    }

    /// As the plugin expects it.
    fn expected(self) -> &'static str {
        match self {
            Self::Primary => "production",
            Self::Standby => "standby",
        }
    }
}

impl ConsulPlan {
    /// Services whose checks the daemon would answer. Consul's agent asks from the address that it asks.
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

    /// The file, for the folder of the agent's configuration.
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
