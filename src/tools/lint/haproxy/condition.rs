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
    name: String,
    criterion: Vec<String>,
}

/// The condition after `if` or `unless`.
#[derive(Clone, Debug)]
pub(super) struct Condition {
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
            name: name.to_owned(),
            criterion: criterion.iter().map(|&word| word.to_owned()).collect(),
        }
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
            met_if,
            alternatives,
        }
    }

    /// The sections whose servers it counts, if its own section is `here`; `acls` are those that it can name.
    pub(super) fn counts<'c>(&'c self, here: &'c str, acls: &'c [Acl]) -> Vec<&'c str> {
        let terms = self.alternatives.iter().flatten();
        let criteria = terms.flat_map(|term| match &term.what {
            What::Inline(words) => vec![words.as_slice()],
            What::Named(name) => {
                let same = acls.iter().filter(|acl| acl.name == *name);
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
                terms.all(|term| term.holds(counted, unknown))
            });
        match self.met_if {
            Met::If => any,
            Met::Unless => !any,
        }
    }
}

impl Term {
    fn holds(&self, counted: Counted<'_>, unknown: &mut UnknownCriteria) -> bool {
        let holds = match &self.what {
            What::Inline(words) => criterion(words, counted, unknown),
            What::Named(name) => match name.as_str() {
                // HAProxy delays rules with `WAIT_END` until the end of `inspect-delay`; then it holds.
                "TRUE" | "ALWAYS" | "WAIT_END" => true,
                "FALSE" => false,
                name => {
                    let mut same = counted
                        .acls
                        .iter()
                        .filter(|acl| acl.name == *name)
                        .peekable();
                    // A name that is declared several times holds if one of its declarations does.
                    match same.peek() {
                        None => unknown.holds(name),
                        Some(_) => same.any(|acl| criterion(&acl.criterion, counted, unknown)),
                    }
                }
            },
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
