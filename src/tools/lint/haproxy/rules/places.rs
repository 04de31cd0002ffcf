//! Checks that go to the wrong place, and servers with one address.

use std::collections::{HashMap, HashSet};

use super::finding;
use crate::tools::lint::haproxy::address::{Host, comparable};
use crate::tools::lint::haproxy::check::{CheckKind, Exchange};
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::{Finding, Rule};

/// Ports on which `PostgreSQL` or a pooler answers, and no program that tells a role.
const POSTGRES: &[std::ops::RangeInclusive<u16>] = &[5432..=5439, 6432..=6439];

fn is_postgres(port: u16) -> bool {
    port != 5431 && POSTGRES.iter().any(|ports| ports.contains(&port))
}

/// Checks for the role that go to `PostgreSQL` itself, or to another server.
pub(super) fn elsewhere(pool: &Pool<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(at_postgres(pool));
    found.extend(at_another(pool));
    found.extend(by_another(pool));
    found
}

fn at_postgres(pool: &Pool<'_>) -> Option<Finding> {
    let asks_role = |server: &ServerLine, exchange: &Exchange<'_>| {
        pool.check_of(server)
            .is_some_and(|check| match check.check {
                CheckKind::Http => !exchange.sent.is_empty(),
                CheckKind::Tcp => !exchange.expects.is_empty() && exchange.only_listens(),
                CheckKind::Connect
                | CheckKind::Postgres(_)
                | CheckKind::External
                | CheckKind::Foreign => false,
            })
    };
    let server = pool.checked().find(|server| {
        let connections = pool.connections(server);
        let mut connections = connections.iter();
        server.address.port.is_some_and(is_postgres)
            && connections.any(|(exchange, target)| {
                target.host == server.host
                    && target.port == server.address.port
                    && asks_role(server, exchange)
            })
    })?;
    let what = "The check asks for the role on PostgreSQL's own port, which does not answer such a question, so its \
                result does not depend on the role.";
    let remedy = "Use a port on which the role is answered: `tcp-check connect port 5431`, or `check port 8008` for \
                  HTTP.";
    Some(finding(
        pool,
        Rule::CheckElsewhere,
        &server.place,
        what,
        remedy,
    ))
}

/// Where the agent-check of a server goes, if a line says so.
fn agent(server: &ServerLine) -> Option<(String, Option<u16>)> {
    let parameters = &server.parameters;
    parameters.agent_check.as_ref()?;
    let addr = parameters.agent_addr_written.as_ref()?;
    let port = parameters.agent_port.as_ref().and_then(|port| port.value);
    Some((comparable(&addr.value), port))
}

fn at_another(pool: &Pool<'_>) -> Option<Finding> {
    let servers = pool.proxy.servers.iter();
    let servers = servers.filter(|server| {
        let has_agent = server.parameters.agent_check.is_some();
        server.is_checked() || (has_agent && server.parameters.track.is_none())
    });
    let servers: Vec<&ServerLine> = servers.collect();
    let targets = |server: &ServerLine| -> Vec<(String, Option<u16>)> {
        let connections = pool.connections(server).into_iter();
        let targets = connections.map(|(_, target)| (target.host, target.port));
        let targets = targets.chain(agent(server));
        targets.filter(|(host, _)| *host != server.host).collect()
    };
    let asked: Vec<(&ServerLine, Vec<_>)> = servers
        .iter()
        .map(|server| (*server, targets(server)))
        .collect();
    // The names of the servers with each address, and of those whose checks go to each target.
    let mut hosts: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut askers: HashMap<&(String, Option<u16>), Vec<&str>> = HashMap::new();
    for (server, targets) in &asked {
        hosts.entry(&server.host).or_default().push(&server.name);
        for target in targets {
            askers.entry(target).or_default().push(&server.name);
        }
    }
    let (server, _) = asked.iter().find(|(server, targets)| {
        targets.iter().any(|target| {
            let hosts = hosts.get(target.0.as_str()).into_iter().flatten();
            let mut names = hosts.chain(askers.get(target).into_iter().flatten());
            names.any(|name| *name != server.name)
        })
    })?;
    let what = "The check or the agent-check goes to the address of another server, or to one address for several servers, so the \
                state of a server depends on another one.";
    let remedy = "Remove `addr`, also of `connect`, and `agent-addr`, and keep `port`, so that each server is checked \
                  at its own address.";
    Some(finding(
        pool,
        Rule::CheckElsewhere,
        &server.place,
        what,
        remedy,
    ))
}

/// A server that tracks one with another address, whose check does not ask this server either.
fn by_another(pool: &Pool<'_>) -> Option<Finding> {
    let mut servers = pool.proxy.servers.iter();
    let server = servers.find(|server| {
        let Some(source) = pool
            .source(server)
            .filter(|_| server.parameters.track.is_some())
        else {
            return false;
        };
        let is_another = |host: &str| are_two_hosts(&server.host, host);
        let mut targets = pool.connections(server).into_iter();
        is_another(&source.server.host) && targets.all(|(_, target)| is_another(&target.host))
    })?;
    let track = server.parameters.track.as_ref()?;
    let what = format!(
        "The server is up while {} is, which has another address, so it gets sessions by the state of another server.",
        track.value.escape_debug()
    );
    let remedy = "Track the server that has this address, `track SECTION/NAME`, or write `check`.";
    Some(finding(
        pool,
        Rule::CheckElsewhere,
        &track.place,
        what,
        remedy,
    ))
}

/// Whether two hosts are not the same. A name and a number may be the same host.
fn are_two_hosts(one: &str, other: &str) -> bool {
    let is_name = |host: &str| matches!(Host::read(host), Host::Name(_));
    one != other && is_name(one) == is_name(other)
}

/// One address with two names, which counts as two servers.
pub(super) fn twice(pool: &Pool<'_>) -> Option<Finding> {
    if pool.role == SessionOrigin::Readers {
        return None;
    }
    let known = |server: &&ServerLine| {
        server.is_active() && server.parameters.track.is_none() && server.address.port.is_some()
    };
    let servers = pool.proxy.servers.iter();
    let servers: Vec<&ServerLine> = servers.filter(known).collect();
    let mut before = HashSet::new();
    let mut servers = servers.into_iter();
    let (server, what, remedy) = servers.find_map(|server| {
        let is_again = !before.insert((&server.host, server.address.port));
        if server.is_one_address() {
            let what = "The template makes several servers of one address, so one primary counts as several, and a guard \
                        against two primaries rejects every session.";
            let remedy = "Give the template `resolvers` and a name that has an address for each server, or write a \
                          `server` line for each.";
            return Some((server, what, remedy));
        }
        let what = "One address has two names, so one primary counts as two servers, and a guard against two \
                    primaries rejects every session.";
        let remedy = "Remove one of the lines, or correct its address.";
        is_again.then_some((server, what, remedy))
    })?;
    Some(finding(
        pool,
        Rule::SameAddressTwice,
        &server.place,
        what,
        remedy,
    ))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    #[test]
    fn checks_that_ask_postgres_for_its_role() {
        let rule = Rule::CheckElsewhere;
        let pool = |check: &str, server: &str| {
            format!("listen pg\n {check}\n server a h:5432 check {server}\n")
        };
        fires(rule, &pool("option httpchk GET /primary", ""), &[3]);
        fires(
            rule,
            &pool("option httpchk GET /primary", "port 5432"),
            &[3],
        );
        let tcp = "option tcp-check\n tcp-check expect rstring ^production";
        fires(rule, &pool(tcp, ""), &[4]);
        quiet(rule, &pool(tcp, "port 5431"));
        quiet(
            rule,
            &pool(
                &tcp.replace("-check\n", "-check\n tcp-check connect port 5431\n"),
                "port 5432",
            ),
        );
        quiet(
            rule,
            &pool(&tcp.replace("-check\n", "-check\n tcp-check send x\n"), ""),
        );
        quiet(rule, &pool("option httpchk GET /primary", "port 8008"));
        quiet(rule, &pool("option pgsql-check user u", ""));
        quiet(rule, &pool("", ""));
    }

    #[test]
    fn checks_that_ask_another_server() {
        let rule = Rule::CheckElsewhere;
        let pool = |a: &str, b: &str| {
            format!(
                "listen pg\n option httpchk GET /primary\n server a 10.0.0.1:5432 check port 8008 {a}\n \
                 server b 10.0.0.2:5432 check port 8008 {b}\n"
            )
        };
        fires(rule, &pool("", "addr 10.0.0.1"), &[4]);
        fires(rule, &pool("addr 10.0.0.9", "addr 10.0.0.9"), &[3]);
        quiet(rule, &pool("addr 10.0.0.9 port 1", "addr 10.0.0.9 port 2"));
        quiet(rule, &pool("addr 10.0.0.1", "addr 10.0.0.2"));
        quiet(rule, &pool("addr 10.1.0.1", "addr 10.1.0.2"));
        let asks = |addr: &str| format!("agent-check agent-port 5430 agent-addr {addr}");
        fires(rule, &pool("", &asks("10.0.0.1")), &[4]);
        fires(rule, &pool(&asks("10.0.0.9"), &asks("10.0.0.9")), &[3]);
        quiet(rule, &pool(&asks("10.0.0.1"), &asks("10.0.0.2")));
        quiet(rule, &pool(&asks("10.1.0.1"), &asks("10.1.0.2")));
        let connects = |connect: &str| {
            format!(
                "listen pg\n option tcp-check\n tcp-check connect {connect}\n tcp-check expect rstring ^production\n \
                 server a 10.0.0.1:5432 check\n server b 10.0.0.2:5432 check\n"
            )
        };
        fires(rule, &connects("addr 10.0.0.9 port 5431"), &[5]);
        fires(rule, &connects("addr 10.0.0.1 port 5431"), &[6]);
        fires(
            rule,
            &connects("port 5431\n tcp-check expect rstring ^p\n tcp-check connect addr 10.0.0.9"),
            &[7],
        );
        quiet(rule, &connects("port 5431"));
        let http = "listen pg\n option httpchk\n http-check connect addr 10.0.0.9 port 8008\n http-check send uri \
                    /primary\n server a 10.0.0.1:5432 check\n server b 10.0.0.2:5432 check\n";
        fires(rule, http, &[5]);
    }

    #[test]
    fn servers_that_track_one_with_another_address() {
        let rule = Rule::CheckElsewhere;
        let checks = "backend checks\n option httpchk GET /primary\n server a 10.0.0.1:5434 check port 8008\n server b \
                      10.0.0.2:5434 check port 8008\n";
        let pool = |servers: &str| format!("{checks}listen pg_rw\n {servers}\n");
        let crossed =
            "server a 10.0.0.1:5434 track checks/b\n server b 10.0.0.2:5434 track checks/a";
        fires(rule, &pool(crossed), &[6]);
        fires(rule, &pool("server a 10.0.0.2:6432 track checks/a"), &[6]);
        let straight =
            "server a 10.0.0.1:5434 track checks/a\n server b 10.0.0.2:6432 track checks/b";
        quiet(rule, &pool(straight));
        // The name may be that of the address.
        quiet(rule, &pool("server a db1:5434 track checks/a"));
        let named = checks.replace("10.0.0.1", "db1").replace("10.0.0.2", "db2");
        let by_name = "listen pg_rw\n server a db2:5434 track checks/a\n";
        fires(rule, &format!("{named}{by_name}"), &[6]);
        quiet(rule, &format!("{named}{}", by_name.replace("db2", "db1")));
        let same = "listen pg_rw\n option httpchk GET /primary\n server a 10.0.0.1:5434 check port 8008\n server b \
                    10.0.0.2:5434 track pg_rw/a backup\n";
        fires(rule, same, &[4]);
        // The check of the tracked server asks this one.
        let by_addr = checks.replace("10.0.0.1:5434", "127.0.0.1:1 addr 10.0.0.1");
        quiet(
            rule,
            &format!("{by_addr}listen pg_rw\n server a 10.0.0.1:5434 track checks/a\n"),
        );
    }

    #[test]
    fn one_address_under_two_names() {
        let rule = Rule::SameAddressTwice;
        fires(
            rule,
            "listen pg_rw\n server a h:5432 check\n server b h:5432 check\n",
            &[3],
        );
        quiet(
            rule,
            "listen pg_rw\n server a h:5432 check\n server b h:5433 check\n",
        );
        quiet(
            rule,
            "listen pg_rw\n server a h:5432 check\n server b h:5432 check backup\n",
        );
        quiet(
            rule,
            "listen pg_ro\n server a h:5432 check\n server b h:5432 check\n",
        );
        for (one, other) in [
            ("10.0.0.1", "ipv4@10.0.0.1"),
            ("10.0.0.1", "10.1"),
            ("10.0.0.1", "[::ffff:10.0.0.1]"),
            ("127.0.0.1", "localhost"),
            ("db1", "DB1."),
        ] {
            let twice =
                format!("listen pg_rw\n server a {one}:5432 check\n server b {other}:5432 check\n");
            fires(rule, &twice, &[3]);
        }
    }

    #[test]
    fn a_template_of_one_address() {
        let rule = Rule::SameAddressTwice;
        let template = |line: &str| format!("listen pg_rw\n server-template {line}\n");
        fires(rule, &template("a 3 db:5432 check"), &[2]);
        fires(rule, &template("a 3 10.0.0.1:5432 check resolvers r"), &[2]);
        quiet(rule, &template("a 3 db:5432 check resolvers r"));
        quiet(rule, &template("a 1 db:5432 check"));
        let readers = template("a 3 db:5432 check").replace("pg_rw", "pg_ro");
        quiet(rule, &readers);
    }
}
