//! Checks that go to the wrong place, and servers with one address.
//!
//! - `asked`: several servers whose checks go to one address, or to another server's.
//! - `twice`: one address with two names.

mod asked;
mod twice;

use super::finding;
use crate::tools::lint::haproxy::address::Host;
use crate::tools::lint::haproxy::check::{CheckKind, Exchange};
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::{Finding, Rule};
pub(super) use twice::twice;

/// Ports on which `PostgreSQL` or a pooler answers, and no program that tells a role.
const POSTGRES: &[std::ops::RangeInclusive<u16>] = &[5432..=5439, 6432..=6439];

fn is_postgres(port: u16) -> bool {
    port != 5431 && POSTGRES.iter().any(|ports| ports.contains(&port))
}

/// Checks for the role that go to `PostgreSQL` itself, or to another server.
pub(super) fn elsewhere(pool: &Pool<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(at_postgres(pool));
    found.extend(asked::at_another(pool).or_else(|| asked::at_one_place(pool)));
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
}
