//! Formats the line of the agent-check port, in the grammar of `HAProxy`'s agent-check (Configuration Manual,
//! "agent-check"); uses no sockets.
//!
//! Words are separated by spaces; `#` begins a comment only at the beginning of a word; HAProxy ignores a line without
//! a newline. The administrative state (`ready`, `drain`, `maint`) and the health (`up`, `down`) each keep their last
//! value until a line changes them, so a line that keeps sessions contains both.

pub mod question;

use crate::health::{Maintenance, Share, SyncState, Verdict, View};

/// The line, with its newline. `ordered` is the order of maintenance, which the verdict already takes into account;
/// `sync` is the synchronous state of a standby, if it is known.
pub fn line(
    view: View,
    verdict: Verdict,
    ordered: Option<Maintenance>,
    share: Share,
    sync: Option<SyncState>,
) -> String {
    let answer = match (verdict, view) {
        (Verdict::Production, View::ReadWrite) => ready(Share::FULL),
        (Verdict::Standby, View::ReadOnly) => ready(share),
        (Verdict::Standby, View::ReadOnlySync) => match sync {
            Some(SyncState::Sync | SyncState::Quorum) => ready(share),
            Some(SyncState::Async | SyncState::Potential) | None => DRAIN.into(),
        },
        // The server works, but does not belong in this view: sessions stay, new ones go elsewhere.
        (Verdict::Production, View::ReadOnly | View::ReadOnlySync)
        | (Verdict::Standby | Verdict::Lagging(_), View::ReadWrite) => DRAIN.into(),
        (Verdict::Lagging(reason), View::ReadOnly | View::ReadOnlySync) => {
            format!("{DRAIN} #{}", reason.word())
        }
        (Verdict::Down(reason), _) => match ordered {
            Some(Maintenance::Drain) => format!("drain #{}", reason.word()),
            Some(Maintenance::Down) => format!("maint #{}", reason.word()),
            None => format!("down #{}", reason.word()),
        },
    };
    answer + "\n"
}

/// The answer to a request for an unknown view. The load balancer is misconfigured then, and without an answer
/// it would leave the server in its last state.
pub const NO_SUCH_VIEW: &str = "down #no-such-view\n";

const DRAIN: &str = "up drain";

fn ready(share: Share) -> String {
    format!("up ready {}%", share.percent())
}

#[cfg(test)]
mod tests;
