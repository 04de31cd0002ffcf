//! Sessions that go to servers for others, or past every check.
//!
//! - `reached`: whether the clients of a section reach servers for readers.
//! - `relays`: servers that are listeners of this configuration.

mod reached;
mod relays;

use super::finding;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::pools::Pools;
use crate::tools::lint::haproxy::proxy::Proxy;
use crate::tools::lint::haproxy::role::{SessionOrigin, of_name};
use crate::tools::lint::{FileLine, Finding, Rule};
pub(in crate::tools::lint::haproxy) use reached::MOST_COUNTED;
use reached::{Clients, reached, steps};
use relays::relayed;

/// Each section that clients who write connect to, and that leads to this section for readers.
pub(super) fn to_readers(pool: &Pool<'_>, pools: &Pools<'_>) -> Vec<Finding> {
    if pool.role != SessionOrigin::Readers || !are_evaluated(pool, pools) {
        return Vec::new();
    }
    let mut relayed = relayed(pool, pools);
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
    relayed.extend(found);
    relayed
}

/// Whether it does not take too many steps to follow who reaches this section for readers.
pub(in crate::tools::lint::haproxy) fn are_evaluated(pool: &Pool<'_>, pools: &Pools<'_>) -> bool {
    let entries = pool.entries.iter().copied();
    let steps = entries.map(|entry| steps(entry, pool, pools));
    pool.role != SessionOrigin::Readers || steps.fold(0, u64::saturating_add) <= pool.most_steps()
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
        // Writers are those who come to the primary while there is one.
        let guard = "use_backend prod if { nbsrv(prod) eq 1 }\n default_backend stdby";
        fires(rule, &front("pg", guard), &[3]);
        fires(
            rule,
            &front(
                "pg",
                "use_backend stdby unless { nbsrv(prod) eq 1 }\n default_backend prod",
            ),
            &[2],
        );
        // Any number of other sections may stand between them.
        let mut others = String::new();
        let mut routes = vec!["use_backend stdby if { nbsrv(prod) eq 0 }".to_owned()];
        for number in 1..8 {
            routes.push(format!(
                "use_backend ro{number} if {{ src 10.0.0.{number} }}"
            ));
            others.push_str(&STDBY.replace("stdby", &format!("ro{number}")));
        }
        let text = front(
            "pg",
            &format!("{}\n default_backend prod", routes.join("\n ")),
        );
        fires(rule, &format!("{others}{text}"), &[30]);
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
