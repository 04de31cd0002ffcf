//! What the person who waits is told, apart from the result.

use std::io::{Write, stderr};

/// Says one line on standard error. Nobody listening is no reason to stop.
pub(crate) fn say(line: &str) {
    drop(writeln!(stderr(), "{line}"));
}
