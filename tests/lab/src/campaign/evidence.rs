//! What is kept of an entry in which something was seen that must not be: its story, the journals of all hosts, and the
//! clients' files.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::entry::Outcome;
use super::judge::Verdict;
use super::plan::Entry;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;

/// Longest that the journals of an entry may take to be written.
const JOURNALS: Duration = Duration::from_secs(120);

/// Writes it into a folder, in the place of what an earlier run left there.
pub(super) fn keep(
    lab: &Lab,
    folder: &Path,
    entry: &Entry,
    outcome: &Outcome,
    verdict: &Verdict,
) -> Result<(), Error> {
    let keep = || Error::io(format!("keep {}", folder.display()));
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder).map_err(keep())?;
    fs::write(folder.join("story"), story(entry, outcome, verdict)).map_err(keep())?;
    let since = format!("--since=@{}", outcome.began.as_secs());
    let journal = [
        "journalctl",
        "--merge",
        "--quiet",
        "--output=short-iso-precise",
        &since,
    ];
    let journal = lab.host(Host::Client).run_within(JOURNALS, &journal)?;
    fs::write(folder.join("journal"), journal).map_err(keep())?;
    for file in fs::read_dir(&outcome.folder).map_err(keep())?.flatten() {
        fs::copy(file.path(), folder.join(file.file_name())).map_err(keep())?;
    }
    Ok(())
}

fn story(entry: &Entry, outcome: &Outcome, verdict: &Verdict) -> String {
    let moments = outcome.moments.iter();
    let moments: Vec<String> = moments
        .map(|moment| format!("{:.3} {}", moment.at.as_secs_f64(), moment.what))
        .collect();
    let wall = outcome.history.wall.as_secs_f64();
    let lacked = outcome.settled.lacked.as_ref();
    [
        entry.to_string(),
        moments.join("\n"),
        verdict.to_string(),
        format!("clients count their times from {wall:.3}"),
        lacked.map_or_else(String::new, |lacked| lacked.said.clone()),
    ]
    .join("\n\n")
}
