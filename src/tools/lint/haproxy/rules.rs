//! The rules for a section that leads to `PostgreSQL`. Each rule judges one section and reports the first line that
//! breaks it, or each line if several can be at fault.
//!
//! - [`answers`]: whether an answer tells the role, and which program sends it.
//! - [`accepted`]: checks that accept a server in the wrong state, by the table of each state.
//! - [`places`]: checks that go to the wrong place.
//! - [`views`]: views of the agent-check.
//! - [`persistence`]: sessions that reach a server although it is down or drained.
//! - [`routes`]: sessions that go to servers for others, or past every check.
//! - [`listening`]: where clients connect to, and whether anybody gets in.
//! - [`mod@http`]: `mode http`.
//! - [`rhythm`]: how long checks take.
//! - [`unserved`]: checks that take every server away.
//! - [`weights`]: servers that get no session by their weight.
//! - [`writers`]: which servers get writers after a start, and while two claim to be the primary.
//! - [`sessions`]: what closes sessions unnecessarily, or does not close them.
//! - [`names`]: whether the servers' names resolve.

mod accepted;
mod answers;
mod http;
mod listening;
pub(super) mod names;
mod persistence;
mod places;
mod rhythm;
mod routes;
mod sessions;
mod unserved;
mod views;
mod weights;
mod writers;

pub(super) use http::http;
pub(super) use routes::{MOST_COUNTED, are_evaluated};

use super::Resolved;
use super::budget::Extent;
use super::pool::Pool;
use super::pools::Pools;
use crate::tools::lint::{FileLine, Finding, Rule};
use crate::tools::release::Release;

/// All findings in a section; none if it takes more steps than are done.
pub(super) fn all(
    pool: &Pool<'_>,
    pools: &Pools<'_>,
    resolved: &Resolved,
    reader: Option<Release>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if pool.extent == Extent::Beyond {
        return found;
    }
    found.extend(answers::unanchored(pool));
    found.extend(answers::blind(pool));
    found.extend(accepted::wrong(pool));
    found.extend(accepted::mixed(pool));
    // Which of the two the section is for decides about these, so they follow when that is mended.
    let otherwise = accepted::named_otherwise(pool);
    let role_is_told = otherwise.is_none();
    found.extend(otherwise);
    found.extend(places::elsewhere(pool));
    found.extend(places::twice(pool));
    found.extend(views::view(pool));
    found.extend(views::against_check(pool));
    found.extend(persistence::persisted(pool));
    found.extend(persistence::drained_reached(pool));
    found.extend(persistence::drained_by_check(pool));
    found.extend(routes::to_readers(pool, pools));
    found.extend(routes::past_checks(pool));
    found.extend(listening::shared(pool));
    found.extend(listening::closed(pool));
    found.extend(weights::without_weight(pool));
    found.extend(unserved::disabled(pool));
    found.extend(unserved::drained(pool));
    if role_is_told {
        found.extend(writers::sessions_kept(pool));
        found.extend(writers::up_before_check(pool));
        found.extend(writers::unguarded(pool));
        found.extend(sessions::readers_killed(pool));
        found.extend(listening::refused_with_more(pool));
    }
    found.extend(answers::agent_alone(pool));
    found.extend(answers::pooler(pool));
    found.extend(rhythm::unbounded(pool));
    found.extend(rhythm::too_long(pool));
    found.extend(rhythm::too_rare(pool));
    found.extend(writers::state_and_track(pool));
    found.extend(sessions::silent(pool));
    found.extend(reader.and_then(|reader| sessions::ended_and_kept(pool, reader)));
    found.extend(names::unresolved(pool, resolved));
    found
}

/// A finding in one section.
fn finding(
    pool: &Pool<'_>,
    rule: Rule,
    place: &FileLine,
    what: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding {
    Finding {
        rule,
        place: place.clone(),
        sections: vec![pool.proxy.name.clone()],
        what: what.into(),
        remedy: remedy.into(),
    }
}

#[cfg(test)]
mod tests;
