//! Conditions on how many servers are up: what becomes of them with any number; knows no section
//! (Configuration Manual, "Using ACLs to form conditions").

/// A named criterion.
#[derive(Clone, Debug)]
pub(super) struct Acl {
    name: String,
    criterion: Vec<String>,
}

/// What stands behind `if` or `unless`.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    met_if: Met,
    /// Alternatives of terms that must all hold; none for a rule that always holds.
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

/// Who asks: a section whose sessions may be refused because of the servers of another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountedServers<'a> {
    /// The section with the servers.
    pub(super) servers: &'a str,
    /// Whether it is the section that the condition stands in.
    pub(super) here: bool,
    /// The criteria with names.
    pub(super) acls: &'a [Acl],
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
    /// Reads the words behind a rule's action.
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

    /// Whether it holds while `up` servers are up, and `unknown` is as supposed.
    pub(super) fn holds(
        &self,
        counted: CountedServers<'_>,
        up: u64,
        unknown: &mut UnknownCriteria,
    ) -> bool {
        let mut alternatives = self.alternatives.iter();
        let any = self.alternatives.is_empty()
            || alternatives.any(|terms| {
                let mut terms = terms.iter();
                terms.all(|term| term.holds(counted, up, unknown))
            });
        match self.met_if {
            Met::If => any,
            Met::Unless => !any,
        }
    }
}

/// Criteria that are about something else than the number of servers, each supposed to hold or not. All
/// suppositions are gone through one after another.
#[derive(Clone, Debug, Default)]
pub(super) struct UnknownCriteria {
    criteria: Vec<String>,
    supposed: u32,
}

impl UnknownCriteria {
    /// Beyond so many nothing is excluded any more.
    const MOST: usize = 12;

    /// Whether something can be with any of the suppositions.
    pub(super) fn can(mut be: impl FnMut(&mut Self) -> bool) -> bool {
        let mut unknown = Self::default();
        loop {
            let is = be(&mut unknown);
            if is || unknown.criteria.len() > Self::MOST {
                return true;
            }
            unknown.supposed = unknown.supposed.saturating_add(1);
            if unknown.supposed >> unknown.criteria.len() > 0 {
                return false;
            }
        }
    }

    /// What is supposed of a criterion; at first that it does not hold.
    pub(super) fn holds(&mut self, criterion: &str) -> bool {
        let at = self.criteria.iter().position(|known| known == criterion);
        let at = at.unwrap_or_else(|| {
            self.criteria.push(criterion.to_owned());
            self.criteria.len().saturating_sub(1)
        });
        at < Self::MOST && self.supposed >> at & 1 == 1
    }
}

impl Term {
    fn holds(&self, counted: CountedServers<'_>, up: u64, unknown: &mut UnknownCriteria) -> bool {
        let holds = match &self.what {
            What::Inline(words) => criterion(words, counted, up, unknown),
            What::Named(name) => match name.as_str() {
                // Rules with the last are waited for, to the end of `inspect-delay`.
                "TRUE" | "ALWAYS" | "WAIT_END" => true,
                "FALSE" => false,
                name => {
                    let mut same = counted
                        .acls
                        .iter()
                        .filter(|acl| acl.name == *name)
                        .peekable();
                    // A name that is given twice holds if either does.
                    match same.peek() {
                        None => unknown.holds(name),
                        Some(_) => same.any(|acl| criterion(&acl.criterion, counted, up, unknown)),
                    }
                }
            },
        };
        holds != self.negated
    }
}

/// `nbsrv(name) gt 1` and what else counts the servers that are up; else as it is supposed.
fn criterion(
    words: &[String],
    counted: CountedServers<'_>,
    up: u64,
    unknown: &mut UnknownCriteria,
) -> bool {
    by_number(words, counted, up).unwrap_or_else(|| unknown.holds(&words.join(" ")))
}

fn by_number(words: &[String], counted: CountedServers<'_>, up: u64) -> Option<bool> {
    let mut words = words.iter().map(String::as_str);
    let fetch = words.next().unwrap_or_default();
    let counts = match fetch.strip_prefix("nbsrv") {
        Some("" | "()") => counted.here,
        Some(rest) => rest == format!("({})", counted.servers),
        None => false,
    };
    if !counts {
        return None;
    }
    let mut compare: fn(u64, u64) -> bool = |up, value| up == value;
    while let Some(word) = words.next() {
        match word {
            "-m" => drop(words.next()),
            "eq" => compare = |up, value| up == value,
            "ge" => compare = |up, value| up >= value,
            "gt" => compare = |up, value| up > value,
            "le" => compare = |up, value| up <= value,
            "lt" => compare = |up, value| up < value,
            value => {
                if meets(up, value, compare)? {
                    return Some(true);
                }
            }
        }
    }
    Some(false)
}

/// Whether a number meets a value, `1`, or a range, `0:1`, `2:`.
fn meets(up: u64, value: &str, compare: fn(u64, u64) -> bool) -> Option<bool> {
    let Some((low, high)) = value.split_once(':') else {
        return Some(compare(up, value.parse().ok()?));
    };
    let low = if low.is_empty() { 0 } else { low.parse().ok()? };
    let high = if high.is_empty() {
        u64::MAX
    } else {
        high.parse().ok()?
    };
    Some((low..=high).contains(&up))
}

#[cfg(test)]
mod tests;
