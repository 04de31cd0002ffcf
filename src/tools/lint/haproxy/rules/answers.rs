//! Whether an answer tells the role, and which program sends it.

use super::finding;
use crate::tools::lint::haproxy::check::{CheckKind, Step};
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::{SessionOrigin, is_blind};
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::settings::ProxySettings;
use crate::tools::lint::haproxy::table::Case;
use crate::tools::lint::{Finding, Rule};

/// Ports of `PgBouncer` and Odyssey, Supavisor, and Pgpool-II.
const POOLERS: &[u16] = &[6432, 6543, 9999];

/// Parts of the names of poolers.
const POOLER_NAMES: &[&str] = &[
    "bouncer",
    "odyssey",
    "pgpool",
    "pgcat",
    "supavisor",
    "pooler",
];

/// Each `expect` that matches its text anywhere in the answer.
pub(super) fn unanchored(pool: &Pool<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for check in &pool.checks {
        let keyword = if check.check == CheckKind::Http {
            "http-check"
        } else {
            "tcp-check"
        };
        let steps = check.steps().into_iter().flat_map(|steps| &steps.list);
        for step in steps {
            let Step::Expect(expect) = step else {
                continue;
            };
            if expect.negated || !expect.is_found_anywhere() {
                continue;
            }
            let pattern = expect.pattern.escape_debug();
            let what = format!(
                "\"{pattern}\" matches anywhere in the answer, so an error message that contains it counts as \
                 success."
            );
            let remedy = match check.check {
                CheckKind::Http => {
                    "Request a path that has a status for each role and write `http-check expect status 200`, or \
                     begin a regular expression with ^."
                        .to_owned()
                }
                CheckKind::Connect | CheckKind::Tcp | CheckKind::Postgres(_) | CheckKind::External | CheckKind::Foreign => {
                    let word = expect.pattern.trim_start_matches('^').escape_debug();
                    format!("Write `{keyword} expect rstring` with ^ in front of each word, as in ^{word}.")
                }
            };
            found.push(finding(
                pool,
                Rule::UnanchoredExpect,
                &expect.place,
                what,
                remedy,
            ));
        }
    }
    found
}

/// A check that accepts servers of both roles; in a section for readers that can be intended.
pub(super) fn blind(pool: &Pool<'_>) -> Option<Finding> {
    let servers = || pool.proxy.servers.iter();
    let count: usize = servers().map(|server| server.count).sum();
    if pool.role == SessionOrigin::Readers || count < 2 || pooled(pool).is_some() {
        return None;
    }
    let unchecked = servers()
        .find(|server| server.parameters.track.is_none() && server.parameters.check.is_none());
    let told_by_agent = servers().all(|server| {
        let source = pool.source(server).map(|source| source.server);
        source.is_some_and(|source| source.parameters.agent_check.is_some())
    });
    let takes_both = |server: &ServerLine, check: &ProxySettings| {
        let table = pool.fate(server);
        check.expects() && table.is_up(Case::Primary) && table.is_up(Case::Standby)
    };
    let is_blind = pool.judged().any(|server| {
        pool.check_of(server).is_some_and(|check| {
            is_blind(check, pool.check_port(server)) || takes_both(server, check)
        })
    });
    let (place, what) = match unchecked {
        Some(server) if !told_by_agent => (
            &server.place,
            "A server without a check gets sessions whatever its role, and even if it is down.",
        ),
        Some(_) => return None,
        None if told_by_agent || !is_blind => return None,
        None => (
            &pool.proxy.place,
            "The check accepts any server that answers, standbys as well as the primary, so writers reach \
             standbys.",
        ),
    };
    let remedy = "Check the role of each server: `option tcp-check`, `tcp-check connect port 5431` and \
                  `tcp-check expect rstring ^production`, with `check` on each server's line.";
    Some(finding(pool, Rule::RoleBlind, place, what, remedy))
}

/// Servers with an agent-check and without a check.
pub(super) fn agent_alone(pool: &Pool<'_>) -> Option<Finding> {
    let mut servers = pool.proxy.servers.iter();
    let alone = servers.find(|server| {
        let parameters = &server.parameters;
        parameters.agent_check.is_some() && parameters.check.is_none() && parameters.track.is_none()
    })?;
    let what =
        "An agent that cannot be reached changes nothing, so a server whose host is down stays up.";
    let remedy = "Add `check` to `agent-check`, with a check that tells the role.";
    Some(finding(
        pool,
        Rule::AgentCheckAlone,
        &alone.place,
        what,
        remedy,
    ))
}

/// A pooler that answers the check instead of the server behind it.
pub(super) fn pooler(pool: &Pool<'_>) -> Option<Finding> {
    let asked = pooled(pool)?;
    let what = "The check ends at the pooler, which answers even if PostgreSQL behind it is down or has become \
                a standby.";
    let remedy = "Check past the pooler, with `check port 5431` for the daemon there, or with Patroni's 8008; sessions \
                  still go through it.";
    Some(finding(
        pool,
        Rule::CheckThroughPooler,
        &asked.place,
        what,
        remedy,
    ))
}

fn pooled<'a>(pool: &Pool<'a>) -> Option<&'a ServerLine> {
    let by_http = pool
        .checks
        .iter()
        .any(|check| check.check == CheckKind::Http);
    let by_program = pool
        .checks
        .iter()
        .any(|check| check.check == CheckKind::External);
    if by_http || by_program {
        return None;
    }
    pool.checked().find(|server| {
        let port = server.address.port;
        let is_usual = port.is_some_and(|port| POOLERS.contains(&port));
        let is_pooler = is_usual || is_called_so(pool, server);
        is_pooler && pool.check_port(server) == port
    })
}

/// Whether a server is a pooler, by its port or a name. Further poolers of a host have the ports after the usual one.
pub(super) fn is_pooler(pool: &Pool<'_>, server: &ServerLine) -> bool {
    let mut ports = server.address.port.into_iter();
    ports.any(|port| POOLERS.contains(&port) || (6432..=6439).contains(&port))
        || is_called_so(pool, server)
}

fn is_called_so(pool: &Pool<'_>, server: &ServerLine) -> bool {
    let names_pooler = |name: &str| {
        let name = name.to_lowercase();
        POOLER_NAMES.iter().any(|word| name.contains(word))
    };
    names_pooler(&server.name)
        || server.address.name().is_some_and(names_pooler)
        || names_pooler(&pool.proxy.name)
}

#[cfg(test)]
mod tests;
