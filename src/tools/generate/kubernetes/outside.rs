//! Services without a selector, whose endpoints are the `HAProxy`s on the hosts of servers outside Kubernetes
//! (Kubernetes documentation, "Services without selectors" and "EndpointSlices").

use std::net::IpAddr;

use thiserror::Error;

use crate::config::ClusterNode;
use crate::tools::generate::{Label, Nodes};

const HEAD: &str = "\
# pgsql-state generate kubernetes outside
# Servers outside of Kubernetes, each with a HAProxy beside it that knows the primary (pgsql-state generate
# haproxy). So every host is an endpoint of both services, and the role does not matter here. A host that has
# failed is not removed: a client that is sent to it has to try again, so set a connect_timeout for clients.
";

/// The inputs of the objects.
#[derive(Clone, Debug)]
pub struct OutsidePlan {
    nodes: Nodes,
    name: Label,
    read_write: u16,
    read_only: u16,
}

/// Why the objects cannot be generated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutsideError {
    /// Kubernetes refuses such an address in an EndpointSlice.
    #[error("{address}, the address of \"{name}\", is a loopback or link-local address")]
    Local {
        /// The name of the node.
        name: String,
        /// The address of the node.
        address: IpAddr,
    },
    /// Writers and readers have the same port.
    #[error("writers and readers would both use port {0}")]
    Same(u16),
}

/// An address family. A slice has addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    IPv4,
    IPv6,
}

impl OutsidePlan {
    /// Plans services for these ports of the nodes.
    pub fn new(
        nodes: Nodes,
        name: Label,
        read_write: u16,
        read_only: u16,
    ) -> Result<Self, OutsideError> {
        if read_write == read_only {
            return Err(OutsideError::Same(read_write));
        }
        if let Some(node) = nodes.iter().find(|node| is_local(node.address)) {
            return Err(OutsideError::Local {
                name: node.name.clone(),
                address: node.address,
            });
        }
        Ok(Self {
            nodes,
            name,
            read_write,
            read_only,
        })
    }

    /// The objects as YAML.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        let services = [
            (
                "rw",
                self.read_write,
                "Writers: each HAProxy sends them to the primary.",
            ),
            (
                "ro",
                self.read_only,
                "Readers: each HAProxy sends them to a standby.",
            ),
        ];
        for (end, port, why) in services {
            let name = format!("{}-{end}", self.name);
            text.push_str(&self.service(&name, port, why));
            for family in [Family::IPv4, Family::IPv6] {
                text.push_str(&self.slice(&name, port, family));
            }
        }
        text
    }

    fn service(&self, name: &str, port: u16, why: &str) -> String {
        let families = [Family::IPv4, Family::IPv6];
        let families = families
            .into_iter()
            .filter(|family| self.of(*family).next().is_some());
        let families: Vec<&str> = families.map(Family::word).collect();
        let policy = match families.as_slice() {
            [_, _] => "PreferDualStack",
            _ => "SingleStack",
        };
        let families = families.join(", ");
        format!(
            r"---
# {why}
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  # Without a selector: the slices below are its only endpoints.
  ipFamilyPolicy: {policy}
  ipFamilies: [{families}]
  ports:
    - name: postgresql
      protocol: TCP
      port: 5432
      targetPort: {port}
"
        )
    }

    /// The slice of one family; empty if no node has an address of it.
    fn slice(&self, name: &str, port: u16, family: Family) -> String {
        let endpoints: Vec<String> = self.of(family).map(endpoint).collect();
        if endpoints.is_empty() {
            return String::new();
        }
        let (family, endpoints) = (family.word(), endpoints.concat());
        let end = family.to_ascii_lowercase();
        format!(
            r"---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: {name}-{end}
  labels:
    # The service of the slice; no controller manages the slice.
    kubernetes.io/service-name: {name}
    endpointslice.kubernetes.io/managed-by: pgsql-state-generate
addressType: {family}
ports:
  - name: postgresql
    protocol: TCP
    port: {port}
endpoints:
{endpoints}"
        )
    }

    fn of(&self, family: Family) -> impl Iterator<Item = &ClusterNode> {
        self.nodes
            .iter()
            .filter(move |node| Family::of(node) == family)
    }
}

impl Family {
    fn of(node: &ClusterNode) -> Self {
        match node.address.to_canonical() {
            IpAddr::V4(_) => Self::IPv4,
            IpAddr::V6(_) => Self::IPv6,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::IPv4 => "IPv4",
            Self::IPv6 => "IPv6",
        }
    }
}

fn endpoint(node: &ClusterNode) -> String {
    let (name, address) = (&node.name, node.address.to_canonical());
    format!(
        r#"  # {name}
  - addresses: ["{address}"]
    conditions:
      ready: true
"#
    )
}

fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => four.is_loopback() || four.is_link_local(),
        IpAddr::V6(six) => six.is_loopback() || six.is_unicast_link_local(),
    }
}
