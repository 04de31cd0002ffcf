//! Whether a section of servers is about `PostgreSQL`; knows no rule.
//!
//! It is if it passes bytes on (`mode tcp`) and is asked by no other protocol, and any of this holds:
//!
//! - its check is `pgsql-check`, or speaks `PostgreSQL`'s protocol;
//! - its check asks for a role, or hears of one without a question, or goes to this project's daemon;
//! - a server, or a listener in front of them, is on a port of `PostgreSQL` or of a pooler;
//! - it is called so, or a section in front of it is.
//!
//! All but the first count only where some server is not on a port that is known for something else.

use super::address::Address;
use super::check::{CheckKind, Step};
use super::pool::Pool;
use super::proxy::ProxySettings;
use super::role::{SessionOrigin, asks_for_a_role, of_check};

/// Where the daemon of this project answers.
const STATE: u16 = 5431;

/// Names in which these stand are about something beside `PostgreSQL`.
const BESIDE: &[&str] = &["pgadmin", "pghero", "pgweb", "postgrest", "exporter"];

/// Ports of what stands beside it, whatever the section is called.
const OTHER_PORTS: &[u16] = &[80, 443, 2379, 3306, 6379, 8080, 8443, 9187, 27017];

/// `SELECT pg_is_in_recovery()` and the first message of a client, in hexadecimal.
const SPOKEN: &[&str] = &["70675f69735f696e5f7265636f76657279", "00030000"];

/// Whether all that is known of a section makes it one of `PostgreSQL`'s.
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

/// Whether a check is a client of `PostgreSQL`.
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

/// Whether a check hears of a role without a question. Other databases that have roles want one.
fn is_told_a_role(check: &ProxySettings) -> bool {
    let mut steps = check.steps().iter();
    let asks = steps.any(|step| matches!(step, Step::Send(_)));
    check.check == CheckKind::Tcp && !asks && of_check(check, None) != SessionOrigin::Unknown
}

/// 5432 and 6432, and what people count up from them; Supavisor's.
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
