//! Rules for a server's `pg_hba.conf`: reject the server's replication from itself, permit its peers, and admit the
//! role that asks; opens no file.

use std::fmt;
use std::net::IpAddr;

use super::{Identifier, Nodes, NodesError};
use crate::config::ClusterNode;

/// The marker above the rules.
pub const BEGIN: &str = "# BEGIN pgsql-state";

/// The marker below the rules.
pub const END: &str = "# END pgsql-state";

/// The inputs of the rules.
#[derive(Clone, Debug)]
pub struct HbaPlan {
    /// The nodes of the cluster.
    nodes: Nodes,
    /// The node whose file it is.
    node: ClusterNode,
    /// The role with which `pgsql-state` connects.
    pub role: Identifier,
    /// The database to which it connects.
    pub database: Identifier,
    /// The role that replicates; `None` permits every role with the attribute `REPLICATION`.
    pub replicating: Option<Identifier>,
    /// How peers authenticate.
    pub method: HbaMethod,
}

/// An authentication method for peers (`PostgreSQL` manual, "The `pg_hba.conf` File").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HbaMethod {
    /// A password with SCRAM.
    Scram,
    /// A password, also for roles whose password is older than `PostgreSQL` 10.
    Md5,
    /// No authentication: the address alone.
    Trust,
}

impl HbaPlan {
    /// Plans the rules for the server called `node`; an error if it is not in the cluster.
    pub fn new(
        nodes: Nodes,
        node: &str,
        role: Identifier,
        database: Identifier,
    ) -> Result<Self, NodesError> {
        let node = nodes.named(node)?.clone();
        Ok(Self {
            nodes,
            node,
            role,
            database,
            replicating: None,
            method: HbaMethod::Scram,
        })
    }

    /// The address of the server whose file it is.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.node.address
    }

    /// The rules between their markers. The first rule that matches a connection decides, so they must be in front
    /// of all others.
    #[must_use]
    pub fn rules(&self) -> String {
        let mut text = format!(
            "{BEGIN}: made by `pgsql-state generate pg-hba --node {}`\n",
            self.node.name
        );
        self.against_itself(&mut text);
        self.for_peers(&mut text);
        // Each connection that reaches this rule costs a name look-up; connections of peers match earlier rules.
        text.push_str("# The server itself, by its host name.\n");
        let own = quoted(&self.node.name);
        text.push_str(&HbaEntry::host("all", &own, "reject").to_string());
        text.push_str(
            "# pgsql-state asks for the role; it connects as the operating system user of the same name.\n",
        );
        let (database, role) = (self.database.quoted(), self.role.quoted());
        text.push_str(&HbaEntry::local(&database, &role, "peer").to_string());
        text + END + "\n"
    }

    fn against_itself(&self, text: &mut String) {
        text.push_str(
            "# A standby connects to the server that its HAProxy considers the primary. If that is briefly the\n\
             # standby itself, it must not replicate from itself.\n",
        );
        text.push_str(&HbaEntry::local("replication", "all", "reject").to_string());
        let own = net(self.node.address);
        for address in [own.as_str(), "127.0.0.0/8", "::1/128", "samehost"] {
            text.push_str(&HbaEntry::host("all", address, "reject").to_string());
        }
    }

    fn for_peers(&self, text: &mut String) {
        let peers: Vec<&ClusterNode> = self.nodes.others(&self.node.name).collect();
        if peers.is_empty() {
            return;
        }
        text.push_str("# The other servers replicate from this one when it is the primary.\n");
        let role = self.replicating.as_ref().map(Identifier::quoted);
        let role = role.unwrap_or_else(|| "all".into());
        for peer in peers {
            let address = net(peer.address);
            text.push_str(&HbaEntry::host(&role, &address, self.method.word()).to_string());
        }
    }
}

impl HbaMethod {
    /// The method as the file writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Scram => "scram-sha-256",
            Self::Md5 => "md5",
            Self::Trust => "trust",
        }
    }
}

/// One line of the file.
struct HbaEntry<'a> {
    kind: &'static str,
    database: &'a str,
    role: &'a str,
    address: &'a str,
    method: &'a str,
}

impl<'a> HbaEntry<'a> {
    /// A rule for replication over TCP.
    fn host(role: &'a str, address: &'a str, method: &'a str) -> Self {
        Self {
            kind: "host",
            database: "replication",
            role,
            address,
            method,
        }
    }

    /// A rule for the Unix socket.
    fn local(database: &'a str, role: &'a str, method: &'a str) -> Self {
        Self {
            kind: "local",
            database,
            role,
            address: "",
            method,
        }
    }
}

impl fmt::Display for HbaEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            database,
            role,
            address,
            method,
        } = self;
        writeln!(
            f,
            "{kind:<5} {database:<12} {role:<14} {address:<18} {method}"
        )
    }
}

/// A host name in quotes, so that a host called `all` is not a keyword.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// An address with the mask that the file requires.
fn net(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(four) => format!("{four}/32"),
        IpAddr::V6(six) => format!("{six}/128"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(nodes: &[&str]) -> HbaPlan {
        let nodes = nodes.iter().map(|node| node.parse().unwrap()).collect();
        let nodes = Nodes::new(nodes).unwrap();
        HbaPlan::new(
            nodes,
            "srv1",
            "pgsql-state".parse().unwrap(),
            "postgres".parse().unwrap(),
        )
        .unwrap()
    }

    fn lines(plan: &HbaPlan) -> Vec<String> {
        let rules = plan.rules();
        let lines = rules.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn a_server_is_rejected_under_each_of_its_names_and_its_peers_are_not() {
        let plan = plan(&["srv1=10.20.30.51", "srv2=10.20.30.52", "srv3=2001:db8::53"]);
        assert_eq!(
            lines(&plan),
            [
                "local replication all reject",
                "host replication all 10.20.30.51/32 reject",
                "host replication all 127.0.0.0/8 reject",
                "host replication all ::1/128 reject",
                "host replication all samehost reject",
                "host replication all 10.20.30.52/32 scram-sha-256",
                "host replication all 2001:db8::53/128 scram-sha-256",
                "host replication all \"srv1\" reject",
                "local \"postgres\" \"pgsql-state\" peer",
            ]
        );
    }

    #[test]
    fn peers_can_be_permitted_for_one_role_and_with_another_method() {
        let mut plan = plan(&["srv1=10.20.30.51", "srv2=10.20.30.52"]);
        plan.replicating = Some("repl".parse().unwrap());
        plan.method = HbaMethod::Trust;
        let rule = "host replication \"repl\" 10.20.30.52/32 trust";
        assert!(lines(&plan).contains(&rule.to_owned()));
    }

    #[test]
    fn a_server_that_is_not_in_the_cluster_gets_no_rules() {
        let nodes = Nodes::new(vec!["srv2=10.0.0.2".parse().unwrap()]).unwrap();
        let name = |text: &str| text.parse::<Identifier>().unwrap();
        let error = HbaPlan::new(nodes, "srv1", name("a"), name("b")).unwrap_err();
        assert_eq!(error, NodesError::Unknown("srv1".into()));
    }

    #[test]
    fn the_rules_are_between_their_markers() {
        let rules = plan(&["srv1=10.0.0.1"]).rules();
        assert!(rules.starts_with(BEGIN), "{rules}");
        assert!(rules.ends_with(&format!("\n{END}\n")), "{rules}");
        assert!(!rules.contains("other servers"), "{rules}");
    }
}
