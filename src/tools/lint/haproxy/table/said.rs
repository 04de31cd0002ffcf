//! What answers a check in each case: the daemon's own lines, and the statuses of its paths, which are
//! Patroni's; knows no expectation.

use super::{Case, ServerOutcome};
use crate::answer::{agent as agent_line, line};
use crate::health::{DownReason, LagReason, Maintenance, Share, Verdict, View, Words, maintain};

/// Where Patroni and the daemon answer HTTP.
pub(super) const PATRONI: u16 = 8008;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    /// The daemon, which speaks first.
    StatePort,
    /// A path, without the slash in front of it.
    Path(&'a str),
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Line(String),
    Status(u16),
    /// No connection.
    Nothing,
}

/// What comes back in a case.
pub(super) fn said(asked: Asked<'_>, case: Case) -> Said {
    match asked {
        _ if case == Case::NoDaemon => Said::Nothing,
        Asked::StatePort => match verdict(case) {
            Some((verdict, _)) => Said::Line(line::line(verdict, &Words::default())),
            None => Said::Line("HTTP/1.1 404 Not Found\r\n\r\n".to_owned()),
        },
        Asked::Path(path) => Said::Status(status(path, case)),
    }
}

/// What the state port says, and by whose order; none where no daemon of ours speaks.
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
        // Of the synchronous ones: a standby of that kind.
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

/// What an agent makes of a server. One that cannot be reached, or says nothing that HAProxy knows,
/// leaves it as it is.
pub(super) fn agent(case: Case, sent: Option<&str>, ours: bool) -> ServerOutcome {
    let Some((verdict, ordered)) = verdict(case) else {
        return ServerOutcome::Up;
    };
    if !ours {
        return ServerOutcome::Unknown("another program's agent decides");
    }
    let view = match sent {
        Some(sent) => agent_line::question::asked(sent.as_bytes(), View::default()),
        None => return ServerOutcome::Unknown("the view is that of `agent_check.view`"),
    };
    let said = match view {
        Some(view) => agent_line::line(view, verdict, ordered, Share::FULL, None),
        None => agent_line::NO_SUCH_VIEW.to_owned(),
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
