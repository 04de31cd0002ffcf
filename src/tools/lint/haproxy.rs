//! What is found in `HAProxy`'s configuration: files to sections, sections to pools of `PostgreSQL`, pools to
//! findings; knows no file and resolves no name.
//!
//! - `words`, `branches`, `sections`: the language.
//! - `time`, `address`, `anchor`, `condition`, `server`, `check`, `proxy`: what lines say.
//! - [`configuration`]: sections with what they inherit.
//! - `pool`, `recognise`, `role`: which of them lead to `PostgreSQL`, and whom.
//! - `table`: what checks make of a server in each state.
//! - `explain`: the tables of one section as text.
//! - `rules`: what can be wrong with those.

mod address;
mod anchor;
mod branches;
mod check;
mod condition;
pub mod configuration;
mod explain;
mod pool;
mod proxy;
mod recognise;
mod role;
mod rules;
pub mod sections;
mod server;
mod table;
mod time;
mod words;

use std::collections::BTreeSet;

pub use branches::BranchError;
pub use configuration::Configuration;
pub use explain::explain;
pub use role::SessionOrigin;
pub use sections::{ParseError, SectionMistake, SourceFile};
pub use words::QuotingError;

use super::Finding;
use super::finding::merged;
use crate::tools::release::Release;

/// What became of the names that [`names`] lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// Nobody asked.
    Unasked,
    /// All lead somewhere but these.
    AllBut(BTreeSet<String>),
}

/// The sections that lead to `PostgreSQL`, and whom.
#[must_use]
pub fn sections_judged(configuration: &Configuration) -> Vec<(String, SessionOrigin)> {
    let pools = pool::pools(configuration);
    let pools = pools
        .iter()
        .map(|pool| (pool.proxy.name.clone(), pool.role));
    let speak_http = rules::places::speak_http(configuration);
    let speak_http = speak_http.map(|proxy| (proxy.name.clone(), role::of_name(&proxy.name)));
    pools.chain(speak_http).collect()
}

/// The names of servers that `HAProxy` resolves as this host does, at its start.
#[must_use]
pub fn names(configuration: &Configuration) -> BTreeSet<String> {
    let pools = pool::pools(configuration);
    pools.iter().flat_map(rules::names::of).collect()
}

/// Everything that is wrong with the sections that lead to `PostgreSQL`, in the order of files and lines; with the
/// faults of the release that reads them, where that is known.
#[must_use]
pub fn findings(
    configuration: &Configuration,
    resolved: &Resolved,
    reader: Option<Release>,
) -> Vec<Finding> {
    let pools = pool::pools(configuration);
    let found = pools
        .iter()
        .flat_map(|pool| rules::all(pool, resolved, reader));
    let speak_http = rules::places::speak_http(configuration).map(rules::places::http);
    let mut found = merged(found.chain(speak_http).collect());
    found.sort_by_key(|finding| {
        let mut files = configuration.files.iter();
        let file = files.position(|file| *file == *finding.place.file);
        (file, finding.place.line, finding.rule)
    });
    found
}

#[cfg(test)]
mod tests;
