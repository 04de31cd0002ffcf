//! Whether other hosts reach this one: what their daemons found when they asked for its own. Knows nothing of how
//! they were asked.

use std::net::SocketAddr;

use serde_json::Value;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::base::shell::quoted;

/// Another node's daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What its node is called.
    pub node: String,
    /// What it says of this host, or why it says nothing.
    pub found: Result<ReachResult, String>,
}

/// What a daemon found of another node's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachResult {
    /// It answered.
    Daemon,
    /// It did not.
    Nothing,
}

/// Reads what a daemon's `/state` says of a node.
///
/// # Errors
///
/// A document of another form or an older version, one without the node, and one whose daemon has not asked yet.
pub fn read(document: &[u8], node: &str) -> Result<ReachResult, String> {
    let document: Value =
        serde_json::from_slice(document).map_err(|_| "it answers no JSON".to_owned())?;
    let peers = document.get("peers").and_then(Value::as_array);
    let peers = peers.ok_or("it does not tell what it finds of others")?;
    let named = |peer: &&Value| peer.get("node").and_then(Value::as_str) == Some(node);
    let peer = peers
        .iter()
        .find(named)
        .ok_or_else(|| format!("its cluster.nodes has no {node}"))?;
    match peer.get("answers").and_then(Value::as_bool) {
        Some(true) => Ok(ReachResult::Daemon),
        Some(false) => Ok(ReachResult::Nothing),
        None => Err(format!(
            "it has not asked {node} yet, or takes it for itself"
        )),
    }
}

/// Judges what all of them say of the daemon at this address.
pub fn judge(address: SocketAddr, witnesses: &[Witness], report: &mut Report) {
    const THEME: &str = "whether others reach this host";
    for Witness { node, found } in witnesses {
        match found {
            Ok(ReachResult::Daemon) => {}
            Ok(ReachResult::Nothing) => report.find(HostFinding {
                id: Id::UnreachableFrom,
                what: format!("the daemon of {node} finds none at {address}"),
                remedy: format!(
                    "ssh {} curl -m 2 http://{address}/state, which says why; then let {node} in where it says so",
                    quoted(node)
                ),
            }),
            Err(why) => report.not_looked_at(THEME, &format!("the daemon of {node}: {why}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_what_was_found_of_a_node() {
        let document = br#"{"version": 1, "peers": [{"node": "srv1", "answers": null},
            {"node": "srv2", "answers": true}, {"node": "srv3", "answers": false}]}"#;
        assert_eq!(read(document, "srv2"), Ok(ReachResult::Daemon));
        assert_eq!(read(document, "srv3"), Ok(ReachResult::Nothing));
        for node in ["srv1", "srv4"] {
            assert!(read(document, node).unwrap_err().contains(node));
        }
        for other in ["", "[]", r#"{"version": 1}"#, r#"{"peers": 1}"#] {
            assert!(read(other.as_bytes(), "srv2").is_err(), "{other}");
        }
    }

    #[test]
    fn only_a_witness_that_finds_nothing_is_a_finding() {
        let mut report = Report::default();
        let witness = |node: &str, found| Witness {
            node: node.into(),
            found,
        };
        let address = "10.20.30.52:8008".parse().unwrap();
        let all = [
            witness("srv1", Ok(ReachResult::Daemon)),
            witness("srv3", Ok(ReachResult::Nothing)),
            witness("srv4", Err("connection refused".into())),
        ];
        judge(address, &all, &mut report);
        let [finding] = report.findings() else {
            panic!("{report}");
        };
        assert_eq!(finding.id, Id::UnreachableFrom);
        assert_eq!(
            finding.what,
            "the daemon of srv3 finds none at 10.20.30.52:8008"
        );
        let unseen: Vec<_> = report.unseen().map(|(_, why)| why.to_owned()).collect();
        assert_eq!(unseen, ["the daemon of srv4: connection refused"]);
    }
}
