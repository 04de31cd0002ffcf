//! Which standbys a primary's commits waited for. Without the primary's own WAL, so many of them have to report their
//! positions that one of them is sure to have what was acknowledged. Knows neither where that is recorded nor which
//! node is to be promoted.
//!
//! - [`names`]: parses the setting.
//! - [`record`]: the record of a primary's rules over time.

mod names;
mod record;

use std::collections::BTreeSet;
use std::fmt;

use crate::agent::ocf::node::Node;
use names::{EVERYBODY, SyncMethod};

pub use names::NamesError;
pub use record::{Since, SyncRules, SyncRulesError};

/// A rule in force on a primary: written in the syntax of `synchronous_standby_names`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRule {
    method: SyncMethod,
    number: usize,
    /// The standbys that may have acknowledged, without the primary itself; no two that PostgreSQL considers the
    /// same.
    members: Vec<String>,
}

impl SyncRule {
    /// Creates the rule from the setting of a server on a node, among the nodes of its cluster, which `*` stands for;
    /// `None` if commits wait for no standby.
    pub fn of(
        setting: &str,
        local: &Node,
        nodes: &BTreeSet<Node>,
    ) -> Result<Option<Self>, NamesError> {
        let Some(read) = names::read(setting)? else {
            return Ok(None);
        };
        let everybody = nodes.iter().map(Node::name);
        let listed = read.list.iter().map(String::as_str);
        let all: Vec<&str> = if read.list.iter().any(|name| name == EVERYBODY) {
            everybody.chain(listed).collect()
        } else {
            listed.collect()
        };
        let mut members: Vec<String> = Vec::new();
        for name in all {
            let is_known = members.iter().any(|known| is_same(known, name));
            if !is_known && name != EVERYBODY && !is_same(name, local.name()) {
                members.push(name.into());
            }
        }
        Ok(Some(Self {
            method: read.method,
            number: read.number,
            members,
        }))
    }

    /// Returns how many of the members have to report their positions so that one of them has whatever was
    /// acknowledged. With [`SyncMethod::First`] the number is the same: which were the first changed with who was
    /// connected. If commits waited for more members than there are, none was acknowledged.
    #[must_use]
    pub fn needed(&self) -> usize {
        let all_but = self.members.len().checked_sub(self.number);
        all_but.map_or(0, |others| others.saturating_add(1))
    }

    /// Returns the members.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(String::as_str)
    }

    /// Returns the members that are not among these nodes.
    pub fn missing<'a>(&'a self, nodes: &BTreeSet<&Node>) -> Vec<&'a str> {
        let is_there = |member: &str| nodes.iter().any(|node| is_same(node.name(), member));
        self.members().filter(|member| !is_there(member)).collect()
    }
}

/// Compares names as `SyncRepGetStandbyPriority` does (`src/backend/replication/syncrep.c`).
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl fmt::Display for SyncRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.method {
            SyncMethod::Any => "ANY",
            SyncMethod::First => "FIRST",
        };
        let members: Vec<String> = self.members().map(names::written).collect();
        write!(f, "{method} {} ({})", self.number, members.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> Node {
        name.parse().unwrap()
    }

    fn rule(setting: &str) -> SyncRule {
        let nodes = ["srv1", "srv2", "srv3"].map(node).into();
        SyncRule::of(setting, &node("srv1"), &nodes)
            .unwrap()
            .unwrap()
    }

    #[test]
    fn the_primary_is_not_a_member_and_an_asterisk_stands_for_the_others() {
        for (setting, told) in [
            ("ANY 1 (srv1, srv2, srv3)", "ANY 1 (srv2,srv3)"),
            ("*", "FIRST 1 (srv2,srv3)"),
            ("FIRST 2 (srv3, *)", "FIRST 2 (srv2,srv3)"),
            ("ANY 1 (SRV2, srv2, Srv1)", "ANY 1 (SRV2)"),
            ("ANY 1 (\"b-1\")", "ANY 1 (\"b-1\")"),
            ("srv1", "FIRST 1 ()"),
        ] {
            assert_eq!(rule(setting).to_string(), told);
        }
        let none = SyncRule::of("", &node("srv1"), &BTreeSet::new());
        assert_eq!(none, Ok(None));
    }

    #[test]
    fn enough_members_have_to_report_that_one_has_what_was_acknowledged() {
        for (setting, needed) in [
            ("ANY 1 (srv2, srv3)", 2),
            ("ANY 2 (srv2, srv3)", 1),
            ("FIRST 1 (srv2, srv3)", 2),
            ("ANY 1 (srv2)", 1),
            ("ANY 3 (srv2, srv3)", 0),
            ("srv1", 0),
        ] {
            assert_eq!(rule(setting).needed(), needed, "{setting}");
        }
    }

    #[test]
    fn missing_members_are_named_as_in_the_rule() {
        let [two, four] = [node("SRV2"), node("srv4")];
        assert_eq!(rule("*").missing(&[&two, &four].into()), ["srv3"]);
    }
}
