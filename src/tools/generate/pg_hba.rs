//! Rules for a server's `pg_hba.conf`: that it never replicates from itself, that its peers may, and
//! that it can be asked; knows no file.

use std::fmt;
use std::net::IpAddr;

use super::{Identifier, Nodes, NodesError};
use crate::config::ClusterNode;

/// Above the rules.
pub const BEGIN: &str = "# BEGIN pgsql-state";

/// Below them.
pub const END: &str = "# END pgsql-state";

/// What the rules are made from.
#[derive(Clone, Debug)]
pub struct HbaPlan {
    /// The cluster.
    nodes: Nodes,
    /// The server whose file it is.
    node: ClusterNode,
    /// The role that asks.
    pub role: Identifier,
    /// The database in which it asks.
    pub database: Identifier,
    /// The role that replicates; none for whichever has the attribute.
    pub replicating: Option<Identifier>,
    /// How peers prove that they are who they say.
    pub method: HbaMethod,
}

/// How a peer proves that it is who it says (`PostgreSQL` manual, "The `pg_hba.conf` File").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HbaMethod {
    /// By its password.
    Scram,
    /// By its password, for roles whose password is older than `PostgreSQL` 10.
    Md5,
    /// Not at all: by its address alone.
    Trust,
}

impl HbaPlan {
    /// Rules for the server called `node`; an error where it is none of the cluster.
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

    /// The rules between their markers. The first rule that matches a connection decides, so they belong
    /// in front of all others.
    #[must_use]
    pub fn rules(&self) -> String {
        let mut text = format!(
            "{BEGIN}: made by `pgsql-state generate pg-hba --node {}`\n",
            self.node.name
        );
        self.against_itself(&mut text);
        self.for_peers(&mut text);
        // A name costs a look-up for each connection that comes so far, and peers never do.
        text.push_str("# The server under its own name.\n");
        let own = quoted(&self.node.name);
        text.push_str(&HbaEntry::host("all", &own, "reject").to_string());
        text.push_str(
            "# pgsql-state asks for the role, as the operating system user of the same name.\n",
        );
        let (database, role) = (self.database.quoted(), self.role.quoted());
        text.push_str(&HbaEntry::local(&database, &role, "peer").to_string());
        text + END + "\n"
    }

    fn against_itself(&self, text: &mut String) {
        text.push_str(
            "# A standby reaches whichever server its HAProxy takes for the primary. Where that is the\n\
             # standby itself, for a moment, it must not replicate from itself.\n",
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
    /// As the file has it.
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
    /// For replication over TCP.
    fn host(role: &'a str, address: &'a str, method: &'a str) -> Self {
        Self {
            kind: "host",
            database: "replication",
            role,
            address,
            method,
        }
    }

    /// On the Unix socket.
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

/// A host's name, in quotes: one called `all` is no keyword.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// One address, with the mask that the file wants.
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
    fn peers_may_be_let_in_with_one_role_and_by_another_method() {
        let mut plan = plan(&["srv1=10.20.30.51", "srv2=10.20.30.52"]);
        plan.replicating = Some("repl".parse().unwrap());
        plan.method = HbaMethod::Trust;
        let rule = "host replication \"repl\" 10.20.30.52/32 trust";
        assert!(lines(&plan).contains(&rule.to_owned()));
    }

    #[test]
    fn a_server_that_is_none_of_the_cluster_gets_no_rules() {
        let nodes = Nodes::new(vec!["srv2=10.0.0.2".parse().unwrap()]).unwrap();
        let name = |text: &str| text.parse::<Identifier>().unwrap();
        let error = HbaPlan::new(nodes, "srv1", name("a"), name("b")).unwrap_err();
        assert_eq!(error, NodesError::Unknown("srv1".into()));
    }

    #[test]
    fn the_rules_stand_between_their_markers() {
        let rules = plan(&["srv1=10.0.0.1"]).rules();
        assert!(rules.starts_with(BEGIN), "{rules}");
        assert!(rules.ends_with(&format!("\n{END}\n")), "{rules}");
        assert!(!rules.contains("other servers"), "{rules}");
    }
}
