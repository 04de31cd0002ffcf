//! What the lab tells while it works, on standard error; standard output is for results.

use std::io::{Write, stderr};

/// One line. Whether anybody reads it is not the lab's concern.
pub(crate) fn say(line: &str) {
    writeln!(stderr(), "{line}").ok();
}
