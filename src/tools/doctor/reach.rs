//! Judges whether other hosts reach this one, as their daemons report; opens no socket.

use std::net::SocketAddr;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::answer::document::StateDocument;
use crate::base::shell::quoted;

/// The report of another node's daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The name of its node.
    pub node: String,
    /// Whether it reaches this host, or why its report cannot be used.
    pub found: Result<ReachResult, String>,
}

/// Whether a daemon reaches another node's daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachResult {
    /// The other daemon answered.
    Daemon,
    /// The other daemon did not answer.
    Nothing,
}

/// Reads from a daemon's `/state` document whether it reaches the daemon of a node.
///
/// # Errors
///
/// A document of another form or an older version, a document without the node, or a daemon that has not asked it yet.
pub fn read(document: &[u8], node: &str) -> Result<ReachResult, String> {
    let document = StateDocument::read(document).map_err(|error| error.to_string())?;
    let peers = document.peers;
    let peers = peers.ok_or("its answer does not list its peers")?;
    let peer = peers
        .iter()
        .find(|peer| peer.node == node)
        .ok_or_else(|| format!("its cluster.nodes has no {node}"))?;
    match peer.answers {
        Some(true) => Ok(ReachResult::Daemon),
        Some(false) => Ok(ReachResult::Nothing),
        None => Err(format!(
            "it has not asked {node} yet, or considers {node} its own node"
        )),
    }
}

/// Judges the reports of all other daemons about the daemon at `address`.
pub fn judge(address: SocketAddr, witnesses: &[Witness], report: &mut Report) {
    const THEME: &str = "whether others reach this host";
    for Witness { node, found } in witnesses {
        match found {
            Ok(ReachResult::Daemon) => {}
            Ok(ReachResult::Nothing) => report.find(HostFinding {
                id: Id::UnreachableFrom,
                what: format!("the daemon of {node} does not reach the daemon at {address}"),
                remedy: format!(
                    "ssh {} curl -m 2 http://{address}/state, which shows why; then admit {node} where it is refused",
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
    fn only_a_daemon_that_gets_no_answer_is_a_finding() {
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
            "the daemon of srv3 does not reach the daemon at 10.20.30.52:8008"
        );
        let unseen: Vec<_> = report.unseen().map(|(_, why)| why.to_owned()).collect();
        assert_eq!(unseen, ["the daemon of srv4: connection refused"]);
    }
}
