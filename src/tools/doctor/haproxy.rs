//! Compares HAProxy's live view of the cluster with the daemons' answers; opens no socket.
//!
//! - [`info`]: the release of HAProxy.
//! - [`stat`]: the rows of its statistics.

pub mod info;
pub mod stat;

use super::daemons::{Daemon, StateAnswer};
use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::base::shell::quoted;
use stat::{StatServer, StatStatus};

/// HAProxy's servers and the daemons' answers.
#[derive(Clone, Debug)]
pub struct HaproxyFacts<'a> {
    /// HAProxy's servers.
    pub servers: Vec<StatServer>,
    /// The backend to which writers connect.
    pub writers: &'a str,
    /// The path of HAProxy's admin socket, for the commands of remedies.
    pub socket: &'a str,
    /// ` --config FILE` for these commands, if this was given.
    pub option: &'a str,
    /// The daemons' answers.
    pub daemons: &'a [Daemon],
}

impl<'a> HaproxyFacts<'a> {
    /// The daemon on a server's host: found by the address, or by the name if HAProxy does not report addresses.
    fn daemon(&self, server: &StatServer) -> Option<&'a Daemon> {
        self.daemons.iter().find(|daemon| match server.address {
            Some(address) => address.to_canonical() == daemon.address.to_canonical(),
            None => server.name == daemon.node,
        })
    }

    fn blocks(&self) -> String {
        let option = self.option;
        format!(
            "pgsql-state generate haproxy --blocks-only{option}; replace its block with the output"
        )
    }

    fn command(&self, command: &str) -> String {
        format!("echo {} | socat - {}", quoted(command), quoted(self.socket))
    }
}

/// Judges the servers that belong to the cluster; HAProxy's other servers are ignored.
pub fn judge(facts: &HaproxyFacts<'_>, report: &mut Report) {
    let ours = facts.servers.iter();
    let ours: Vec<(&StatServer, &Daemon)> = ours
        .filter_map(|server| Some((server, facts.daemon(server)?)))
        .collect();
    if ours.is_empty() {
        report.not_looked_at("HAProxy's view", "it has no server of cluster.nodes");
        return;
    }
    for (server, _) in &ours {
        if server.status == StatStatus::Unchecked {
            report.find(HostFinding {
                id: Id::HaproxyUnchecked,
                what: format!("{server} is not checked"),
                remedy: facts.blocks(),
            });
        }
    }
    let writers = ours
        .iter()
        .filter(|(server, _)| server.pool == facts.writers);
    let writers: Vec<_> = writers.copied().collect();
    if writers.is_empty() {
        let pool = facts.writers;
        let why = format!(
            "no server of cluster.nodes is in \"{pool}\"; name the writers' backend with --writers"
        );
        report.not_looked_at("HAProxy's writers", &why);
        return;
    }
    up(facts, &writers, report);
    unused(facts, &writers, report);
}

fn up(facts: &HaproxyFacts<'_>, writers: &[(&StatServer, &Daemon)], report: &mut Report) {
    let up = writers
        .iter()
        .filter(|(server, _)| server.status.takes_clients());
    let up: Vec<_> = up.collect();
    if up.len() > 1 {
        let names: Vec<String> = up.iter().map(|(server, _)| server.to_string()).collect();
        report.find(HostFinding {
            id: Id::HaproxyTwoWriters,
            what: format!("{} take writers", names.join(" and ")),
            remedy: format!(
                "pgsql-state maintenance on --down{}, on each of them but the primary to keep",
                facts.option
            ),
        });
    }
    for (server, daemon) in up {
        let says = match &daemon.heard {
            Ok(StateAnswer::Production | StateAnswer::Other(_)) | Err(_) => continue,
            Ok(StateAnswer::Standby) => "standby".to_owned(),
            Ok(StateAnswer::Down(reason)) => format!("down {reason}"),
        };
        report.find(HostFinding {
            id: Id::HaproxyWrongWriter,
            what: format!("{server} takes writers, and its daemon answers `{says}`"),
            remedy: facts.command(&format!("disable server {server}")),
        });
    }
}

fn unused(facts: &HaproxyFacts<'_>, writers: &[(&StatServer, &Daemon)], report: &mut Report) {
    let unused = writers.iter().filter(|(server, daemon)| {
        daemon.heard == Ok(StateAnswer::Production) && !server.status.takes_clients()
    });
    for (server, _) in unused {
        let remedy = match server.status {
            StatStatus::Maintenance => facts.command(&format!("enable server {server}")),
            StatStatus::Up | StatStatus::Down | StatStatus::Draining | StatStatus::Unchecked => {
                facts.blocks()
            }
        };
        report.find(HostFinding {
            id: Id::HaproxyPrimaryUnused,
            what: format!(
                "{server} is {}, and its daemon answers `production`; its last check: {}",
                server.status.word(),
                server.last_check
            ),
            remedy,
        });
    }
}

#[cfg(test)]
mod tests;
