//! The line of the agent port, in the grammar of `HAProxy`'s agent-check (Configuration Manual,
//! "agent-check"); knows nothing of sockets.
//!
//! Words are separated by spaces; `#` begins a comment only at the beginning of a word; a line without
//! its newline is ignored. An administrative order (`ready`, `drain`, `maint`) and the health (`up`,
//! `down`) each stay as last told, so a line that lets sessions stay tells both.

pub mod question;

use crate::health::{Maintenance, Share, SyncState, Verdict, View};

/// One line, with its newline. `ordered` is an administrator's order, which the verdict has heeded; `sync`
/// is a standby's, where it is known.
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
        // It works, and is not wanted here: sessions stay, new ones go elsewhere.
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

/// The answer to a question that is none: a load balancer that asks it is configured wrongly, and
/// silence would leave the server as it is.
pub const NO_SUCH_VIEW: &str = "down #no-such-view\n";

const DRAIN: &str = "up drain";

fn ready(share: Share) -> String {
    format!("up ready {}%", share.percent())
}

#[cfg(test)]
mod tests;
