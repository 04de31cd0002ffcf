//! How many histories have been played at which commit, kept in a file to which each run appends, so that runs add
//! up. Knows no history.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

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

/// What a history consists of: the agent, the rooms that it stands on, and the simulator.
const PLAYED: [&str; 6] = [
    "src/agent",
    "src/base",
    "src/health",
    "src/postgres",
    "tests/simulate/src",
    "tests/wal-writer",
];

/// The last commit that changed what is played, with `-dirty` where that was changed since. A change of anything else
/// leaves all histories as they are, so runs before and after it add up.
///
/// # Errors
/// A sentence where git cannot be run.
pub fn commit() -> Result<String, String> {
    let played = PLAYED.map(|path| format!(":/{path}"));
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).arg("--").args(&played);
        let ran = command
            .output()
            .map_err(|error| format!("git cannot be run: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
    };
    let last = git(&["log", "-1", "--format=%h", "--abbrev=12"])?;
    let changed = git(&["status", "--porcelain"])?;
    Ok(last + if changed.is_empty() { "" } else { "-dirty" })
}
