//! Whether a server has the role that is expected of it.

use super::down;
use super::facts::Facts;
use super::finding::{Figure, Finding, Load, Status};
use super::limits::Bounds;
use super::question::{Expected, Subject};
use crate::answer::line::line;
use crate::health::{Conditions, Share, Verdict, Words};

/// The answer of the state port, and how bad it is. Another role than the expected one is as bad as none;
/// where a load balancer weighs its servers it drains, as its agent says.
#[must_use]
pub fn judge(
    expected: Option<Expected>,
    facts: &Facts,
    conditions: &Conditions,
    words: &Words,
) -> Finding {
    let (status, load) = match (facts.verdict, expected) {
        (Verdict::Production, None | Some(Expected::Production)) => {
            (Status::Ok, Load::Share(Share::FULL))
        }
        (Verdict::Standby, None | Some(Expected::Standby)) => {
            (Status::Ok, Load::Share(facts.share(conditions)))
        }
        (Verdict::Lagging(_), None) => (Status::Warning, Load::Drain),
        (Verdict::Production, Some(Expected::Standby))
        | (Verdict::Standby, Some(Expected::Production))
        | (Verdict::Lagging(_), Some(Expected::Production | Expected::Standby)) => {
            (Status::Critical, Load::Drain)
        }
        (Verdict::Down(reason), _) => (down::status(reason), Load::AsConfigured),
    };
    let lag = facts.lag();
    let lag = lag.map(|lag| Figure::bytes("lag", lag, Bounds::default()));
    // Without word from its primary a standby's delay is as much of an illusion as its lag.
    let delay = facts.delay.filter(|_| facts.streaming().is_some());
    let delay = delay.map(|delay| Figure::time("delay", delay, Bounds::default()));
    Finding {
        subject: Subject::Role,
        status,
        text: line(facts.verdict, words).trim_end().to_owned(),
        figures: lag.into_iter().chain(delay).collect(),
        load,
    }
}
