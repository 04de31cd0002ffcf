//! Decides whether a section of servers is for `PostgreSQL`; knows no rule.
//!
//! It is if it is in `mode tcp` and one of these holds:
//!
//! - its check is `pgsql-check`, or speaks `PostgreSQL`'s protocol;
//! - its check asks for a role, or gets one without asking, or goes to this project's daemon;
//! - a server, the address of `dispatch`, or a listener in front of them uses a port of `PostgreSQL` or of a pooler;
//! - its name, or the name of a section in front of it, contains a name of `PostgreSQL` or of a pooler.
//!
//! With a check of another protocol, or the name of another database, only ports and names of `PostgreSQL` count.
//!
//! All but the first count only if some server is not on a port that is known for another service.

use super::address::Address;
use super::check::{CheckKind, Sent, Step};
use super::pool::Pool;
use super::proxy::Proxy;
use super::role::{SessionOrigin, asks_for_a_role, of_check};
use super::settings::ProxySettings;
use super::table::STATE;

/// Parts of names of programs that belong to `PostgreSQL` and are not a server of it.
const BESIDE: &[&str] = &["pgadmin", "pghero", "pgweb", "postgrest", "exporter"];

/// Ports of other services, whatever the name of the section.
const OTHER_PORTS: &[u16] = &[80, 443, 2379, 3306, 3307, 6379, 8080, 8443, 9187, 27017];

/// Parts of names of other databases with a primary and replicas.
const OTHER_NAMES: &[&str] = &["mysql", "mariadb", "galera", "redis", "mongo"];

/// `SELECT pg_is_in_recovery()` and the protocol version in a client's first message, in hexadecimal.
const SPOKEN: &[&str] = &["70675f69735f696e5f7265636f76657279", "00030000"];

/// Whether a section leads to `PostgreSQL`.
pub(super) fn is_postgres(pool: &Pool<'_>) -> bool {
    let servers = || pool.proxy.servers.iter();
    let addresses: Vec<Address> = pool.proxy.addresses().collect();
    let is_other = |port: Option<u16>| port.is_some_and(|port| OTHER_PORTS.contains(&port));
    let mut checks = pool.checks.iter();
    if checks.any(|check| check.check == CheckKind::Foreign) {
        // A check of another protocol in front of PostgreSQL says nothing about it.
        let is_named = is_called_so(pool) && !addresses.iter().all(|it| is_other(it.port));
        return !says_another(&pool.proxy.name) && (addresses.iter().any(is_port) || is_named);
    }
    if says_another(&pool.proxy.name) && !addresses.iter().any(is_port) {
        return false;
    }
    let mut listeners = pool.entries.iter().flat_map(|entry| &entry.listens);
    let checks = || {
        let tracked = servers().filter_map(|server| pool.check_of(server));
        pool.checks.iter().copied().chain(tracked)
    };
    checks().any(speaks_postgres)
        || !addresses.iter().all(|address| is_other(address.port))
            && (checks().any(|check| asks_for_a_role(check) || is_told_a_role(check))
                || servers().any(|server| pool.asks_port(server, STATE))
                || addresses.iter().any(is_port)
                || listeners.any(|listen| listen.first_port().is_some_and(is_number))
                || is_called_so(pool))
}

/// Whether a section in `mode http` is in front of `PostgreSQL`: by its ports or its check, since any program may have the
/// name.
pub(super) fn is_postgres_over_http(proxy: &Proxy) -> bool {
    let check = &proxy.settings;
    let mut addresses = proxy.addresses();
    let asks = asks_for_a_role(check) || is_told_a_role(check);
    let by_port = addresses.any(|address| match address.port {
        Some(5432 | 6432) => true,
        Some(_) => asks && is_port(&address),
        None => false,
    });
    by_port || speaks_postgres(check) || is_told_a_role(check)
}

/// Whether a check speaks `PostgreSQL`'s protocol.
fn speaks_postgres(check: &ProxySettings) -> bool {
    let by_hand = steps(check).any(|step| match step {
        Step::Send(Sent::Text(sent) | Sent::Bytes(sent)) => {
            let sent = sent.to_lowercase();
            SPOKEN.iter().any(|spoken| sent.contains(spoken))
        }
        Step::Send(Sent::Request(_) | Sent::Computed)
        | Step::Connect(_)
        | Step::Expect(_)
        | Step::Other => false,
    });
    by_hand || matches!(check.check, CheckKind::Postgres(_))
}

/// Whether a check gets a role without sending anything. Other databases with roles require a question.
fn is_told_a_role(check: &ProxySettings) -> bool {
    let asks = steps(check).any(|step| match step {
        Step::Send(sent) => !sent.is_token(),
        Step::Connect(_) | Step::Expect(_) | Step::Other => false,
    });
    check.check == CheckKind::Tcp && !asks && of_check(check, None) != SessionOrigin::Unknown
}

fn steps(check: &ProxySettings) -> impl Iterator<Item = &Step> {
    check.steps().into_iter().flat_map(|steps| &steps.list)
}

/// 5432 and 6432 with the ports after them, and Supavisor's port.
fn is_port(address: &Address) -> bool {
    address.port.is_some_and(is_number)
}

fn is_number(port: u16) -> bool {
    matches!(port, 5432..=5439 | 6432..=6439 | 6543)
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

fn says_another(name: &str) -> bool {
    let name = name.to_lowercase();
    OTHER_NAMES.iter().any(|word| name.contains(word)) && !says_postgres(&name)
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
