//! One address with two names, which counts as two servers.

use std::collections::HashSet;

use super::finding;
use crate::tools::lint::haproxy::address::{Socket, SocketPorts};
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::{Finding, Rule};

/// One address with two names, which counts as two servers.
pub(in crate::tools::lint::haproxy::rules) fn twice(pool: &Pool<'_>) -> Option<Finding> {
    if pool.role == SessionOrigin::Readers {
        return None;
    }
    let is_known = |socket: &Socket| match socket {
        Socket::Named(_) => true,
        Socket::Tcp { host: _, ports } => match ports {
            SocketPorts::Range(_) | SocketPorts::Variable(_) => true,
            SocketPorts::Offset(_) => false,
        },
    };
    let known = |server: &&ServerLine| {
        let is_known = server.socket.as_ref().is_some_and(is_known);
        server.is_active() && server.parameters.track.is_none() && is_known
    };
    let servers = pool.proxy.servers.iter();
    let servers: Vec<&ServerLine> = servers.filter(known).collect();
    let mut before = HashSet::new();
    let mut servers = servers.into_iter();
    let (server, what, remedy) = servers.find_map(|server| {
        let is_again = !server.gets_own_address() && !before.insert(&server.socket);
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
    fn one_unix_socket_under_two_names() {
        let pool = |one: &str, other: &str| {
            format!("listen pg_rw\n server a {one} check\n server b {other} check\n")
        };
        let rule = Rule::SameAddressTwice;
        fires(rule, &pool("/run/pg.sock", "unix@/run/pg.sock"), &[3]);
        quiet(rule, &pool("/run/pg.sock", "/run/pg2.sock"));
    }

    #[test]
    fn a_template_of_one_address() {
        let rule = Rule::SameAddressTwice;
        let template = |line: &str| format!("listen pg_rw\n server-template {line}\n");
        fires(rule, &template("a 3 db:5432 check"), &[2]);
        fires(rule, &template("a 3 10.0.0.1:5432 check resolvers r"), &[2]);
        quiet(rule, &template("a 3 db:5432 check resolvers r"));
        let same = |options: &str| {
            let server =
                |name: &str| format!(" server {name} db:5432 check resolvers r {options}\n");
            format!("listen pg_rw\n{}{}", server("a"), server("b"))
        };
        quiet(rule, &same(""));
        fires(rule, &same("resolve-opts allow-dup-ip,ignore-weight"), &[3]);
        let allowed = "a 3 db:5432 check resolvers r resolve-opts allow-dup-ip";
        fires(rule, &template(allowed), &[2]);
        quiet(rule, &template("a 1 db:5432 check"));
        let readers = template("a 3 db:5432 check").replace("pg_rw", "pg_ro");
        quiet(rule, &readers);
    }
}
