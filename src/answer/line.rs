//! The line of the state port; knows nothing of sockets.

use crate::health::{Verdict, Words};

/// One line, with its newline, as a client reads it.
pub fn line(verdict: Verdict, words: &Words) -> String {
    match verdict {
        Verdict::Production => format!("{}\n", words.production()),
        Verdict::Standby => format!("{}\n", words.standby()),
        Verdict::Lagging(reason) => format!("lagging {}\n", reason.word()),
        Verdict::Down(reason) => format!("down {}\n", reason.word()),
    }
}

#[cfg(test)]
mod tests;
