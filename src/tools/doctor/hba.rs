//! `pg_hba.conf` as a server reads it, and whether it lets the server replicate from itself. Knows not how the
//! rules were asked for.
//!
//! - [`quotes`]: which words of the file's text are names and no keywords.

pub mod quotes;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::base::shell::quoted;

/// A line of the file that is a rule, or should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HbaLine {
    /// The file, where `PostgreSQL` tells it: from version 16, which includes files.
    pub file: Option<String>,
    /// Counted from 1.
    pub number: u64,
    /// The rule, or what is wrong with it in `PostgreSQL`'s words.
    pub rule: Result<HbaRule, String>,
}

/// One rule (manual, "`pg_hba_file_rules`").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HbaRule {
    /// `local`, `host`, `hostssl` and the like.
    pub kind: String,
    /// The databases, among them perhaps the keyword `replication`; a name that is written as a keyword has its
    /// quotes.
    pub databases: Vec<String>,
    /// The roles, `all` and groups.
    pub roles: Vec<String>,
    /// An address, a host's name or a keyword; none on the socket.
    pub address: Option<String>,
    /// What of the address counts, for an address.
    pub netmask: Option<IpAddr>,
    /// `reject`, or a way to prove who one is.
    pub method: String,
}

/// A way by which a server reaches itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelfConnection {
    /// Its Unix socket.
    Socket,
    /// An address of its host.
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

/// The keywords for addresses that each address of this host is of.
const EVERY_WAY: [&str; 3] = ["all", "samehost", "samenet"];

/// The rules, and whose they are.
#[derive(Clone, Copy, Debug)]
pub struct HbaFacts<'a> {
    /// The file's lines.
    pub lines: &'a [HbaLine],
    /// Where it is.
    pub file: &'a str,
    /// The addresses of the host.
    pub own: &'a [IpAddr],
    /// What its node is called, where that is known.
    pub node: Option<&'a str>,
    /// The addresses of the hosts that rules name.
    pub hosts: &'a BTreeMap<String, Vec<IpAddr>>,
    /// How `psql` is told to reach the server.
    pub psql: &'a str,
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
                "pgsql-state generate pg-hba --node {name} --install {file}; {read_again}"
            ),
        });
    }
}

/// Reads a row of the view as JSON; none where it is of another form.
#[must_use]
pub fn read(row: &str) -> Option<HbaLine> {
    let row: Value = serde_json::from_str(row).ok()?;
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    // A rule with an error is one with a remark: that it cannot match without TLS, say.
    let rule = match (text("type"), text("error")) {
        (None, error) => Err(error?),
        (Some(kind), _) => Ok(HbaRule {
            kind,
            databases: list(row.get("database")?)?,
            roles: list(row.get("user_name")?)?,
            address: text("address"),
            netmask: text("netmask").and_then(|mask| mask.parse().ok()),
            method: text("auth_method")?,
        }),
    };
    Some(HbaLine {
        file: text("file_name"),
        number: row.get("line_number")?.as_u64()?,
        rule,
    })
}

fn list(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter();
    texts.map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The names of hosts in the rules; a name that begins with a dot is of many.
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

/// The first way on which a rule might let the server replicate from itself, with that rule.
#[must_use]
pub fn own_replication<'l>(facts: &HbaFacts<'l>) -> Option<(SelfConnection, &'l HbaLine)> {
    let ways = [SelfConnection::Socket].into_iter();
    let mut ways = ways.chain(facts.own.iter().copied().map(SelfConnection::Address));
    ways.find_map(|way| Some((way, opening(facts, way)?)))
}

/// The first rule that matches decides, so what comes behind a rejection of everybody does not matter.
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
        // Of these some connections are none.
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

    /// Whether an address of this host is meant. A rejection by name holds only while the name resolves, so
    /// it does not count.
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
