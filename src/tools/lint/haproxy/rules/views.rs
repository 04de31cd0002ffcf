//! Views of the agent-check that do not exist, or are for other sessions.

use super::finding;
use crate::health::View;
use crate::tools::lint::haproxy::pool::Pool;
use crate::tools::lint::haproxy::role::SessionOrigin;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::table::{Case, ServerOutcome};
use crate::tools::lint::{Finding, Rule};

/// A view that the daemon's agent-check does not have.
pub(super) fn view(pool: &Pool<'_>) -> Vec<Finding> {
    let servers = pool.proxy.servers.iter();
    let unknown = servers.filter_map(|server| {
        let sent = server.parameters.agent_send.as_ref()?;
        server.parameters.agent_check.as_ref()?;
        let word = server.parameters.view_line()?;
        let is_ours = server.parameters.asks_our_agent();
        let is_open = word.is_empty() || word.contains(['$', '%']);
        (is_ours && !is_open && View::parse(word).is_none()).then_some((sent, word))
    });
    let found = unknown.map(|(sent, word)| {
        let views = View::ALL.map(View::word).join(", ");
        let word = word.escape_debug();
        let what = format!(
            "The agent has no view \"{word}\" and answers `down #no-such-view`, so the server stays down."
        );
        let remedy = format!("Send one of {views}, with \\n at its end.");
        finding(pool, Rule::UnknownView, &sent.place, what, remedy)
    });
    found.collect()
}

/// A view in which the agent drains the server that the check is for: for writers on any server, for readers on all.
pub(super) fn against_check(pool: &Pool<'_>) -> Option<Finding> {
    let (case, sessions) = match pool.role {
        SessionOrigin::Writers => (Case::Primary, "the primary"),
        SessionOrigin::Readers => (Case::Standby, "each standby"),
        SessionOrigin::Unknown => return None,
    };
    let refused = |server: &&ServerLine| {
        pool.table(server).is_up(case) && pool.fate(server).at(case) == ServerOutcome::Draining
    };
    let servers: Vec<&ServerLine> = pool.judged().filter(|server| server.is_active()).collect();
    let server = servers.iter().copied().find(refused)?;
    if pool.role == SessionOrigin::Readers && !servers.iter().all(refused) {
        return None;
    }
    let place = pool.agent(server).unwrap_or(&server.place);
    let what = format!(
        "By the view in `agent-send` the agent drains {sessions}, which the check is for, so nobody gets in."
    );
    let remedy =
        "Send the view of the section's sessions, `rw` for writers, `ro` or `ro-sync` for readers.";
    Some(finding(pool, Rule::NobodyAccepted, place, what, remedy))
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    #[test]
    fn views_that_the_agent_does_not_have() {
        let rule = Rule::UnknownView;
        let pool = |agent: &str| format!("listen pg\n server a h:5432 check agent-check {agent}\n");
        fires(
            rule,
            &pool("agent-port 5430 agent-send \"writer\\n\""),
            &[2],
        );
        fires(rule, &pool("agent-port 5430 agent-send \"RW\\n\""), &[2]);
        quiet(rule, &pool("agent-port 5430 agent-send \"rw\\n\""));
        quiet(rule, &pool("agent-port 5430 agent-send ro-sync"));
        quiet(
            rule,
            &pool("agent-port 5430 agent-send \"0123456789abcdef\\nrw\\n\""),
        );
        fires(
            rule,
            &pool("agent-port 5430 agent-send \"0123456789abcdef\\nrv\\n\""),
            &[2],
        );
        quiet(rule, &pool("agent-port 5430"));
        quiet(rule, &pool("agent-port 5555 agent-send \"writer\\n\""));
    }

    #[test]
    fn views_for_other_sessions_than_the_check() {
        let rule = Rule::NobodyAccepted;
        let pool = |name: &str, path: &str, first: &str, second: &str| {
            let agent =
                |view: &str| format!("agent-check agent-port 5430 agent-send \"{view}\\n\"");
            format!(
                "listen {name}\n option httpchk GET /{path}\n server a h:5432 check port 8008 {}\n server b i:5432 check \
                 port 8008 {}\n",
                agent(first),
                agent(second)
            )
        };
        fires(rule, &pool("pg_rw", "primary", "ro", "ro"), &[3]);
        fires(rule, &pool("pg_rw", "primary", "rw", "ro-sync"), &[4]);
        quiet(rule, &pool("pg_rw", "primary", "rw", "rw"));
        fires(rule, &pool("pg_ro", "replica", "rw", "rw"), &[3]);
        quiet(rule, &pool("pg_ro", "replica", "ro", "rw"));
        quiet(rule, &pool("pg_ro", "replica", "ro", "ro"));
    }
}
