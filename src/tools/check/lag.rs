//! How far behind a standby is. What cannot be measured is not within a limit.

use std::time::Duration;

use super::down;
use super::facts::CheckFacts;
use super::finding::{CheckFinding, Figure, Load, PluginStatus};
use super::limits::Bounds;
use super::question::Subject;
use crate::base::units::Bytes;
use crate::health::{Conditions, LagReason, Receiver, Replay, Replication, Share, State, Verdict};

/// The most that a standby may be behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LagLimits {
    /// In bytes of WAL.
    pub lag: Bounds<Bytes>,
    /// By how long WAL waits.
    pub delay: Bounds<Duration>,
}

impl LagLimits {
    /// Where the weight of a load balancer's agent ends: at the critical limits given here, else at those
    /// of `[standby]`.
    fn curve(&self, conditions: &Conditions) -> Conditions {
        Conditions {
            max_lag: self.lag.critical.or(conditions.max_lag),
            max_delay: self.delay.critical.or(conditions.max_delay),
            ..*conditions
        }
    }
}

/// A primary is behind nobody; a standby that lags for the state port is at least worth a look.
#[must_use]
pub fn judge(limits: &LagLimits, facts: &CheckFacts, conditions: &Conditions) -> CheckFinding {
    let plain = |status, text: &str| CheckFinding::plain(Subject::Lag, status, text);
    match facts.verdict {
        Verdict::Down(reason) => plain(down::status(reason), &format!("down {}", reason.word())),
        Verdict::Production => CheckFinding {
            load: Load::Share(Share::FULL),
            ..plain(PluginStatus::Ok, "it writes, and is behind nobody")
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

/// The figures that count, or why there are none.
fn figures(facts: &CheckFacts) -> Result<Replication, &'static str> {
    let replication = match &facts.state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => None,
    };
    let replication = replication.ok_or("nobody told how far behind it is")?;
    match replication.receiver {
        Receiver::Streaming { primary_end: _ } => Ok(replication),
        Receiver::Gone => Err("not-streaming: nothing tells how far behind it is"),
        Receiver::Hidden => Err("no-grant: its figures need pg_monitor"),
    }
}

fn measured(
    limits: &LagLimits,
    facts: &CheckFacts,
    replication: &Replication,
    conditions: &Conditions,
) -> CheckFinding {
    let Some(lag) = replication.lag() else {
        return CheckFinding::unknown(Subject::Lag, "nobody told how far behind it is");
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
