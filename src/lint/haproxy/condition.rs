//! Conditions on how many servers are up: what becomes of them when there are two; knows no section
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

/// What is known of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It holds, because of the number of servers.
    Holds,
    /// It does not, because of that number.
    Fails,
    /// That number says nothing.
    Open,
}

/// Who asks: a section whose sessions may be refused because of the servers of another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted<'a> {
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

    /// What becomes of it while two servers are up.
    pub(super) fn with_two(&self, counted: Counted<'_>) -> Outcome {
        let all = self.alternatives.iter().map(|terms| {
            let terms = terms.iter().map(|term| term.with_two(counted));
            terms.fold(Outcome::Open, |sofar, next| match (sofar, next) {
                (Outcome::Fails, _) | (_, Outcome::Fails) => Outcome::Fails,
                (Outcome::Holds, _) | (_, Outcome::Holds) => Outcome::Holds,
                (Outcome::Open, Outcome::Open) => Outcome::Open,
            })
        });
        let any = all.reduce(|sofar, next| match (sofar, next) {
            (Outcome::Holds, _) | (_, Outcome::Holds) => Outcome::Holds,
            (Outcome::Fails, Outcome::Fails) => Outcome::Fails,
            (Outcome::Open, _) | (_, Outcome::Open) => Outcome::Open,
        });
        let any = any.unwrap_or(Outcome::Open);
        match self.met_if {
            Met::If => any,
            Met::Unless => any.opposite(),
        }
    }
}

impl Outcome {
    fn opposite(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            Self::Open => Self::Open,
        }
    }
}

impl Term {
    fn with_two(&self, counted: Counted<'_>) -> Outcome {
        let outcome = match &self.what {
            What::Inline(words) => criterion(words, counted),
            What::Named(name) => {
                let same = counted.acls.iter().filter(|acl| acl.name == *name);
                let outcomes: Vec<Outcome> =
                    same.map(|acl| criterion(&acl.criterion, counted)).collect();
                // A name that is given twice holds if either does.
                match outcomes.as_slice() {
                    outcomes if outcomes.contains(&Outcome::Holds) => Outcome::Holds,
                    [] => Outcome::Open,
                    outcomes if outcomes.contains(&Outcome::Open) => Outcome::Open,
                    [..] => Outcome::Fails,
                }
            }
        };
        if self.negated {
            outcome.opposite()
        } else {
            outcome
        }
    }
}

/// `nbsrv(name) gt 1` and what else counts the servers that are up.
fn criterion(words: &[String], counted: Counted<'_>) -> Outcome {
    let mut words = words.iter().map(String::as_str);
    let fetch = words.next().unwrap_or_default();
    let counts = match fetch.strip_prefix("nbsrv") {
        Some("" | "()") => counted.here,
        Some(rest) => rest == format!("({})", counted.servers),
        None => false,
    };
    if !counts {
        return Outcome::Open;
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
            value => match holds(value, compare) {
                Some(true) => return Outcome::Holds,
                Some(false) => {}
                None => return Outcome::Open,
            },
        }
    }
    Outcome::Fails
}

/// Whether two meet a value, `1`, or a range, `0:1`, `2:`.
fn holds(value: &str, compare: fn(u64, u64) -> bool) -> Option<bool> {
    const UP: u64 = 2;
    let Some((low, high)) = value.split_once(':') else {
        return Some(compare(UP, value.parse().ok()?));
    };
    let low = if low.is_empty() { 0 } else { low.parse().ok()? };
    let high = if high.is_empty() {
        u64::MAX
    } else {
        high.parse().ok()?
    };
    Some((low..=high).contains(&UP))
}

#[cfg(test)]
mod tests;
