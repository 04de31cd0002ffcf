//! Servers that are listeners of HAProxy itself, in front of servers for readers; follows no rule for sessions.

use std::collections::HashSet;

use super::reached::{Clients, reached};
use crate::tools::lint::haproxy::address::{Families, Socket, SocketHost, SocketPorts};
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::pools::Pools;
use crate::tools::lint::haproxy::proxy::{Listen, Proxy};
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::rules::finding;
use crate::tools::lint::{Finding, Rule};

/// With more addresses in the files than this, a relay behind a relay is not followed.
const MOST_ADDRESSES: usize = 500;

/// Each server of a section for writers that is a listener for these readers.
pub(super) fn relayed(pool: &Pool<'_>, pools: &Pools<'_>) -> Vec<Finding> {
    let entries = pool.entries.iter().copied();
    let entries = entries.filter(|entry| reached(entry, pool, pools, Clients::All));
    let listens = entries.flat_map(|entry| &entry.listens);
    let mut listens: Vec<&Listen> = listens.filter(|it| it.is_open_to_host()).collect();
    if listens.is_empty() {
        return Vec::new();
    }
    let all = pool.proxies().flat_map(|proxy| &proxy.listens);
    let own: HashSet<&str> = all.filter_map(|listen| listen.socket.host()).collect();
    if pool.count_addresses() <= MOST_ADDRESSES {
        follow(pool, pools, &own, &mut listens);
    }
    let mut found = Vec::new();
    let writers = pools.tcp.iter();
    for other in writers.filter(|other| other.role == SessionOrigin::Writers) {
        let destination = Destination::of(&other.entries);
        for server in &other.proxy.servers {
            let Some(socket) = &server.socket else {
                continue;
            };
            let mut listens = listens.iter();
            if !listens.any(|listen| destination.leads_to(socket, &listen.socket, &own)) {
                continue;
            }
            let name = other.proxy.name.escape_debug();
            let what = format!(
                "A server of {name} is this section's own listener, so writers reach standbys."
            );
            let remedy = "Write the servers of PostgreSQL themselves into the section for writers, with a check of their \
                          role.";
            found.push(finding(
                pool,
                Rule::WritersToReaders,
                &server.place,
                what,
                remedy,
            ));
        }
    }
    found
}

/// Adds the listeners of sections that are not for writers and whose servers are among these listeners.
fn follow<'p>(
    pool: &Pool<'p>,
    pools: &Pools<'_>,
    own: &HashSet<&str>,
    listens: &mut Vec<&'p Listen>,
) {
    let is_for_writers = |proxy: &Proxy| {
        let mut tcp = pools.tcp.iter();
        tcp.any(|other| std::ptr::eq(other.proxy, proxy) && other.role == SessionOrigin::Writers)
    };
    let others = pool.proxies().filter(|proxy| !is_for_writers(proxy));
    let mut others: Vec<&Proxy> = others.filter(|proxy| !proxy.servers.is_empty()).collect();
    let mut new = listens.clone();
    while !new.is_empty() {
        let (relays, rest): (Vec<&Proxy>, Vec<_>) = others.into_iter().partition(|proxy| {
            let destination = Destination::of(&pool.fronts(proxy));
            let mut sockets = proxy
                .servers
                .iter()
                .filter_map(|server| server.socket.as_ref());
            sockets.any(|socket| {
                let mut new = new.iter();
                new.any(|listen| destination.leads_to(socket, &listen.socket, own))
            })
        });
        others = rest;
        let fronts = relays.into_iter().flat_map(|proxy| pool.fronts(proxy));
        let fronts = fronts.flat_map(|front| &front.listens);
        new = fronts.filter(|listen| listen.is_open_to_host()).collect();
        listens.extend(&new);
    }
}

/// Where the clients of a section have connected to, which HAProxy puts in place of a host or a port that a server does
/// not have.
#[derive(Debug)]
struct Destination<'p> {
    every: Vec<Families>,
    hosts: HashSet<&'p str>,
    /// From the lowest port to the highest.
    ports: Option<(u16, u16)>,
}

impl<'p> Destination<'p> {
    fn of(entries: &[&'p Proxy]) -> Self {
        let mut destination = Self {
            every: Vec::new(),
            hosts: HashSet::new(),
            ports: None,
        };
        for listen in entries.iter().flat_map(|entry| &entry.listens) {
            if let Socket::Tcp { host, ports: _ } = &listen.socket {
                match host {
                    SocketHost::Every(families) if !destination.every.contains(families) => {
                        destination.every.push(*families);
                    }
                    SocketHost::Every(_) => {}
                    SocketHost::One(host) => drop(destination.hosts.insert(host)),
                }
            }
            if let Some(ports) = listen.socket.ports() {
                let (low, high) = destination.ports.unwrap_or((*ports.start(), *ports.end()));
                destination.ports = Some((low.min(*ports.start()), high.max(*ports.end())));
            }
        }
        destination
    }

    /// Whether a server with the first address is the listener at the second. `own` are addresses of this host.
    fn leads_to(&self, server: &Socket, at: &Socket, own: &HashSet<&str>) -> bool {
        match (server, at) {
            (Socket::Named(server), Socket::Named(at)) => server == at,
            (
                Socket::Tcp { host, ports },
                Socket::Tcp {
                    host: other,
                    ports: others,
                },
            ) => self.meets(ports, others) && self.is_at(host, other, own),
            (Socket::Named(_), Socket::Tcp { .. }) | (Socket::Tcp { .. }, Socket::Named(_)) => {
                false
            }
        }
    }

    fn meets(&self, ports: &SocketPorts, listened: &SocketPorts) -> bool {
        match ports {
            SocketPorts::Range(_) | SocketPorts::Variable(_) => ports.overlaps(listened),
            SocketPorts::Offset(offset) => self.ports.is_some_and(|(low, high)| {
                let moved = |port: u16| {
                    let moved = i32::from(port).saturating_add(*offset);
                    u16::try_from(moved).ok()
                };
                let both = moved(low).zip(moved(high));
                both.is_some_and(|(low, high)| SocketPorts::Range(low..=high).overlaps(listened))
            }),
        }
    }

    fn is_at(&self, host: &SocketHost, listened: &SocketHost, own: &HashSet<&str>) -> bool {
        match (host, listened) {
            (SocketHost::One(host), SocketHost::One(listened)) => host == listened,
            (SocketHost::One(host), SocketHost::Every(families)) => {
                let is_own =
                    host.starts_with("127.") || host == "::1" || own.contains(host.as_str());
                is_own && families.has(host)
            }
            (SocketHost::Every(_), SocketHost::One(listened)) => {
                let mut every = self.every.iter();
                self.hosts.contains(listened.as_str()) || every.any(|every| every.has(listened))
            }
            (SocketHost::Every(_), SocketHost::Every(families)) => {
                let mut every = self.every.iter();
                let mut hosts = self.hosts.iter();
                every.any(|every| every.overlaps(*families)) || hosts.any(|host| families.has(host))
            }
        }
    }
}

#[cfg(test)]
mod tests;
