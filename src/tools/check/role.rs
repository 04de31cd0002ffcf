//! Whether a server has the role that is expected of it.

use super::down;
use super::facts::CheckFacts;
use super::finding::{CheckFinding, Figure, Load, PluginStatus};
use super::limits::Bounds;
use super::question::{CheckExpected, Subject};
use crate::answer::line::line;
use crate::health::{Conditions, Share, Verdict, Words};

/// The answer of the state port, and how bad it is. Another role than the expected one is as bad as none;
/// where a load balancer weighs its servers it drains, as its agent says.
#[must_use]
pub fn judge(
    expected: Option<CheckExpected>,
    facts: &CheckFacts,
    conditions: &Conditions,
    words: &Words,
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
    // Without word from its primary a standby's delay is as much of an illusion as its lag.
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
