//! Checks that take every server away from the clients whom they are for.

use super::finding;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::settings::StateFile;
use crate::tools::lint::haproxy::table::{Case, ServerOutcome};
use crate::tools::lint::{FileLine, Finding, Rule};

/// A check that drains the servers that it is for.
pub(super) fn drained(pool: &Pool<'_>) -> Option<Finding> {
    // `use-server` reaches a drained server.
    if !pool.proxy.settings.choices.is_empty() {
        return None;
    }
    let (wanted, whom) = match pool.role {
        SessionOrigin::Writers => (&[Case::Primary][..], "the primary"),
        SessionOrigin::Readers => (&[Case::Standby][..], "each standby"),
        SessionOrigin::Unknown => (&[Case::Primary, Case::Standby][..], "each server"),
    };
    let drains = |server: &&ServerLine| {
        let table = pool.table(server);
        let outcomes = || wanted.iter().map(|case| table.at(*case));
        let is_served = outcomes().any(|outcome| match outcome {
            ServerOutcome::Up | ServerOutcome::Unknown(_) => true,
            ServerOutcome::Draining | ServerOutcome::Down => false,
        });
        // Which paths another program does not know is not known here.
        let by_404 = pool
            .check_of(server)
            .is_some_and(|check| check.drains_on_404);
        !is_served && !by_404 && outcomes().any(|outcome| outcome == ServerOutcome::Draining)
    };
    let servers: Vec<&ServerLine> = pool.judged().filter(|server| server.is_active()).collect();
    let server = servers.iter().copied().find(drains)?;
    if pool.role != SessionOrigin::Writers && !servers.iter().all(drains) {
        return None;
    }
    let what = format!(
        "The check drains {whom}, which it is for: a server with the status `L7OKC` gets no new session, so nobody \
         gets in."
    );
    let remedy = "Write no `ok-status L7OKC` at the answer that the section is for.";
    let place = place(pool, server);
    Some(finding(pool, Rule::NobodyAccepted, place, what, remedy))
}

/// Servers that all wait to be enabled by hand, unless a file has their states.
pub(super) fn disabled(pool: &Pool<'_>) -> Option<Finding> {
    let mut servers = pool.proxy.servers.iter();
    let keeps_state =
        pool.state_file == StateFile::Read && pool.proxy.settings.state_file == StateFile::Read;
    let places: Option<Vec<&FileLine>> = servers
        .by_ref()
        .map(|server| server.parameters.disabled.as_ref())
        .collect();
    let place = places?.into_iter().next().filter(|_| !keeps_state)?;
    let what = "Each server is `disabled`, so nobody gets in until somebody enables one at HAProxy's socket.";
    let remedy = "Remove `disabled` from the servers that are in use.";
    Some(finding(pool, Rule::NobodyAccepted, place, what, remedy))
}

/// The line of the last expectation.
fn place<'p>(pool: &Pool<'p>, server: &'p ServerLine) -> &'p FileLine {
    let expected = pool.check_of(server).and_then(|check| check.expectation());
    expected.map_or(&pool.proxy.place, |expect| &expect.place)
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    fn tcp(name: &str, expect: &str) -> String {
        format!(
            "listen {name}\n option tcp-check\n tcp-check connect port 5431\n tcp-check expect {expect}\n server a h:5432 \
             check\n server b i:5432 check\n"
        )
    }

    #[test]
    fn checks_that_drain_whom_they_are_for() {
        let rule = Rule::NobodyAccepted;
        fires(
            rule,
            &tcp("pg_rw", "ok-status L7OKC rstring ^production"),
            &[4],
        );
        fires(
            rule,
            &tcp("pg_rw", "rstring ^production ok-status l7okc"),
            &[4],
        );
        fires(
            rule,
            &tcp("pg_ro", "ok-status L7OKC rstring ^standby"),
            &[4],
        );
        fires(
            rule,
            &tcp("pg", "ok-status L7OKC rstring ^(production|standby)"),
            &[4],
        );
        quiet(rule, &tcp("pg_rw", "ok-status L7OK rstring ^production"));
        quiet(
            rule,
            &tcp("pg_rw", "rstring ^production error-status L7OKC"),
        );
        let more =
            "rstring ^(standby|lagging)\n tcp-check expect !rstring ^lagging error-status L7OKC";
        quiet(rule, &tcp("pg_ro", more));
        let last = "ok-status L7OKC rstring ^production\n tcp-check expect rstring ^production";
        quiet(rule, &tcp("pg_rw", last));
        let chosen =
            tcp("pg_rw", "ok-status L7OKC rstring ^production") + " use-server a if TRUE\n";
        quiet(rule, &chosen);
        // Readers still have the other server.
        let one = tcp("pg_ro", "rstring ^standby")
            + " server c j:5432 track x/c\nbackend x\n option tcp-check\n \
                   tcp-check connect port 5431\n tcp-check expect ok-status L7OKC rstring ^standby\n server c j:1 check\n";
        quiet(rule, &one);
    }

    #[test]
    fn servers_that_are_all_disabled() {
        let rule = Rule::NobodyAccepted;
        let pool = |lines: &str, a: &str| {
            format!(
                "listen pg_rw\n {lines}\n server a h:5432 check disabled\n server b i:5432 check {a}\n"
            )
        };
        fires(rule, &pool("", "disabled"), &[3]);
        fires(rule, &pool("default-server disabled", ""), &[3]);
        quiet(rule, &pool("", ""));
        let state = "global\n server-state-file /x\n".to_owned();
        let loads = pool("load-server-state-from-file global", "disabled");
        quiet(rule, &(state + &loads));
    }
}
