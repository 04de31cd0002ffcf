//! How many histories have been played at which commit, kept in a file to which each run appends, so that runs add
//! up. Knows no history.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What one run, or several, have played at a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Histories.
    pub histories: u64,
    /// Those of them that broke a rule.
    pub broken: u64,
}

/// Appends a run, and returns the sum of all at its commit. A line is `COMMIT FIRST-SEED HISTORIES BROKEN`: seeds
/// follow one another.
pub fn add(file: &Path, commit: &str, first: u64, run: Sum) -> io::Result<Sum> {
    let mut opened = OpenOptions::new().create(true).append(true).open(file)?;
    writeln!(opened, "{commit} {first} {} {}", run.histories, run.broken)?;
    opened.sync_all()?;
    let mut sum = Sum::default();
    for line in fs::read_to_string(file)?.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [one, _, histories, broken] = words[..]
            && one == commit
        {
            sum.histories += histories.parse::<u64>().unwrap_or_default();
            sum.broken += broken.parse::<u64>().unwrap_or_default();
        }
    }
    Ok(sum)
}
