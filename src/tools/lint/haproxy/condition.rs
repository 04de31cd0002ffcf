//! Evaluates conditions for any numbers of servers that are up; knows no rule (Configuration Manual, "Using ACLs
//! to form conditions").
//!
//! - `number`: criteria on the number of servers.
//! - `unknown`: any other criterion.

mod number;
mod unknown;

pub(super) use unknown::{Possible, UnknownCriteria};

/// A named ACL.
#[derive(Clone, Debug)]
pub(super) struct Acl {
    scope: Scope,
    name: String,
    criterion: Vec<String>,
}

/// Where a line is written. The rules of `defaults` can name only the ACLs there, and other rules only those of their
/// own section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Section,
    Defaults,
}

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
    pub(super) acls: &'a [Acl],
}

impl Counted<'_> {
    fn number(&self, section: &str) -> Option<i64> {
        let mut servers = self.servers.iter();
        let (_, count) = servers.find(|(name, _)| *name == section)?;
        Some(i64::try_from(*count).unwrap_or(i64::MAX))
    }
}

impl Acl {
    pub(super) fn new(name: &str, criterion: &[&str]) -> Self {
        Self {
            scope: Scope::Section,
            name: name.to_owned(),
            criterion: criterion.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    fn is(&self, name: &str, scope: Scope) -> bool {
        self.name == name && self.scope == scope
    }

    /// Notes that it is written in `defaults`.
    pub(super) fn inherit(&mut self) {
        self.scope = Scope::Defaults;
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
    pub(super) fn counts<'c>(&'c self, here: &'c str, acls: &'c [Acl]) -> Vec<&'c str> {
        let terms = self.alternatives.iter().flatten();
        let criteria = terms.flat_map(|term| match &term.what {
            What::Inline(words) => vec![words.as_slice()],
            What::Named(name) => {
                let same = acls.iter().filter(|acl| acl.is(name, self.scope));
                same.map(|acl| acl.criterion.as_slice()).collect()
            }
        });
        criteria
            .filter_map(|words| number::section(words.first()?, here))
            .collect()
    }

    /// Whether it holds with these numbers of servers, under the suppositions in `unknown`.
    pub(super) fn holds(&self, counted: Counted<'_>, unknown: &mut UnknownCriteria) -> bool {
        let mut alternatives = self.alternatives.iter();
        let any = self.alternatives.is_empty()
            || alternatives.any(|terms| {
                let mut terms = terms.iter();
                terms.all(|term| term.holds(self.scope, counted, unknown))
            });
        match self.met_if {
            Met::If => any,
            Met::Unless => !any,
        }
    }
}

impl Term {
    fn holds(&self, scope: Scope, counted: Counted<'_>, unknown: &mut UnknownCriteria) -> bool {
        let holds = match &self.what {
            What::Inline(words) => criterion(words, counted, unknown),
            What::Named(name) => {
                let acls = counted.acls.iter();
                let mut same = acls.filter(|acl| acl.is(name, scope)).peekable();
                match (same.peek(), name.as_str()) {
                    // A name that is declared several times holds if one of its declarations does. It can be that of
                    // a predefined ACL, which then does not count.
                    (Some(_), _) => same.any(|acl| criterion(&acl.criterion, counted, unknown)),
                    // HAProxy delays rules with `WAIT_END` until the end of `inspect-delay`; then it holds.
                    (None, "TRUE" | "ALWAYS" | "WAIT_END") => true,
                    (None, "FALSE") => false,
                    (None, name) => unknown.holds(name),
                }
            }
        };
        holds != self.negated
    }
}

/// Evaluates constants and numbers of servers; any other criterion is as supposed.
fn criterion(words: &[String], counted: Counted<'_>, unknown: &mut UnknownCriteria) -> bool {
    let constant = match words {
        [word] if word == "always_true" || word == "bool(1)" || word == "bool(true)" => Some(true),
        [word] if word == "always_false" || word == "bool(0)" || word == "bool(false)" => {
            Some(false)
        }
        _ => None,
    };
    constant
        .or_else(|| number::criterion(words, counted))
        .unwrap_or_else(|| unknown.holds(&words.join(" ")))
}

#[cfg(test)]
mod tests;
