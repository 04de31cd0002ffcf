//! Asks the daemons of the cluster at the addresses that load balancers use.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::TIMEOUT;
use super::place::HostPlace;
use crate::cli::ask;
use crate::daemon::{Configured, quorum};
use crate::tools::doctor::Report;
use crate::tools::doctor::daemons::{
    self, Daemon, DaemonRemedies, QuorumNote, Silence, SilenceKind, StateAnswer, Whose,
};

/// The state port of this host, on which all daemons are asked.
pub(super) fn port(settings: &Configured) -> u16 {
    let configured = settings.listen.state.first().map(SocketAddr::port);
    configured
        .filter(|port| *port != 0)
        .unwrap_or(ask::STATE_PORT)
}

/// The address at which the daemon of this host is asked where `cluster.nodes` has none: that of its state port, or the
/// loopback address if it listens on all of them.
fn own_address(settings: &Configured) -> IpAddr {
    let configured = settings.listen.state.first().map(SocketAddr::ip);
    configured
        .filter(|address| !address.is_unspecified())
        .unwrap_or(Ipv4Addr::LOCALHOST.into())
}

/// Asks all daemons at the same time; without `cluster.nodes`, only that of this host. Sends the token of
/// `admission.token_file`.
pub(super) async fn examine(
    settings: &Configured,
    place: &HostPlace,
    option: &str,
    report: &mut Report,
) -> Vec<Daemon> {
    let port = port(settings);
    let nodes = settings.cluster.nodes.iter();
    let mut asked: Vec<(String, IpAddr, Whose)> = nodes
        .map(|node| {
            let whose = if Some(node.address) == place.address {
                Whose::Own
            } else {
                Whose::Others
            };
            (node.name.clone(), node.address, whose)
        })
        .collect();
    if asked.is_empty() {
        report.not_looked_at("the other nodes' daemons", "cluster.nodes is empty");
    }
    if place.address.is_none() {
        asked.push(("this host".to_owned(), own_address(settings), Whose::Own));
    }
    let words = &settings.answer.words;
    let tasks: Vec<_> = asked
        .iter()
        .map(|(_, address, _)| {
            let (host, token) = (address.to_string(), settings.admission.token.clone());
            tokio::spawn(async move { ask::answer_of((host, port), token.as_ref(), TIMEOUT).await })
        })
        .collect();
    let mut heard = Vec::new();
    for ((node, address, whose), task) in asked.into_iter().zip(tasks) {
        let failed = |error: tokio::task::JoinError| {
            let (kind, why) = (SilenceKind::Other, error.to_string());
            Err(Silence { kind, why })
        };
        let answer = task.await.unwrap_or_else(failed);
        let read = |line: String| StateAnswer::read(&line, words.production(), words.standby());
        heard.push(Daemon {
            node,
            address,
            whose,
            heard: answer.map(read),
        });
    }
    let remedies = DaemonRemedies {
        port,
        own: place.address,
        option,
        quorum: match quorum::problem(&settings.guard.quorum_file) {
            Some(_) => QuorumNote::Missing,
            None => QuorumNote::Written,
        },
    };
    daemons::judge(&heard, &remedies, report);
    heard
}
