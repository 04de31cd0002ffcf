//! Judges whether `pg_hba.conf`, as the server reads it, lets the server replicate from itself; opens no file and
//! no connection.
//!
//! - [`quotes`]: which words of the file are names and not keywords.

pub mod quotes;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Deserialize;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::base::shell::quoted;

/// A line of the file that is a rule, or an invalid one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HbaLine {
    /// The file, if `PostgreSQL` reports it: version 16 and later, which can include files.
    pub file: Option<String>,
    /// The line number, counted from 1.
    pub number: u64,
    /// The rule, or `PostgreSQL`'s error message about it.
    pub rule: Result<HbaRule, String>,
}

/// One rule (manual, "`pg_hba_file_rules`").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HbaRule {
    /// The connection type: `local`, `host`, `hostssl` and so on.
    pub kind: String,
    /// The databases, possibly with the keyword `replication`; a name that equals a keyword has its quotes.
    pub databases: Vec<String>,
    /// The roles, possibly with `all` and groups.
    pub roles: Vec<String>,
    /// An address, a host name or a keyword; `None` for `local`.
    pub address: Option<String>,
    /// The netmask, if the rule has an address.
    pub netmask: Option<IpAddr>,
    /// The authentication method, such as `reject`.
    pub method: String,
}

/// A way in which a server can connect to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelfConnection {
    /// Through its Unix socket.
    Socket,
    /// Through an address of its host.
    Address(IpAddr),
}

impl fmt::Display for SelfConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket => f.write_str("the Unix socket"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for HbaLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "line {} of {file}", self.number),
            None => write!(f, "line {} of pg_hba.conf", self.number),
        }
    }
}

/// The address keywords that match every address of this host.
const EVERY_WAY: [&str; 3] = ["all", "samehost", "samenet"];

/// The rules, with the facts about the server that they depend on.
#[derive(Clone, Copy, Debug)]
pub struct HbaFacts<'a> {
    /// The lines of the file.
    pub lines: &'a [HbaLine],
    /// The path of the file.
    pub file: &'a str,
    /// The addresses of the host.
    pub own: &'a [IpAddr],
    /// The name of its node, if it is known.
    pub node: Option<&'a str>,
    /// The addresses of the host names in the rules.
    pub hosts: &'a BTreeMap<String, Vec<IpAddr>>,
    /// The `psql` command with the options that connect it to the server.
    pub psql: &'a str,
    /// The options with which `generate pg-hba` knows the members.
    pub members: &'a str,
}

/// Judges the rules.
pub fn judge(facts: HbaFacts<'_>, report: &mut Report) {
    let read_again = format!("{} -c \"SELECT pg_reload_conf()\"", facts.psql);
    for line in facts.lines {
        if let Err(error) = &line.rule {
            report.find(HostFinding {
                id: Id::HbaError,
                what: format!("{line}: {error}"),
                remedy: format!(
                    "$EDITOR {}; {read_again}",
                    quoted(line.file.as_deref().unwrap_or(facts.file))
                ),
            });
        }
    }
    if let Some((way, line)) = own_replication(&facts) {
        let (name, file) = (quoted(facts.node.unwrap_or("NODE")), quoted(facts.file));
        report.find(HostFinding {
            id: Id::HbaSelf,
            what: format!("{line} lets this server replicate from itself, by {way}"),
            remedy: format!(
                "pgsql-state generate pg-hba --node {name}{} --install {file}; {read_again}",
                facts.members
            ),
        });
    }
}

/// Reads a row of the view as JSON; `None` if the row has another form.
#[must_use]
pub fn read(row: &str) -> Option<HbaLine> {
    let row: HbaRow = serde_json::from_str(row).ok()?;
    // A row with a rule and an error is a valid rule with a remark, for example that it cannot match without TLS.
    let rule = match (row.kind, row.error) {
        (None, error) => Err(error?),
        (Some(kind), _) => Ok(HbaRule {
            kind,
            databases: row.database?,
            roles: row.user_name?,
            address: row.address,
            netmask: row.netmask.and_then(|mask| mask.parse().ok()),
            method: row.auth_method?,
        }),
    };
    Some(HbaLine {
        file: row.file_name,
        number: row.line_number,
        rule,
    })
}

/// A row of `pg_hba_file_rules`; `file_name` is there from PostgreSQL 16 on.
#[derive(Deserialize)]
struct HbaRow {
    file_name: Option<String>,
    line_number: u64,
    #[serde(rename = "type")]
    kind: Option<String>,
    database: Option<Vec<String>>,
    user_name: Option<Vec<String>>,
    address: Option<String>,
    netmask: Option<String>,
    auth_method: Option<String>,
    error: Option<String>,
}

/// The host names in the rules. A name that begins with a dot is a suffix of many names and is left out.
#[must_use]
pub fn hosts(lines: &[HbaLine]) -> Vec<&str> {
    let rules = lines.iter().filter_map(|line| line.rule.as_ref().ok());
    let addresses = rules.filter_map(|rule| rule.address.as_deref());
    let mut names: Vec<&str> = addresses
        .filter(|address| address.parse::<IpAddr>().is_err() && !address.starts_with('.'))
        .filter(|address| !EVERY_WAY.contains(address))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The first way in which a rule may let the server replicate from itself, with that rule.
#[must_use]
pub fn own_replication<'l>(facts: &HbaFacts<'l>) -> Option<(SelfConnection, &'l HbaLine)> {
    let ways = [SelfConnection::Socket].into_iter();
    let mut ways = ways.chain(facts.own.iter().copied().map(SelfConnection::Address));
    ways.find_map(|way| Some((way, opening(facts, way)?)))
}

/// Finds the first rule that permits replication. The first matching rule decides, so rules after a rejection of
/// all roles do not matter.
fn opening<'l>(facts: &HbaFacts<'l>, way: SelfConnection) -> Option<&'l HbaLine> {
    let mut rejected: Vec<&str> = Vec::new();
    for line in facts.lines {
        let Ok(rule) = &line.rule else { continue };
        if !rule
            .databases
            .iter()
            .any(|database| database == "replication")
            || !rule.is_of(way, facts)
        {
            continue;
        }
        let roles = || rule.roles.iter().map(String::as_str);
        if rule.method != "reject" {
            if roles().all(|role| rejected.contains(&role)) {
                continue;
            }
            return Some(line);
        }
        // Other types, such as `hostssl`, do not match all connections, so their rejection does not count.
        if !["local", "host"].contains(&rule.kind.as_str()) {
            continue;
        }
        if roles().any(|role| role == "all") {
            return None;
        }
        rejected.extend(roles());
    }
    None
}

impl HbaRule {
    fn is_of(&self, way: SelfConnection, facts: &HbaFacts<'_>) -> bool {
        match (way, self.kind == "local") {
            (SelfConnection::Socket, local) => local,
            (SelfConnection::Address(_), true) => false,
            (SelfConnection::Address(own), false) => self.covers(own, facts),
        }
    }

    /// Whether the rule covers this address of the host. A rejection by name holds only while the name resolves,
    /// so it does not count.
    fn covers(&self, own: IpAddr, facts: &HbaFacts<'_>) -> bool {
        let Some(address) = self.address.as_deref() else {
            return false;
        };
        if EVERY_WAY.contains(&address) {
            return true;
        }
        let rejects = self.method == "reject";
        let name = facts.node.unwrap_or_default();
        match (address.parse::<IpAddr>(), self.netmask) {
            (Ok(net), Some(mask)) => is_within(own, net, mask),
            (Ok(_), None) => false,
            (Err(_), _) if rejects => false,
            (Err(_), _) if address.starts_with('.') => name.ends_with(address),
            (Err(_), _) => {
                let addresses = facts.hosts.get(address);
                let own = own.to_canonical();
                name.eq_ignore_ascii_case(address)
                    || addresses.is_some_and(|them| them.iter().any(|it| it.to_canonical() == own))
            }
        }
    }
}

fn is_within(address: IpAddr, net: IpAddr, mask: IpAddr) -> bool {
    match (address.to_canonical(), net, mask) {
        (IpAddr::V4(address), IpAddr::V4(net), IpAddr::V4(mask)) => address & mask == net & mask,
        (IpAddr::V6(address), IpAddr::V6(net), IpAddr::V6(mask)) => address & mask == net & mask,
        (IpAddr::V4(_) | IpAddr::V6(_), _, _) => false,
    }
}

#[cfg(test)]
mod tests;
