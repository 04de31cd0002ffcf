//! Judges whether a server has the expected role.

use super::down;
use super::facts::CheckFacts;
use super::finding::{CheckFinding, Figure, Load};
use super::limits::Bounds;
use super::question::{CheckExpected, Subject};
use super::status::PluginStatus;
use crate::answer::state_port::line;
use crate::health::{Conditions, RoleWords, Share, Verdict};

/// Judges the answer of the state port. A role other than the expected one is as critical as no role, but its
/// weight drains the server instead of stopping it, as HAProxy's agent-check does.
#[must_use]
pub fn judge(
    expected: Option<CheckExpected>,
    facts: &CheckFacts,
    conditions: &Conditions,
    words: &RoleWords,
) -> CheckFinding {
    let (status, load) = match (facts.verdict, expected) {
        (Verdict::Production, None | Some(CheckExpected::Production)) => {
            (PluginStatus::Ok, Load::Share(Share::FULL))
        }
        (Verdict::Standby, None | Some(CheckExpected::Standby)) => {
            (PluginStatus::Ok, Load::Share(facts.share(conditions)))
        }
        (Verdict::Lagging(_), None) => (PluginStatus::Warning, Load::Drain),
        (Verdict::Production, Some(CheckExpected::Standby))
        | (Verdict::Standby, Some(CheckExpected::Production))
        | (Verdict::Lagging(_), Some(CheckExpected::Production | CheckExpected::Standby)) => {
            (PluginStatus::Critical, Load::Drain)
        }
        (Verdict::Down(reason), _) => (down::status(reason), Load::AsConfigured),
    };
    let lag = facts.lag();
    let lag = lag.map(|lag| Figure::bytes("lag", lag, Bounds::default()));
    // Without a stream from its primary a standby's delay is as meaningless as its lag.
    let delay = facts.delay.filter(|_| facts.streaming().is_some());
    let delay = delay.map(|delay| Figure::time("delay", delay, Bounds::default()));
    CheckFinding {
        subject: Subject::Role,
        status,
        text: line(facts.verdict, words).trim_end().to_owned(),
        figures: lag.into_iter().chain(delay).collect(),
        load,
    }
}
