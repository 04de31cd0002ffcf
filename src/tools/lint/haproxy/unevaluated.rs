//! Sections whose checks or rules cannot be evaluated: nothing is said of these, and so they are never good.

use std::collections::HashSet;

use super::budget::Extent;
use super::condition::Possible;
use super::configuration::{Conditions, Configuration};
use super::pool::Pool;
use super::pools::Pools;
use super::role::SessionOrigin;
use super::rules::{MOST_COUNTED, are_evaluated};
use super::table::{Case, ServerOutcome};

/// A section, and what is not known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    /// The name of the section.
    pub section: String,
    /// What cannot be evaluated, as a clause.
    pub why: String,
}

/// The sections that lead to `PostgreSQL` and of which something is not known.
#[must_use]
pub fn not_evaluated(configuration: &Configuration) -> Vec<NotEvaluated> {
    let mut unknown: Vec<NotEvaluated> = Vec::new();
    let mut known = HashSet::new();
    for reading in &configuration.readings {
        let pools = Pools::of(reading);
        for pool in &pools.tcp {
            let too_many = match configuration.conditions {
                Conditions::ToldApart => None,
                Conditions::TooMany => {
                    Some("the file has more conditions of `.if` than are told apart".to_owned())
                }
            };
            let section = &pool.proxy.name;
            if known.contains(section) {
                continue;
            }
            if let Some(why) = too_many.or_else(|| why(pool, &pools)) {
                let section = section.clone();
                known.insert(section.clone());
                unknown.push(NotEvaluated { section, why });
            }
        }
    }
    unknown
}

fn why(pool: &Pool<'_>, pools: &Pools<'_>) -> Option<String> {
    too_much(pool, pools)
        .or_else(|| check(pool))
        .or_else(|| action(pool))
        .or_else(|| variable(pool))
        .or_else(|| target(pool))
        .or_else(|| too_many_targets(pool))
        .or_else(|| guard(pool))
}

/// More lines than are evaluated.
fn too_much(pool: &Pool<'_>, pools: &Pools<'_>) -> Option<String> {
    let is_evaluated = pool.extent == Extent::Evaluated && are_evaluated(pool, pools);
    (!is_evaluated).then(|| {
        "with the rules, servers and sections before it, it takes more steps than are evaluated"
            .to_owned()
    })
}

/// A check of which nothing is known for a primary or a standby.
fn check(pool: &Pool<'_>) -> Option<String> {
    let tables = pool.judged().map(|server| pool.fate(server));
    let mut outcomes = tables.flat_map(|table| [table.at(Case::Primary), table.at(Case::Standby)]);
    outcomes.find_map(|outcome| match outcome {
        ServerOutcome::Unknown(why) => Some(why.to_owned()),
        ServerOutcome::Up | ServerOutcome::Draining | ServerOutcome::Down => None,
    })
}

/// An action on sessions of which nothing is known.
fn action(pool: &Pool<'_>) -> Option<String> {
    let entries = pool.entries.iter().copied().chain([pool.proxy]);
    let mut actions = entries.flat_map(|proxy| &proxy.settings.unknown_requests);
    let action = actions.next()?;
    Some(format!("`tcp-request {action}` is not known"))
}

/// A variable that decides about sessions or checks.
fn variable(pool: &Pool<'_>) -> Option<String> {
    let proxies = pool.entries.iter().copied().chain([pool.proxy]);
    let mut lines = proxies.flat_map(|proxy| &proxy.settings.variables);
    let mut servers = pool.proxy.servers.iter();
    let mut word = || servers.find_map(|server| server.parameters.variable.as_ref());
    let name = Some(&pool.proxy.name).filter(|name| name.contains("${"));
    let line = lines.next().or_else(|| word().map(|word| &word.value));
    let line = line.or(name)?;
    Some(format!("the variable in `{line}` decides"))
}

/// A section that clients connect to, and from which sessions go to a section of which the name is not known.
fn target(pool: &Pool<'_>) -> Option<String> {
    let mut entries = pool.entries.iter();
    let target = entries.find_map(|entry| entry.settings.open_target())?;
    Some(format!("it is not known to which section `{target}` leads"))
}

/// More numbers of servers than are told apart decide to which section writers go.
fn too_many_targets(pool: &Pool<'_>) -> Option<String> {
    let mut entries = pool.entries.iter();
    let entry = entries.find(|entry| entry.settings.counted(&entry.name).len() > MOST_COUNTED)?;
    let name = entry.name.escape_debug();
    Some(format!(
        "the rules of {name} count the servers of more sections than are told apart"
    ))
}

/// A criterion on which it depends whether writers reach two servers, or one before its check.
fn guard(pool: &Pool<'_>) -> Option<String> {
    if pool.role != SessionOrigin::Writers {
        return None;
    }
    let before_checks = pool.counted(pool.up(|server| pool.begins_up(server)));
    let mut outcomes = [pool.reaches_two(), pool.can_be_reached(before_checks)].into_iter();
    outcomes.find_map(|outcome| match outcome {
        Possible::DependsOn(criterion) => {
            Some(format!("the criterion `{criterion}` is not evaluated"))
        }
        Possible::Yes | Possible::No => None,
    })
}
