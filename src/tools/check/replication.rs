//! Whether WAL streams: from a primary to enough others, to a standby at all. Says nothing of roles, so that
//! it can be checked in maintenance too.

use super::down;
use super::facts::Facts;
use super::finding::{Figure, Finding, Status};
use super::limits::Bounds;
use super::question::Subject;
use crate::health::{Receiver, State};

/// The limits are those of a primary; a standby has one receiver, which streams or does not.
#[must_use]
pub fn judge(least: Bounds<u32>, facts: &Facts) -> Finding {
    let plain = |status, text: &str| Finding::plain(Subject::Replication, status, text);
    match &facts.state {
        State::Down(reason) => plain(down::status(*reason), &format!("down {}", reason.word())),
        State::Primary(_) => senders(least, facts),
        State::Standby(_, standby) => match standby.replication.map(|figures| figures.receiver) {
            Some(Receiver::Streaming { primary_end: _ }) => plain(Status::Ok, "WAL streams to it"),
            Some(Receiver::Gone) => plain(Status::Critical, "not-streaming: no WAL streams to it"),
            Some(Receiver::Hidden) => plain(Status::Unknown, "no-grant: it needs pg_monitor"),
            None => plain(Status::Unknown, "nobody told whether WAL streams to it"),
        },
    }
}

fn senders(least: Bounds<u32>, facts: &Facts) -> Finding {
    let unknown = |text| Finding::unknown(Subject::Replication, text);
    let Some(senders) = facts.senders else {
        return unknown("nobody told to how many WAL streams");
    };
    if senders.hidden > 0 {
        return unknown("no-grant: the senders' states need pg_monitor");
    }
    let others = match senders.otherwise {
        0 => String::new(),
        others => format!(", beside {others} that do not stream"),
    };
    Finding {
        figures: vec![Figure::count("streaming", senders.streaming, least)],
        ..Finding::plain(
            Subject::Replication,
            least.at_least(senders.streaming),
            format!("WAL streams to {}{others}", senders.streaming),
        )
    }
}
