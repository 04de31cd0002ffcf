//! Evaluates conditions for any numbers of servers that are up; knows no rule (Configuration Manual, "Using ACLs
//! to form conditions").
//!
//! - `acl`: named criteria.
//! - `combinations`: sets of combinations of outcomes.
//! - `number`: criteria on the number of servers.
//! - `unknown`: any other criterion.

use std::slice;

mod acl;
mod combinations;
mod number;
mod unknown;

pub(super) use acl::Acls;
use acl::Scope;
pub(super) use combinations::Combinations;
pub(super) use unknown::{Possible, UnknownCriteria};

/// The condition after `if` or `unless`.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    scope: Scope,
    met_if: Met,
    /// Alternatives of terms that must all hold; empty for a rule without a condition.
    alternatives: Vec<Vec<Term>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    If,
    Unless,
}

#[derive(Clone, Debug)]
struct Term {
    negated: bool,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Named(String),
    Inline(Vec<String>),
}

/// The numbers of servers that conditions count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted<'a> {
    /// The section that the conditions are in.
    pub(super) here: &'a str,
    /// Sections, and how many of their servers count as usable.
    pub(super) servers: &'a [(&'a str, u64)],
    /// The ACLs that the conditions can name.
    pub(super) acls: &'a Acls,
}

impl Counted<'_> {
    fn number(&self, section: &str) -> Option<i64> {
        let mut servers = self.servers.iter();
        let (_, count) = servers.find(|(name, _)| *name == section)?;
        Some(i64::try_from(*count).unwrap_or(i64::MAX))
    }
}

impl Condition {
    /// Parses the words after a rule's action.
    pub(super) fn read(words: &[&str]) -> Self {
        let mut words = words.iter().copied();
        let met_if = loop {
            match words.next() {
                Some("if") => break Met::If,
                Some("unless") => break Met::Unless,
                Some(_) => {}
                None => {
                    return Self {
                        scope: Scope::Section,
                        met_if: Met::If,
                        alternatives: Vec::new(),
                    };
                }
            }
        };
        let mut alternatives = vec![Vec::new()];
        let mut negated = false;
        while let Some(mut word) = words.next() {
            while let Some(rest) = word.strip_prefix('!') {
                (negated, word) = (!negated, rest);
            }
            let what = match word {
                "" => continue,
                "or" | "||" | "OR" => {
                    alternatives.push(Vec::new());
                    continue;
                }
                "{" => {
                    let inline = words.by_ref().take_while(|word| *word != "}");
                    What::Inline(inline.map(str::to_owned).collect())
                }
                name => What::Named(name.to_owned()),
            };
            let term = Term { negated, what };
            negated = false;
            if let Some(last) = alternatives.last_mut() {
                last.push(term);
            }
        }
        Self {
            scope: Scope::Section,
            met_if,
            alternatives,
        }
    }

    /// Notes that it is written in `defaults`.
    pub(super) fn inherit(&mut self) {
        self.scope = Scope::Defaults;
    }

    /// The sections whose servers it counts, if its own section is `here`; `acls` are those that it can name.
    pub(super) fn counts<'c>(&'c self, here: &'c str, acls: &'c Acls) -> Vec<&'c str> {
        let criteria = self.criteria(acls);
        criteria
            .filter_map(|words| number::section(words.first()?, here))
            .collect()
    }

    /// How many words are evaluated for it at most.
    pub(super) fn steps(&self, acls: &Acls) -> u64 {
        let steps = self.criteria(acls).map(|words| words.len().max(1));
        let steps: usize = steps.sum();
        u64::try_from(steps).unwrap_or(u64::MAX).max(1)
    }

    /// The criteria in it, and in the ACLs that it names.
    fn criteria<'c>(&'c self, acls: &'c Acls) -> impl Iterator<Item = &'c [String]> {
        let terms = self.alternatives.iter().flatten();
        terms
            .flat_map(|term| match &term.what {
                What::Inline(words) => slice::from_ref(words),
                What::Named(name) => acls.called(name, self.scope),
            })
            .map(Vec::as_slice)
    }

    /// In which of the combinations `within` it holds with these numbers of servers.
    pub(super) fn holds(
        &self,
        within: &Combinations,
        counted: Counted<'_>,
        unknown: &mut UnknownCriteria,
    ) -> Combinations {
        let met = if self.alternatives.is_empty() {
            within.clone()
        } else {
            any(within, &self.alternatives, |terms, left| {
                let mut holds = left.clone();
                for term in terms {
                    // What no session gets to is not evaluated.
                    if holds.is_empty() {
                        break;
                    }
                    holds = term.holds(self.scope, &holds, counted, unknown);
                }
                holds
            })
        };
        match self.met_if {
            Met::If => met,
            Met::Unless => within.without(&met),
        }
    }
}

impl Term {
    fn holds(
        &self,
        scope: Scope,
        within: &Combinations,
        counted: Counted<'_>,
        unknown: &mut UnknownCriteria,
    ) -> Combinations {
        let holds = match &self.what {
            What::Inline(words) => criterion(words, within, counted, unknown),
            What::Named(name) => match (counted.acls.called(name, scope), name.as_str()) {
                // HAProxy delays rules with `WAIT_END` until the end of `inspect-delay`; then it holds.
                ([], "TRUE" | "ALWAYS" | "WAIT_END") => within.clone(),
                ([], "FALSE") => Combinations::none(),
                ([], name) => unknown.holds(name, within),
                // A name that is declared several times holds if one of its declarations does. It can be that of
                // a predefined ACL, which then does not count.
                (same, _) => any(within, same, |words, left| {
                    criterion(words, left, counted, unknown)
                }),
            },
        };
        if self.negated {
            within.without(&holds)
        } else {
            holds
        }
    }
}

/// In which of the combinations `within` one of these holds.
fn any<T>(
    within: &Combinations,
    of: &[T],
    mut holds: impl FnMut(&T, &Combinations) -> Combinations,
) -> Combinations {
    let mut left = within.clone();
    for one in of {
        if left.is_empty() {
            break;
        }
        left = left.without(&holds(one, &left));
    }
    within.without(&left)
}

/// Evaluates constants and numbers of servers; any other criterion holds in half of the combinations.
fn criterion(
    words: &[String],
    within: &Combinations,
    counted: Counted<'_>,
    unknown: &mut UnknownCriteria,
) -> Combinations {
    let constant = match words {
        [word] if word == "always_true" || word == "bool(1)" || word == "bool(true)" => Some(true),
        [word] if word == "always_false" || word == "bool(0)" || word == "bool(false)" => {
            Some(false)
        }
        _ => None,
    };
    match constant.or_else(|| number::criterion(words, counted)) {
        Some(true) => within.clone(),
        Some(false) => Combinations::none(),
        None => unknown.holds(&words.join(" "), within),
    }
}

#[cfg(test)]
mod tests;
