//! Judges whether WAL is streamed: from a primary to enough standbys, or to a standby. The result does not
//! depend on the role, so it can be checked in maintenance too.

use super::down;
use super::facts::CheckFacts;
use super::finding::{CheckFinding, Figure};
use super::limits::Bounds;
use super::question::Subject;
use super::status::PluginStatus;
use crate::health::{Receiver, State};

/// Judges the replication. The limits apply to a primary; a standby has one receiver, which streams or does not.
#[must_use]
pub fn judge(least: Bounds<u32>, facts: &CheckFacts) -> CheckFinding {
    let plain = |status, text: &str| CheckFinding::plain(Subject::Replication, status, text);
    match &facts.state {
        State::Down(reason) => plain(down::status(*reason), &format!("down {}", reason.word())),
        State::Primary(_) => senders(least, facts),
        State::Standby(_, standby) => match standby.replication.map(|figures| figures.receiver) {
            Some(Receiver::Streaming { primary_end: _ }) => {
                plain(PluginStatus::Ok, "WAL streams to it")
            }
            Some(Receiver::Gone) => plain(
                PluginStatus::Critical,
                "not-streaming: no WAL streams to it",
            ),
            Some(Receiver::Hidden) => plain(
                PluginStatus::Unknown,
                "no-grant: reading the receiver's state requires pg_monitor",
            ),
            None => plain(
                PluginStatus::Unknown,
                "it is unknown whether WAL streams to it",
            ),
        },
    }
}

fn senders(least: Bounds<u32>, facts: &CheckFacts) -> CheckFinding {
    let unknown = |text| CheckFinding::unknown(Subject::Replication, text);
    let Some(senders) = facts.senders else {
        return unknown("the number of its WAL senders is unknown");
    };
    if senders.hidden > 0 {
        return unknown("no-grant: reading the senders' states requires pg_monitor");
    }
    let others = match senders.otherwise {
        0 => String::new(),
        others => format!("; senders that do not stream: {others}"),
    };
    CheckFinding {
        figures: vec![Figure::count("streaming", senders.streaming, least)],
        ..CheckFinding::plain(
            Subject::Replication,
            least.at_least(senders.streaming),
            format!("WAL streams to {}{others}", senders.streaming),
        )
    }
}
