//! Judges how far behind a standby is. A lag that cannot be measured is unknown, never within a limit.

use super::down;
use super::facts::CheckFacts;
use super::finding::{CheckFinding, Figure, Load};
use super::limits::LagLimits;
use super::question::Subject;
use super::status::PluginStatus;
use crate::health::{Conditions, LagReason, Receiver, Replay, Replication, Share, State, Verdict};

/// Judges the lag. A primary has none; a standby for which the state port answers `lagging` is at least a
/// warning.
#[must_use]
pub fn judge(limits: &LagLimits, facts: &CheckFacts, conditions: &Conditions) -> CheckFinding {
    let plain = |status, text: &str| CheckFinding::plain(Subject::Lag, status, text);
    match facts.verdict {
        Verdict::Down(reason) => plain(down::status(reason), &format!("down {}", reason.word())),
        Verdict::Production => CheckFinding {
            load: Load::Share(Share::FULL),
            ..plain(PluginStatus::Ok, "it accepts writes, so it has no lag")
        },
        Verdict::Standby => match figures(facts) {
            Ok(replication) => measured(limits, facts, &replication, conditions),
            Err(reason) => plain(PluginStatus::Unknown, reason),
        },
        Verdict::Lagging(reason) => CheckFinding {
            load: Load::Drain,
            ..match figures(facts) {
                Ok(replication) => {
                    lagging(reason, measured(limits, facts, &replication, conditions))
                }
                Err(unknown) => plain(PluginStatus::Unknown, unknown),
            }
        },
    }
}

/// The figures that can be judged, or the reason why there are none.
fn figures(facts: &CheckFacts) -> Result<Replication, &'static str> {
    let replication = match &facts.state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => None,
    };
    let replication = replication.ok_or("its lag is unknown")?;
    match replication.receiver {
        Receiver::Streaming { primary_end: _ } => Ok(replication),
        Receiver::Gone => Err("not-streaming: its lag is unknown without a WAL stream"),
        Receiver::Hidden => Err("no-grant: reading its lag requires pg_monitor"),
    }
}

fn measured(
    limits: &LagLimits,
    facts: &CheckFacts,
    replication: &Replication,
    conditions: &Conditions,
) -> CheckFinding {
    let Some(lag) = replication.lag() else {
        return CheckFinding::unknown(Subject::Lag, "its lag is unknown");
    };
    let of_delay = match facts.delay {
        Some(delay) => limits.delay.at_most(delay),
        None if limits.delay.any() => PluginStatus::Unknown,
        None => PluginStatus::Ok,
    };
    let of_replay = match replication.replay {
        Replay::Running => PluginStatus::Ok,
        Replay::Paused => PluginStatus::Warning,
    };
    let waiting = facts.delay.map_or_else(String::new, |delay| {
        format!(", for {:.3} s", delay.as_secs_f64())
    });
    let paused = match replication.replay {
        Replay::Running => "",
        Replay::Paused => ", and replay is paused",
    };
    let delay = facts.delay;
    let delay = delay.map(|delay| Figure::time("delay", delay, limits.delay));
    CheckFinding {
        subject: Subject::Lag,
        status: limits.lag.at_most(lag).max(of_delay).max(of_replay),
        text: format!("{} behind{waiting}{paused}", lag.roughly()),
        figures: [Figure::bytes("lag", lag, limits.lag)]
            .into_iter()
            .chain(delay)
            .collect(),
        load: Load::Share(facts.share(&limits.curve(conditions))),
    }
}

fn lagging(reason: LagReason, finding: CheckFinding) -> CheckFinding {
    CheckFinding {
        status: finding.status.max(PluginStatus::Warning),
        text: format!("lagging {}: {}", reason.word(), finding.text),
        ..finding
    }
}
