//! The least of a history that still goes wrong in the same way: events are left out, many at once and then one by
//! one, and what is left is made shorter. Knows no event.

use crate::events::Script;
use crate::invariants::Rules;
use crate::invariants::kind::Rule;
use crate::run::play;

/// Shrinks a script that breaks a rule.
#[must_use]
pub fn shrink(script: &Script, rule: Rule) -> Script {
    let breaks = |script: &Script| {
        let ended = play(script, &Rules::only(rule), false);
        ended.violations.first().map(|first| first.at)
    };
    let mut least = script.clone();
    let Some(at) = breaks(&least) else {
        return least;
    };
    // What comes after it has no part in it.
    let mut without_rest = least.clone();
    without_rest.events.retain(|event| event.at <= at);
    if breaks(&without_rest).is_some() {
        least = without_rest;
    }
    let mut piece = least.events.len().div_ceil(2);
    while piece > 0 {
        let mut from = 0;
        while from < least.events.len() {
            let mut fewer = least.clone();
            let to = (from + piece).min(fewer.events.len());
            fewer.events.drain(from..to);
            if breaks(&fewer).is_some() {
                least = fewer;
            } else {
                from += piece;
            }
        }
        piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
    }
    for index in 0..least.events.len() {
        for seconds in [0, 10, 30] {
            let mut shorter = least.clone();
            if shorter.events[index].seconds <= seconds {
                break;
            }
            shorter.events[index].seconds = seconds;
            if breaks(&shorter).is_some() {
                least = shorter;
                break;
            }
        }
    }
    least
}
