//! Formats the line of the state port; uses no sockets.

use crate::health::{RoleWords, Verdict};

/// The line, with its newline.
pub fn line(verdict: Verdict, words: &RoleWords) -> String {
    match verdict {
        Verdict::Production => format!("{}\n", words.production()),
        Verdict::Standby => format!("{}\n", words.standby()),
        Verdict::Lagging(reason) => format!("lagging {}\n", reason.word()),
        Verdict::Down(reason) => format!("down {}\n", reason.word()),
    }
}

#[cfg(test)]
mod tests;
