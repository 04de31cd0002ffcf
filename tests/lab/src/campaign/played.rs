//! What of campaigns has been played at which commit, kept in a file to which each entry is appended when it has been
//! played: a campaign that was interrupted goes on, and campaigns add up. Knows no fault.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::judge::Verdict;
use super::plan::Entry;
use crate::error::Error;

/// What was played of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Played {
    /// The entry's place in it.
    entry: usize,
    faults: usize,
    violations: usize,
    /// The longest time without a primary, in seconds.
    gap: f64,
}

/// All that was played at a commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    commit: String,
    entries: usize,
    faults: usize,
    violations: usize,
    gap: f64,
}

impl Played {
    /// An entry and what came of it.
    pub(super) fn of(entry: &Entry, verdict: &Verdict) -> Self {
        Self {
            entry: entry.number,
            faults: entry.faults.len(),
            violations: verdict.violations.len(),
            gap: verdict.without_a_primary,
        }
    }
}

/// Appends an entry. A line is `COMMIT SEED ENTRY FAULTS VIOLATIONS SECONDS-WITHOUT-A-PRIMARY`.
pub(super) fn add(file: &Path, commit: &str, seed: u64, played: Played) -> Result<(), Error> {
    let Played {
        entry,
        faults,
        violations,
        gap,
    } = played;
    append(
        file,
        &format!("{commit} {seed} {entry} {faults} {violations} {gap:.1}"),
    )
}

/// Appends a line to a file.
pub(super) fn append(file: &Path, line: &str) -> Result<(), Error> {
    let write = || {
        let mut opened = OpenOptions::new().create(true).append(true).open(file)?;
        writeln!(opened, "{line}")?;
        opened.sync_all()
    };
    write().map_err(Error::io::<std::io::Error>(format!(
        "write {}",
        file.display()
    )))
}

/// The entries of a seed that were played at a commit.
pub(super) fn entries(file: &Path, commit: &str, seed: u64) -> Result<BTreeSet<usize>, Error> {
    let text = text(file)?;
    let lines = lines(&text, commit).filter(|(of, _)| *of == seed);
    Ok(lines.map(|(_, played)| played.entry).collect())
}

/// All that was played at a commit.
pub(super) fn sum(file: &Path, commit: &str) -> Result<Sum, Error> {
    let mut sum = Sum {
        commit: commit.to_owned(),
        ..Sum::default()
    };
    for (_, played) in lines(&text(file)?, commit) {
        sum.entries += 1;
        sum.faults += played.faults;
        sum.violations += played.violations;
        sum.gap = sum.gap.max(played.gap);
    }
    Ok(sum)
}

fn text(file: &Path) -> Result<String, Error> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::io(format!("read {}", file.display()))(error)),
    }
}

/// The seed and the entry of each line of a commit. A line without its end was not written to its end.
fn lines<'a>(text: &'a str, commit: &'a str) -> impl Iterator<Item = (u64, Played)> {
    text.lines().filter_map(move |line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [one, seed, entry, faults, violations, gap] = words[..] else {
            return None;
        };
        if one != commit {
            return None;
        }
        let played = Played {
            entry: entry.parse().ok()?,
            faults: faults.parse().ok()?,
            violations: violations.parse().ok()?,
            gap: gap.parse().ok()?,
        };
        Some((seed.parse().ok()?, played))
    })
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "at {}: {} faults in {} entries, {} violations, at most {:.1} s without a primary",
            self.commit, self.faults, self.entries, self.violations, self.gap
        )
    }
}

#[cfg(test)]
mod tests {
    use support::scratch::Scratch;

    use super::*;

    fn played(entry: usize, violations: usize, gap: f64) -> Played {
        Played {
            entry,
            faults: 2,
            violations,
            gap,
        }
    }

    #[test]
    fn runs_at_one_commit_add_up_and_others_do_not_count() {
        let scratch = Scratch::new().unwrap();
        let file = scratch.path().join("proof");
        assert_eq!(sum(&file, "a").unwrap().entries, 0);
        add(&file, "a", 7, played(1, 0, 12.5)).unwrap();
        add(&file, "a", 8, played(1, 1, 3.0)).unwrap();
        add(&file, "b", 7, played(2, 5, 99.0)).unwrap();
        let told = "at a: 4 faults in 2 entries, 1 violations, at most 12.5 s without a primary\n";
        assert_eq!(sum(&file, "a").unwrap().to_string(), told);
    }

    #[test]
    fn a_campaign_goes_on_after_the_entries_of_its_own_seed() {
        let scratch = Scratch::new().unwrap();
        let file = scratch.path().join("proof");
        assert!(entries(&file, "a", 7).unwrap().is_empty());
        for (commit, seed, entry) in [("a", 7, 1), ("a", 7, 2), ("a", 8, 3), ("b", 7, 4)] {
            add(&file, commit, seed, played(entry, 0, 0.0)).unwrap();
        }
        assert_eq!(entries(&file, "a", 7).unwrap(), BTreeSet::from([1, 2]));
    }
}
