//! Determines the answer to a check in each case: the daemon's own lines, and the statuses of its paths, which are
//! Patroni's; knows no expectation.

use super::case::Case;
use super::outcome::ServerOutcome;
use crate::answer::{agent_check, state_port};
use crate::health::{
    DownReason, LagReason, Maintenance, RoleWords, Share, Verdict, View, maintain,
};

/// The HTTP port of Patroni and of the daemon.
pub(super) const PATRONI: u16 = 8008;

/// What a check asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    /// The state port, on which the daemon speaks first.
    StatePort,
    /// A path, without its leading slash.
    Path(&'a str),
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
        Asked::StatePort => match verdict(case) {
            Some((verdict, _)) => Said::Line(state_port::line(verdict, &RoleWords::default())),
            None => Said::Line("HTTP/1.1 404 Not Found\r\n\r\n".to_owned()),
        },
        Asked::Path(path) => Said::Status(status(path, case)),
    }
}

/// The answer of the state port, with the order of maintenance; `None` if no daemon of this project answers.
fn verdict(case: Case) -> Option<(Verdict, Option<Maintenance>)> {
    let ordered = Some(Maintenance::Down);
    match case {
        Case::Primary => Some((Verdict::Production, None)),
        Case::Standby => Some((Verdict::Standby, None)),
        Case::Lagging => Some((Verdict::Lagging(LagReason::Behind), None)),
        Case::Down => Some((Verdict::Down(DownReason::NoSocket), None)),
        Case::Maintenance => Some((maintain(Verdict::Production, ordered), ordered)),
        Case::NoDaemon | Case::NotFound => None,
    }
}

/// The status of a path (the reference, "HTTP, as Patroni speaks it").
fn status(path: &str, case: Case) -> u16 {
    let met: &[Case] = match path.to_lowercase().as_str() {
        "" | "primary" | "read-write" | "master" | "leader" => &[Case::Primary],
        // For a synchronous path: a standby of that kind.
        "replica" | "sync" | "synchronous" | "quorum" | "async" | "asynchronous" => {
            &[Case::Standby]
        }
        "read-only"
        | "read-only-sync"
        | "read-only-synchronous"
        | "read-only-quorum"
        | "readiness" => &[Case::Primary, Case::Standby],
        "health" => &[Case::Primary, Case::Standby, Case::Lagging],
        "liveness" | "patroni" | "state" | "metrics" => &[
            Case::Primary,
            Case::Standby,
            Case::Lagging,
            Case::Down,
            Case::Maintenance,
        ],
        "standby-leader" | "standby_leader" => &[],
        _ => return 404,
    };
    match case {
        Case::NotFound => 404,
        case if met.contains(&case) => 200,
        Case::Primary
        | Case::Standby
        | Case::Lagging
        | Case::Down
        | Case::Maintenance
        | Case::NoDaemon => 503,
    }
}

/// The state that an agent-check gives to a server. An agent that cannot be reached, or whose answer HAProxy does
/// not know, does not change the state.
pub(super) fn agent(case: Case, sent: Option<&str>, ours: bool) -> ServerOutcome {
    let Some((verdict, ordered)) = verdict(case) else {
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
