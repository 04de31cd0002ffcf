//! Finds mistakes in `HAProxy`'s configuration: reads files into sections, sections into pools of `PostgreSQL`, and
//! judges the pools; opens no file and resolves no name.
//!
//! - `words`, `branches`, `sections`: the syntax.
//! - `time`, `address`, `anchor`, `condition`, `server`, `check`, `session_rules`, `settings`, `proxy`: the meaning of
//!   lines.
//! - [`configuration`]: sections with the settings that they inherit.
//! - `pools`, `pool`, `recognise`, `role`: the sections that lead to `PostgreSQL`, and whether for writers or readers.
//! - `table`: the result of a check for each state of a server.
//! - `budget`: how much of a configuration is evaluated.
//! - `unevaluated`: sections of which something is not known.
//! - `explain`: the tables of one section as text.
//! - `rules`: the rules for these sections.

mod address;
mod anchor;
mod branches;
mod budget;
mod check;
mod condition;
pub mod configuration;
mod explain;
mod pool;
mod pools;
mod proxy;
mod recognise;
mod role;
mod rules;
pub mod sections;
mod server;
mod session_rules;
mod settings;
mod table;
mod time;
mod unevaluated;
mod words;

use std::collections::{BTreeSet, HashSet};

pub use branches::BranchError;
pub use configuration::Configuration;
pub use explain::{explain, led_to};
pub use role::SessionOrigin;
pub use sections::{ParseError, SectionMistake, SourceFile};
pub use unevaluated::{NotEvaluated, not_evaluated};
pub use words::QuotingError;

use pools::Pools;

use super::Finding;
use super::finding::merged;
use crate::tools::release::Release;

/// The result of resolving the names that [`names`] lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// The names were not resolved.
    Unasked,
    /// All names resolve except these.
    AllBut(BTreeSet<String>),
}

/// The sections that lead to `PostgreSQL`, and whose sessions each is for.
#[must_use]
pub fn sections_judged(configuration: &Configuration) -> Vec<(String, SessionOrigin)> {
    let mut known = HashSet::new();
    let readings = configuration.readings.iter();
    let names = readings.flat_map(|reading| Pools::of(reading).names());
    names.filter(|name| known.insert(name.clone())).collect()
}

/// The names of servers that `HAProxy` resolves at its start with the resolver of its host.
#[must_use]
pub fn names(configuration: &Configuration) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for reading in &configuration.readings {
        names.extend(Pools::of(reading).tcp.iter().flat_map(rules::names::of));
    }
    names
}

/// The mistakes in the sections that lead to `PostgreSQL`, ordered by file and line. If `reader` is the release of
/// `HAProxy` that reads the files, they include the faults of that release.
#[must_use]
pub fn findings(
    configuration: &Configuration,
    resolved: &Resolved,
    reader: Option<Release>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for reading in &configuration.readings {
        let pools = Pools::of(reading);
        for pool in &pools.tcp {
            found.extend(rules::all(pool, &pools, resolved, reader));
        }
        found.extend(pools.http.iter().map(|proxy| rules::http(proxy)));
    }
    let mut found = merged(found);
    found.sort_by_key(|finding| {
        let mut files = configuration.files.iter();
        let file = files.position(|file| *file == *finding.place.file);
        (file, finding.place.line, finding.rule)
    });
    found
}

#[cfg(test)]
mod tests;
