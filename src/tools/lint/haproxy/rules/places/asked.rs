//! Several servers whose checks go to one address, or to another server's: the state of one depends on another.

use std::collections::HashMap;

use super::finding;
use crate::tools::lint::haproxy::address::comparable;
use crate::tools::lint::haproxy::check::CheckKind;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::rules::answers::is_pooler;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::settings::ProxySettings;
use crate::tools::lint::{FileLine, Finding, Rule};

/// A host and a port to which a check goes.
type AskedPlace = (String, Option<u16>);

/// Where the agent-check of a server goes.
fn agent(server: &ServerLine) -> Option<AskedPlace> {
    let parameters = &server.parameters;
    parameters.agent_check.as_ref()?;
    let addr = parameters.agent_addr_written.as_ref();
    let host = addr.map_or_else(|| server.host.clone(), |addr| comparable(&addr.value));
    let port = parameters.agent_port.as_ref().and_then(|port| port.value);
    Some((host, port))
}

/// A check that goes to another server's address, or that several servers with addresses of their own have.
pub(super) fn at_another(pool: &Pool<'_>) -> Option<Finding> {
    let servers = pool.proxy.servers.iter();
    let servers = servers.filter(|server| {
        let has_agent = server.parameters.agent_check.is_some();
        server.is_checked() || (has_agent && server.parameters.track.is_none())
    });
    let servers: Vec<&ServerLine> = servers.collect();
    let targets = |server: &ServerLine| -> Vec<AskedPlace> {
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
    let mut askers: HashMap<&AskedPlace, Vec<&str>> = HashMap::new();
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

/// A check for the role that two servers of one host have together. Poolers in front of one server may.
pub(super) fn at_one_place(pool: &Pool<'_>) -> Option<Finding> {
    let mut askers: HashMap<AskedPlace, &ServerLine> = HashMap::new();
    let servers = pool.proxy.servers.iter();
    let servers = servers.filter(|server| server.address.port.is_some());
    for server in servers.filter(|server| !is_pooler(pool, server) && server.count == 1) {
        for target in asked_for_role(pool, server) {
            let Some(first) = askers.get(&target) else {
                askers.insert(target, server);
                continue;
            };
            if first.host != server.host || first.address.port == server.address.port {
                continue;
            }
            let (host, port) = target;
            let port = port.map_or_else(String::new, |port| format!(":{port}"));
            let what = format!(
                "The state of {} and of {}, which are two servers of one host, comes from one place, {}{port}, which \
                 knows the state of one of them.",
                first.name.escape_debug(),
                server.name.escape_debug(),
                host.escape_debug(),
            );
            let remedy = "Run a daemon with a port of its own for each server of the host, and write it as `port` and \
                          `agent-port` on the server's line.";
            let place = place(server);
            return Some(finding(pool, Rule::CheckElsewhere, place, what, remedy));
        }
    }
    None
}

/// Where it is asked for the role of a server.
fn asked_for_role<'a>(pool: &Pool<'a>, server: &'a ServerLine) -> Vec<AskedPlace> {
    let Some(source) = pool.source(server) else {
        return Vec::new();
    };
    let asks = |check: &ProxySettings| match check.check {
        CheckKind::Http | CheckKind::Tcp => true,
        CheckKind::Connect | CheckKind::Postgres(_) | CheckKind::External | CheckKind::Foreign => {
            false
        }
    };
    let is_checked = source.server.parameters.check.is_some() && source.check.is_some_and(asks);
    let connections = is_checked.then(|| pool.connections(server));
    let connections = connections.into_iter().flatten();
    let asking = connections.filter(|(exchange, target)| {
        target.port.is_some() && !(exchange.expects.is_empty() && exchange.only_listens())
    });
    let targets = asking.map(|(_, target)| (target.host, target.port));
    targets.chain(agent(source.server)).collect()
}

/// The line that says whose state the server has.
fn place(server: &ServerLine) -> &FileLine {
    let track = server.parameters.track.as_ref();
    track.map_or(&server.place, |track| &track.place)
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

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
    fn servers_of_one_host_with_one_check() {
        let rule = Rule::CheckElsewhere;
        let pool = |check: &str, a: &str, b: &str| {
            format!("listen pg_rw\n {check}\n server a 10.0.0.1:{a}\n server b 10.0.0.1:{b}\n")
        };
        let tcp =
            "option tcp-check\n tcp-check connect port 5431\n tcp-check expect rstring ^production";
        fires(rule, &pool(tcp, "5432 check", "5433 check"), &[6]);
        let http = "option httpchk GET /primary";
        let both =
            |a: &str, b: &str| pool(http, &format!("5432 check {a}"), &format!("5433 check {b}"));
        fires(rule, &both("port 8008", "port 8008"), &[4]);
        fires(
            rule,
            &both("port 8008", "port 8008").replace("pg_rw", "pg_ro"),
            &[4],
        );
        quiet(rule, &both("port 8008", "port 8009"));
        let agent = "agent-check agent-send \"rw\\n\" agent-port";
        let asks = |a: u16, b: u16| {
            both(
                &format!("port 8008 {agent} {a}"),
                &format!("port 8009 {agent} {b}"),
            )
        };
        fires(rule, &asks(5430, 5430), &[4]);
        quiet(rule, &asks(5430, 5429));
        let tracks = |a: &str, b: &str| {
            let checks = "backend m\n option httpchk GET /primary\n server x 10.0.0.1:5432 check port 8008\n server y \
                          10.0.0.1:5433 check port 8009\n";
            pool(
                "",
                &format!("5432 track m/{a}"),
                &format!("5433 track m/{b}"),
            ) + checks
        };
        fires(rule, &tracks("x", "x"), &[4]);
        quiet(rule, &tracks("x", "y"));
        // Poolers in front of one server have its state.
        quiet(
            rule,
            &both("port 8008", "port 8008").replace("5433", "6432"),
        );
        quiet(
            rule,
            &both("port 8008", "port 8008").replace("pg_rw", "pgbouncer_rw"),
        );
        // A connection does not ask for a role.
        quiet(rule, &pool("", "5432 check port 22", "5433 check port 22"));
        quiet(rule, &pool(tcp, "5432 check", "5432 check backup"));
    }
}
