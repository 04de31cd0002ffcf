//! Views of the agent-check that do not exist.

use super::finding;
use crate::health::View;
use crate::tools::lint::haproxy::pool::Pool;
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
}
