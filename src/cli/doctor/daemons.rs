//! Asks the daemons of the cluster at the addresses that load balancers use.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::PATIENCE;
use super::place::HostPlace;
use crate::cli::ask;
use crate::daemon::Configured;
use crate::tools::doctor::Report;
use crate::tools::doctor::daemons::{self, Daemon, StateAnswer, Whose};

/// The state port of this host, on which all daemons are asked.
pub(super) fn port(settings: &Configured) -> u16 {
    let configured = settings.listen.state.first().map(SocketAddr::port);
    configured
        .filter(|port| *port != 0)
        .unwrap_or(ask::STATE_PORT)
}

/// Asks all daemons at the same time; without `cluster.nodes`, only that of this host on loopback.
pub(super) async fn examine(
    settings: &Configured,
    place: &HostPlace,
    report: &mut Report,
) -> Vec<Daemon> {
    if settings.admission.token.is_some() {
        report.not_looked_at(
            "the daemons",
            "each client must send the token of admission.token_file",
        );
        return Vec::new();
    }
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
        let own = (
            "this host".to_owned(),
            Ipv4Addr::LOCALHOST.into(),
            Whose::Own,
        );
        asked.push(own);
    }
    let words = &settings.answer.words;
    let tasks: Vec<_> = asked
        .iter()
        .map(|(_, address, _)| tokio::spawn(ask::answer_of((address.to_string(), port), PATIENCE)))
        .collect();
    let mut heard = Vec::new();
    for ((node, address, whose), task) in asked.into_iter().zip(tasks) {
        let answer = task.await.unwrap_or_else(|error| Err(error.to_string()));
        let read = |line: String| StateAnswer::read(&line, words.production(), words.standby());
        heard.push(Daemon {
            node,
            address,
            whose,
            heard: answer.map(read),
        });
    }
    daemons::judge(&heard, port, report);
    heard
}
