//! Sessions that reach a server although it is down or drained.

use super::finding;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::table::{Case, ServerOutcome, Table};
use crate::tools::lint::{FileLine, Finding, Rule};

/// Sessions that reach a server regardless of its check.
pub(super) fn persisted(pool: &Pool<'_>) -> Vec<Finding> {
    if pool.role == SessionOrigin::Readers {
        return Vec::new();
    }
    let places = pool.proxy.settings.persists.iter();
    let found = places.map(|place| {
        let what = "A session that is bound to a server reaches it even if it is down, so a writer stays with a \
                    former primary.";
        let remedy = "Remove `force-persist` and `option persist` from a section for writers.";
        finding(pool, Rule::DownServerReached, place, what, remedy)
    });
    found.collect()
}

/// New sessions of writers that reach a server which is drained because it is not the primary.
pub(super) fn drained_reached(pool: &Pool<'_>) -> Vec<Finding> {
    if pool.role != SessionOrigin::Writers {
        return Vec::new();
    }
    let servers = pool.judged();
    let drained: Vec<&ServerLine> = servers
        .filter(|server| is_drained(&pool.fate(server)))
        .collect();
    let found = drained
        .first()
        .into_iter()
        .flat_map(|_| bindings(pool, &drained));
    let found = found.map(|place| {
        let what = "A server that is drained because it is not the primary still gets new sessions by `stick`, \
                    `persist` or `use-server`, so writers reach a standby.";
        let remedy = "Remove the line, or let the check alone take such a server down: `tcp-check expect rstring \
                      ^production` without `error-status L7OKC`.";
        finding(pool, Rule::DrainedServerReached, place, what, remedy)
    });
    found.collect()
}

/// The lines that send sessions to one of these servers unless it is down.
fn bindings<'p>(pool: &Pool<'p>, servers: &[&ServerLine]) -> impl Iterator<Item = &'p FileLine> {
    let settings = &pool.proxy.settings;
    let choices = settings.choices.iter().filter(|choice| {
        let mut servers = servers.iter();
        servers.any(|server| server.count > 1 || choice.can_choose(&server.name))
    });
    let choices: Vec<&FileLine> = choices.map(|choice| &choice.place).collect();
    settings.sticks.iter().chain(choices)
}

/// Whether a server that is not the primary is drained in some case.
fn is_drained(table: &Table) -> bool {
    others(table).any(|outcome| outcome == ServerOutcome::Draining)
}

/// The states of a server that is not the primary.
fn others(table: &Table) -> impl Iterator<Item = ServerOutcome> {
    let rows = table.rows().filter(|(case, _)| *case != Case::Primary);
    rows.map(|(_, outcome)| outcome)
}

/// A check or an agent that drains a former primary, whose sessions then stay.
pub(super) fn drained_by_check(pool: &Pool<'_>) -> Option<Finding> {
    let count: usize = pool.judged().map(|server| server.count).sum();
    if pool.role != SessionOrigin::Writers || count < 2 {
        return None;
    }
    let mut servers = pool.judged();
    let server = servers.find(|server| is_drained(&pool.fate(server)))?;
    if !is_drained(&pool.table(server)) {
        let place = pool.agent(server).unwrap_or(&server.place);
        let what = "The agent drains a server that is not the primary and its check does not take it down, so \
                    `on-marked-down` does not apply and its sessions stay with a former primary.";
        let remedy = "Let the check tell the role too: `tcp-check connect port 5431` and `tcp-check expect rstring \
                      ^production`.";
        return Some(finding(pool, Rule::DrainedNotDown, place, what, remedy));
    }
    let expected = pool.check_of(server).and_then(|check| check.expectation());
    let place = expected.map_or(&pool.proxy.place, |expect| &expect.place);
    let what = "The check drains a server that is not the primary instead of taking it down, so \
                `on-marked-down` does not apply and its sessions stay with a former primary.";
    let remedy = "For writers use neither `error-status L7OKC`, `ok-status L7OKC` nor `http-check disable-on-404`.";
    Some(finding(pool, Rule::DrainedNotDown, place, what, remedy))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    #[test]
    fn sessions_that_reach_a_server_that_is_down() {
        let rule = Rule::DownServerReached;
        let pool =
            |name: &str, line: &str| format!("listen {name}\n {line}\n server a h:5432 check\n");
        fires(
            rule,
            &pool("pg_rw", "force-persist if { src 10.0.0.0/8 }"),
            &[2],
        );
        fires(rule, &pool("pg_rw", "option persist"), &[2]);
        quiet(rule, &pool("pg_rw", "no option persist"));
        quiet(rule, &pool("pg_ro", "option persist"));
    }

    fn tcp(name: &str, expect: &str, agent: &str, lines: &str) -> String {
        format!(
            "listen {name}\n option tcp-check\n tcp-check connect port 5431\n {expect}\n server a h:5432 check {agent}\n \
             server b i:5432 check {agent}\n{lines}\n"
        )
    }

    const RW: &str = "agent-check agent-port 5430 agent-send \"rw\\n\"";

    #[test]
    fn sessions_that_reach_a_drained_server() {
        let rule = Rule::DrainedServerReached;
        let any = "tcp-check expect rstring ^(production|standby|lagging)";
        let table = " stick-table type ip size 1m";
        for line in [
            " stick on src",
            " stick match src",
            " persist rdp-cookie(x)",
            " use-server b if { src 10.0.0.0/8 }",
            " use-server %[var(sess.s)] if TRUE",
        ] {
            let text = |agent| tcp("pg_rw", any, agent, &format!("{table}\n{line}"));
            fires(rule, &text(RW), &[8]);
            quiet(rule, &text(&RW.replace("rw", "ro")));
        }
        quiet(rule, &tcp("pg_rw", any, RW, " stick store-request src"));
        quiet(rule, &tcp("pg_rw", any, RW, " use-server c if TRUE"));
        let primary = "tcp-check expect rstring ^production";
        quiet(rule, &tcp("pg_rw", primary, RW, " stick on src"));
        let conditional = "tcp-check expect rstring ^production error-status L7OKC";
        fires(rule, &tcp("pg_rw", conditional, "", " stick on src"), &[7]);
    }

    #[test]
    fn checks_that_drain_a_former_primary() {
        let rule = Rule::DrainedNotDown;
        for expect in [
            "tcp-check expect rstring ^production error-status L7OKC",
            "tcp-check expect rstring ^production error-status l7okc",
            "tcp-check expect ! rstring ^(standby|lagging|down|HTTP) error-status L7OKC",
        ] {
            fires(rule, &tcp("pg_rw", expect, "", ""), &[4]);
        }
        quiet(
            rule,
            &tcp(
                "pg_rw",
                "tcp-check expect rstring ^production error-status L7STS tout-status L7TOUT",
                "",
                "",
            ),
        );
        let readers = "tcp-check expect rstring ^(standby|lagging)\n tcp-check expect !rstring ^lagging error-status L7OKC";
        quiet(rule, &tcp("pg_ro", readers, "", ""));
        let any = "tcp-check expect rstring ^(production|standby|lagging)";
        fires(rule, &tcp("pg_rw", any, RW, ""), &[5]);
        let primary = "tcp-check expect rstring ^production";
        quiet(rule, &tcp("pg_rw", primary, RW, ""));
        let http = |lines: &str| {
            format!(
                "listen pg\n option httpchk GET /primary\n {lines}\n server a h:5432 check port 8008\n server b \
                 i:5432 check port 8008\n"
            )
        };
        fires(rule, &http("http-check disable-on-404"), &[1]);
        fires(
            rule,
            &http("http-check expect status 200 error-status L7OKC"),
            &[3],
        );
        quiet(
            rule,
            &http("http-check expect status 200 error-status L7RSP"),
        );
    }
}
