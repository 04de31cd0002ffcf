//! Decides whether a section of servers is for `PostgreSQL`; knows no rule.
//!
//! It is if it is in `mode tcp`, its check speaks no other protocol, and one of these holds:
//!
//! - its check is `pgsql-check`, or speaks `PostgreSQL`'s protocol;
//! - its check asks for a role, or gets one without asking, or goes to this project's daemon;
//! - a server, or a listener in front of the servers, uses a port of `PostgreSQL` or of a pooler;
//! - its name, or the name of a section in front of it, contains a name of `PostgreSQL` or of a pooler.
//!
//! All but the first count only if some server is not on a port that is known for another service.

use super::address::Address;
use super::check::{CheckKind, Step};
use super::pool::Pool;
use super::proxy::ProxySettings;
use super::role::{SessionOrigin, asks_for_a_role, of_check};

/// The state port of this project's daemon.
const STATE: u16 = 5431;

/// Parts of names of programs that belong to `PostgreSQL` and are not a server of it.
const BESIDE: &[&str] = &["pgadmin", "pghero", "pgweb", "postgrest", "exporter"];

/// Ports of other services, whatever the name of the section.
const OTHER_PORTS: &[u16] = &[80, 443, 2379, 3306, 6379, 8080, 8443, 9187, 27017];

/// `SELECT pg_is_in_recovery()` and the protocol version in a client's first message, in hexadecimal.
const SPOKEN: &[&str] = &["70675f69735f696e5f7265636f76657279", "00030000"];

/// Whether a section leads to `PostgreSQL`.
pub(super) fn is_postgres(pool: &Pool<'_>) -> bool {
    if pool
        .checks
        .iter()
        .any(|check| check.check == CheckKind::Foreign)
    {
        return false;
    }
    let servers = || pool.proxy.servers.iter();
    let is_other = |port: Option<u16>| port.is_some_and(|port| OTHER_PORTS.contains(&port));
    let listeners = || pool.entries.iter().flat_map(|entry| &entry.binds);
    pool.checks.iter().any(|check| speaks_postgres(check))
        || !servers().all(|server| is_other(server.address.port))
            && (pool
                .checks
                .iter()
                .any(|check| asks_for_a_role(check) || is_told_a_role(check))
                || servers().any(|server| pool.check_port(server) == Some(STATE))
                || servers().any(|server| is_port(&server.address))
                || listeners().any(is_port)
                || is_called_so(pool))
}

/// Whether a check speaks `PostgreSQL`'s protocol.
fn speaks_postgres(check: &ProxySettings) -> bool {
    let by_hand = check.steps().iter().any(|step| match step {
        Step::Send(sent) => {
            let sent = sent.to_lowercase();
            SPOKEN.iter().any(|spoken| sent.contains(spoken))
        }
        Step::Connect(_) | Step::Expect(_) | Step::Other => false,
    });
    by_hand || matches!(check.check, CheckKind::Postgres(_))
}

/// Whether a check gets a role without sending anything. Other databases with roles require a question.
fn is_told_a_role(check: &ProxySettings) -> bool {
    let mut steps = check.steps().iter();
    let asks = steps.any(|step| matches!(step, Step::Send(_)));
    check.check == CheckKind::Tcp && !asks && of_check(check, None) != SessionOrigin::Unknown
}

/// 5432 and 6432 with the ports after them, and Supavisor's port.
fn is_port(address: &Address) -> bool {
    matches!(address.port, Some(5432..=5439 | 6432..=6439 | 6543))
}

fn is_called_so(pool: &Pool<'_>) -> bool {
    let entries = pool.entries.iter().map(|entry| &entry.name);
    let names = entries.chain([&pool.proxy.name]);
    let names: Vec<String> = names.map(|name| name.to_lowercase()).collect();
    let beside = names
        .iter()
        .any(|name| BESIDE.iter().any(|word| name.contains(word)));
    !beside && names.iter().any(|name| says_postgres(name))
}

fn says_postgres(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphabetic());
    ["postgres", "pgsql", "pgbouncer", "patroni", "odyssey"]
        .iter()
        .any(|word| name.contains(word))
        || words.any(|word| word.starts_with("pg") || word == "psql")
}

#[cfg(test)]
mod tests;
