//! Determines the answer to a check in each case: the daemon's own lines, and the statuses of its paths, which are
//! Patroni's; knows no expectation.

use super::case::Case;
use super::outcome::ServerOutcome;
use super::status::status;
use crate::answer::{agent_check, state_port};
use crate::health::{RoleWords, Share, View};

/// The HTTP port of Patroni and of the daemon.
pub(super) const PATRONI: u16 = 8008;

/// The state port of the daemon.
pub(in crate::tools::lint::haproxy) const STATE: u16 = 5431;

/// What a check asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    /// The state port, on which the daemon speaks first.
    StatePort,
    /// The first line of an HTTP request.
    Request { method: &'a str, target: &'a str },
}

/// The answer to a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Line(String),
    Status(u16),
    /// The bytes of an answer with this status.
    Head(u16),
    /// No connection.
    Nothing,
}

/// The answer to a check in a case.
pub(super) fn said(asked: Asked<'_>, case: Case) -> Said {
    match asked {
        _ if case == Case::NoDaemon => Said::Nothing,
        Asked::StatePort => match case.verdict() {
            Some((verdict, _)) => Said::Line(state_port::line(verdict, &RoleWords::default())),
            None => Said::Line("HTTP/1.1 404 Not Found\r\n\r\n".to_owned()),
        },
        Asked::Request { method, target } => Said::Status(status(method, target, case)),
    }
}

/// The state that an agent-check gives to a server. An agent that cannot be reached, or whose answer HAProxy does
/// not know, does not change the state.
pub(super) fn agent(case: Case, sent: Option<&str>, ours: bool) -> ServerOutcome {
    let Some((verdict, ordered)) = case.verdict() else {
        return ServerOutcome::Up;
    };
    if !ours {
        return ServerOutcome::Unknown("another program's agent decides");
    }
    let view = match sent {
        Some(sent) if !sent.is_empty() => {
            agent_check::question::asked(sent.as_bytes(), View::default())
        }
        Some(_) | None => return ServerOutcome::Unknown("the view depends on `agent_check.view`"),
    };
    let said = match view {
        Some(view) => agent_check::line(view, verdict, ordered, Share::FULL, None),
        None => agent_check::NO_SUCH_VIEW.to_owned(),
    };
    let orders = said
        .split_whitespace()
        .take_while(|word| !word.starts_with('#'));
    orders.fold(ServerOutcome::Up, |so_far, word| match word {
        "down" | "maint" | "stopped" | "fail" => ServerOutcome::Down,
        "drain" => so_far.with(ServerOutcome::Draining),
        _ => so_far,
    })
}
