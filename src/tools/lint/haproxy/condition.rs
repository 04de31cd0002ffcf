//! Evaluates conditions for any number of servers that are up; knows no section (Configuration Manual, "Using ACLs
//! to form conditions").

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

/// The servers that `nbsrv` counts in the conditions of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountedServers<'a> {
    /// The section with the servers.
    pub(super) servers: &'a str,
    /// Whether the conditions are in that section.
    pub(super) here: bool,
    /// The ACLs that the conditions can name.
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

    /// Whether it holds while `up` servers are up, under the assumptions in `unknown`.
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

/// Criteria on something other than the number of servers. Each is assumed to hold or not to hold, and all
/// combinations are tried one after another.
#[derive(Clone, Debug, Default)]
pub(super) struct UnknownCriteria {
    criteria: Vec<String>,
    supposed: u32,
}

impl UnknownCriteria {
    /// With more criteria than this, every outcome counts as possible.
    const MOST: usize = 12;

    /// Whether `be` is true under at least one combination of assumptions.
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

    /// Whether a criterion is assumed to hold; a new one is first assumed not to.
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
                        Some(_) => same.any(|acl| criterion(&acl.criterion, counted, up, unknown)),
                    }
                }
            },
        };
        holds != self.negated
    }
}

/// Evaluates `nbsrv(name) gt 1` and other counts of servers that are up; any other criterion is as assumed.
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

/// Whether a number matches a value, `1`, or a range, `0:1`, `2:`.
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
