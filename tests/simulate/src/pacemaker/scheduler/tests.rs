//! The scheduler is held against Pacemaker's own, by way of Debian's `crm_simulate`, in situations that nobody has
//! recorded.
//!
//! - `situation`: a situation that a number stands for
//! - `xml`: as the CIB that Pacemaker reads
//! - `theirs`: what Pacemaker makes of it
//! - `ours`: what the model makes of it, in the same terms

mod ours;
mod situation;
mod theirs;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use situation::Situation;

/// An action: its key and where it is.
type Key = (String, String);

/// A transition, in the terms of Pacemaker.
#[derive(Debug, Default)]
struct Transition {
    /// The actions with whether they are urgent, and what the agent is told.
    actions: BTreeMap<Key, Action>,
    /// Which real action comes before which other, also by way of others.
    order: BTreeSet<(Key, Key)>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Action {
    pseudo: bool,
    urgent: bool,
    variables: BTreeMap<String, String>,
}

/// Fills in the order from what each action waits for.
fn order(
    actions: &BTreeMap<u32, (Key, bool)>,
    inputs: &BTreeMap<u32, Vec<u32>>,
) -> BTreeSet<(Key, Key)> {
    let mut order = BTreeSet::new();
    for (id, (key, pseudo)) in actions {
        if *pseudo {
            continue;
        }
        let mut seen = BTreeSet::new();
        let mut left: Vec<u32> = inputs.get(id).cloned().unwrap_or_default();
        while let Some(before) = left.pop() {
            if !seen.insert(before) {
                continue;
            }
            left.extend(inputs.get(&before).into_iter().flatten());
            if let Some((first, false)) = actions.get(&before) {
                order.insert((first.clone(), key.clone()));
            }
        }
    }
    order
}

fn differences(seed: u64) -> Vec<String> {
    let situation = Situation::new(seed);
    let ours = ours::transition(&situation);
    let theirs = theirs::transition(&situation, seed);
    let mut differences = Vec::new();
    let keys: BTreeSet<&Key> = ours.actions.keys().chain(theirs.actions.keys()).collect();
    for key in keys {
        match (theirs.actions.get(key), ours.actions.get(key)) {
            (Some(_), None) => differences.push(format!("missing: {key:?}")),
            (None, Some(_)) => differences.push(format!("too much: {key:?}")),
            (Some(theirs), Some(ours)) if theirs != ours => {
                if (theirs.pseudo, theirs.urgent) != (ours.pseudo, ours.urgent) {
                    differences.push(format!(
                        "{key:?} is pseudo, urgent: {:?}, ours {:?}",
                        (theirs.pseudo, theirs.urgent),
                        (ours.pseudo, ours.urgent)
                    ));
                }
                let names: BTreeSet<&String> = theirs
                    .variables
                    .keys()
                    .chain(ours.variables.keys())
                    .collect();
                for name in names {
                    let (theirs, ours) = (theirs.variables.get(name), ours.variables.get(name));
                    if theirs != ours {
                        differences.push(format!("{key:?}: {name} is {theirs:?}, ours {ours:?}"));
                    }
                }
            }
            _ => {}
        }
    }
    if differences.is_empty() {
        for (first, then) in theirs.order.difference(&ours.order) {
            differences.push(format!("{first:?} comes before {then:?}"));
        }
        for (first, then) in ours.order.difference(&theirs.order) {
            differences.push(format!("{first:?} comes before {then:?} in ours alone"));
        }
    }
    differences
}

/// A number that whoever runs the tests gives.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says by the environment how long"
)]
fn number(name: &str, default: u64) -> u64 {
    let given = env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn the_scheduler_decides_as_pacemaker_does() {
    let (first, count) = (number("SEED", 0), number("SEEDS", 60));
    let mut wrong = 0;
    for seed in first..first + count {
        let differences = differences(seed);
        if !differences.is_empty() {
            wrong += 1;
            println!(
                "seed {seed}: {}\n    {}",
                Situation::new(seed).short(),
                differences.join("\n    ")
            );
        }
    }
    assert_eq!(wrong, 0, "of {count}");
}
