//! Sessions that go to servers for others, or past every check.

use std::collections::BTreeSet;

use super::finding;
use crate::tools::lint::haproxy::condition::{Possible, UnknownCriteria};
use crate::tools::lint::haproxy::pool::{Pool, leads, rejects};
use crate::tools::lint::haproxy::pools::Pools;
use crate::tools::lint::haproxy::proxy::Proxy;
use crate::tools::lint::haproxy::role::{SessionOrigin, of_name};
use crate::tools::lint::{FileLine, Finding, Rule};

/// With more sections to choose from than this, their numbers of servers are not told apart.
const MOST_TARGETS: usize = 4;

/// Each section that clients who write connect to, and that leads to this section for readers.
pub(super) fn to_readers(pool: &Pool<'_>, pools: &Pools<'_>) -> Vec<Finding> {
    if pool.role != SessionOrigin::Readers {
        return Vec::new();
    }
    let entries = pool.entries.iter().copied();
    let entries = entries.filter(|entry| !std::ptr::eq(*entry, pool.proxy));
    let found = entries.filter_map(|entry| {
        let brings_writers = match role_of(entry, pools) {
            SessionOrigin::Writers => reached(entry, pool, pools, Clients::All),
            SessionOrigin::Readers => false,
            // By what it does while every server is up, it is for writers; and the same clients come here otherwise.
            SessionOrigin::Unknown => reached(entry, pool, pools, Clients::OfWriters),
        };
        brings_writers.then(|| {
            let name = entry.name.escape_debug();
            let what = format!("Writers who connect to {name} reach these servers, which are standbys.");
            let remedy = "Reject writers while they have no server, or give readers a section of their own to connect \
                          to.";
            let place = line(entry, &pool.proxy.name);
            finding(pool, Rule::WritersToReaders, place, what, remedy)
        })
    });
    found.collect()
}

/// The line by which a section leads to another.
fn line<'p>(entry: &'p Proxy, target: &str) -> &'p FileLine {
    let mut routes = entry.settings.routes.iter();
    let route = routes.find(|route| route.can_lead_to(target));
    let default = entry.settings.default_route.as_ref();
    let by_default = default.map(|default| &default.place);
    route
        .map(|route| &route.place)
        .or(by_default)
        .unwrap_or(&entry.place)
}

/// The role of a section's clients by its name, or by the checks of its own servers.
fn role_of(entry: &Proxy, pools: &Pools<'_>) -> SessionOrigin {
    let mut tcp = pools.tcp.iter();
    let own = tcp.find(|pool| std::ptr::eq(pool.proxy, entry));
    of_name(&entry.name).or(|| own.map_or(SessionOrigin::Unknown, Pool::check_role))
}

/// The clients of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clients {
    All,
    /// Those who reach servers for writers while every server is up.
    OfWriters,
}

/// Whether some of these clients of a section reach servers for readers.
fn reached(entry: &Proxy, readers: &Pool<'_>, pools: &Pools<'_>, clients: Clients) -> bool {
    let is_entry = |pool: &Pool<'_>| std::ptr::eq(pool.proxy, entry);
    let targets = pools.tcp.iter().filter(|pool| {
        let is_readers = std::ptr::eq(pool.proxy, readers.proxy);
        !is_readers && (entry.settings.leads_to(&pool.proxy.name) || is_entry(pool))
    });
    // The readers come first, so that their number of servers is among those that are told apart.
    let targets = [readers].into_iter().chain(targets).take(MOST_TARGETS);
    let targets: Vec<&Pool<'_>> = targets.collect();
    let all = targets.iter().map(|pool| {
        let up = pool.counted(pool.up(|_| true));
        (pool.proxy.name.as_str(), up)
    });
    let all: Vec<(&str, u64)> = all.collect();
    let comes = |pool: &Pool<'_>, up: &[(&str, u64)], unknown: &mut UnknownCriteria| {
        !rejects(entry, up, unknown) && leads(entry, &pool.proxy.name, is_entry(pool), up, unknown)
    };
    let writers = targets.iter().copied();
    let writers: Vec<&Pool<'_>> = writers
        .filter(|pool| pool.role == SessionOrigin::Writers)
        .collect();
    let mut numbers = numbers(&all).into_iter();
    numbers.any(|up| {
        let possible = UnknownCriteria::can(|unknown| {
            let is_meant = match clients {
                Clients::All => true,
                Clients::OfWriters => writers.iter().any(|pool| comes(pool, &all, unknown)),
            };
            is_meant && comes(readers, &up, unknown)
        });
        possible != Possible::No
    })
}

/// None, one or all servers of each section that count as up, in every combination; of the first section at least one.
fn numbers<'n>(all: &[(&'n str, u64)]) -> Vec<Vec<(&'n str, u64)>> {
    let mut numbers: Vec<Vec<(&str, u64)>> = vec![Vec::new()];
    for (at, (name, most)) in all.iter().enumerate() {
        let each = BTreeSet::from([u64::from(at == 0), 1, *most]);
        let each = each.into_iter().filter(|up| up <= most);
        let longer = each.flat_map(|up| {
            let known = numbers.iter().cloned();
            known.map(move |mut known| {
                known.push((*name, up));
                known
            })
        });
        numbers = longer.collect();
    }
    numbers
}

/// `dispatch` and the like: sessions go to an address that no check decides about.
pub(super) fn past_checks(pool: &Pool<'_>) -> Option<Finding> {
    if pool.role == SessionOrigin::Readers {
        return None;
    }
    let past = pool.proxy.settings.past_servers()?;
    let what = "Without `balance`, all sessions go to the address of `dispatch`, or where `option transparent` finds \
                them, whatever the role of the server there.";
    let remedy = "Write a `server` line for each server, with a check of its role, in place of `dispatch` and \
                  `option transparent`.";
    Some(finding(pool, Rule::PastChecks, &past.place, what, remedy))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    const PROD: &str = "backend prod\n option httpchk GET /primary\n server a h:5432 check port 8008\n server b i:5432 \
                        check port 8008\n";
    const STDBY: &str = "backend stdby\n option httpchk GET /replica\n server a h:5432 check port 8008\n server b \
                         i:5432 check port 8008\n";

    #[test]
    fn writers_who_are_sent_to_standbys() {
        let rule = Rule::WritersToReaders;
        let front = |name: &str, lines: &str| format!("frontend {name}\n {lines}\n{PROD}{STDBY}");
        let fallback = "use_backend stdby if { nbsrv(prod) eq 0 }\n default_backend prod";
        fires(rule, &front("pg_rw", fallback), &[2]);
        fires(rule, &front("pg", fallback), &[2]);
        fires(rule, &front("pg_rw", "default_backend stdby"), &[2]);
        fires(
            rule,
            &front(
                "pg",
                "use_backend prod if { nbsrv(prod) gt 0 }\n default_backend stdby",
            ),
            &[3],
        );
        // Readers may go to the primary, and clients may choose by their port.
        quiet(rule, &front("pg_ro", fallback));
        quiet(rule, &front("pg", "default_backend stdby"));
        quiet(
            rule,
            &front(
                "pg",
                "use_backend prod if { nbsrv(stdby) eq 0 }\n default_backend stdby",
            ),
        );
        quiet(
            rule,
            &front(
                "pg",
                "use_backend stdby if { dst_port 5433 }\n default_backend prod",
            ),
        );
        quiet(
            rule,
            &front(
                "pg_rw",
                "use_backend stdby if { always_false }\n default_backend prod",
            ),
        );
        let listen = PROD.replace(
            "backend prod",
            "listen prod\n use_backend stdby if { nbsrv eq 0 }",
        );
        fires(rule, &format!("{listen}{STDBY}"), &[2]);
        let away = PROD.replace("backend prod", "listen prod\n default_backend stdby");
        fires(rule, &format!("{away}{STDBY}"), &[2]);
    }

    #[test]
    fn sessions_that_no_check_decides_about() {
        let rule = Rule::PastChecks;
        fires(rule, "listen pg_rw\n dispatch 10.0.0.1:5432\n", &[2]);
        fires(rule, "listen x\n dispatch 10.0.0.1:5432\n", &[2]);
        fires(rule, "listen x\n bind :5432\n option transparent\n", &[3]);
        let servers = "listen pg_rw\n dispatch 10.0.0.1:5432\n server a h:5432 check\n";
        fires(rule, servers, &[2]);
        quiet(rule, &format!("{servers} balance roundrobin\n"));
        quiet(rule, "listen pg_ro\n dispatch 10.0.0.1:5432\n");
        quiet(rule, "listen web\n dispatch 10.0.0.1:80\n");
        quiet(rule, "listen x\n bind :443\n option transparent\n");
    }
}
