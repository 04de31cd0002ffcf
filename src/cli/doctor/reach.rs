//! Asks the other nodes' daemons over HTTP, as daemons ask each other, whether they reach this one.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::TIMEOUT;
use super::place::HostPlace;
use crate::daemon::peers::credentials::PeerCredentials;
use crate::daemon::peers::get;
use crate::daemon::{self, Configured};
use crate::postgres::chain;
use crate::tools::doctor::Report;
use crate::tools::doctor::reach::{self, ReachResult, Witness};

const THEME: &str = "whether others reach this host";

/// Largest document that is read, in bytes.
const LARGEST: usize = 256 << 10;

pub(super) async fn examine(settings: &Configured, place: &HostPlace, report: &mut Report) {
    let nodes = &settings.cluster.nodes;
    let Some(own) = nodes
        .iter()
        .find(|node| Some(node.address) == place.address)
    else {
        return report.not_looked_at(
            THEME,
            "cluster.nodes has no node with an address of this host",
        );
    };
    let port = settings.cluster.http_port;
    let others: Vec<_> = nodes
        .iter()
        .filter(|node| node.address != own.address)
        .collect();
    if others.is_empty() {
        return report.not_looked_at(THEME, "cluster.nodes has no other node that could be asked");
    }
    let credentials = daemon::credentials(settings);
    let tasks: Vec<_> = others
        .iter()
        .map(|node| {
            let address = SocketAddr::new(node.address, port);
            tokio::spawn(ask(address, own.name.clone(), credentials.clone()))
        })
        .collect();
    let mut witnesses = Vec::new();
    for (node, task) in others.into_iter().zip(tasks) {
        let found = task.await.unwrap_or_else(|error| Err(error.to_string()));
        witnesses.push(Witness {
            node: node.name.clone(),
            found,
        });
    }
    reach::judge(SocketAddr::new(own.address, port), &witnesses, report);
}

async fn ask(
    address: SocketAddr,
    node: String,
    credentials: PeerCredentials,
) -> Result<ReachResult, String> {
    let exchange = async {
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| format!("{address}: {error}"))?;
        let body = get::document(stream, address, LARGEST, &credentials).await;
        let body = body.map_err(|error| format!("{address}: {}", chain(&error)))?;
        reach::read(&body, &node)
    };
    match timeout(TIMEOUT, exchange).await {
        Ok(found) => found,
        Err(_) => Err(format!(
            "{address}: no answer within {} s",
            TIMEOUT.as_secs()
        )),
    }
}
