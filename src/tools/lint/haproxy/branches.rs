//! Evaluates `.if` and the related directives for supposed outcomes of their conditions; knows no other keyword
//! (Configuration Manual, "Conditional blocks").

use thiserror::Error;

/// Why conditional blocks are not balanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BranchError {
    /// An `.elif`, `.else` or `.endif` without an `.if`.
    #[error("this line has no matching .if")]
    NoIf,
    /// An `.if` without an `.endif`.
    #[error("this .if has no matching .endif")]
    NoEnd,
}

/// The supposed outcomes of conditions that are no numbers, one for each condition that is not the same otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Supposed(Vec<(String, bool)>);

/// The open blocks, the outermost first. If nothing is supposed of a condition, both outcomes are read.
#[derive(Debug)]
pub(super) struct Branches<'s> {
    levels: Vec<Level>,
    supposed: &'s Supposed,
    /// The conditions of which nothing is supposed.
    open: Vec<String>,
}

#[derive(Debug)]
struct Level {
    read: bool,
    /// A branch was certainly taken, so no later branch is.
    settled: bool,
    opened: usize,
    /// The conditions that decide about the block, and of which nothing is supposed.
    conditions: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BranchOutcome {
    True,
    False,
    Unknown,
}

/// Whether a line is part of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// The line is read.
    Read,
    /// The line is in a branch that is not taken, or is a directive of the blocks.
    Skipped,
}

impl Supposed {
    /// The conditions with the outcomes that the bits of a number say.
    pub(super) fn numbered(conditions: &[String], number: u32) -> Self {
        let outcomes = conditions.iter().enumerate().map(|(at, condition)| {
            let bit = u32::try_from(at).ok().and_then(|at| number.checked_shr(at));
            (condition.clone(), bit.is_some_and(|bit| bit & 1 == 1))
        });
        Self(outcomes.collect())
    }

    fn of(&self, condition: &str) -> Option<bool> {
        let mut outcomes = self.0.iter();
        let (_, outcome) = outcomes.find(|(known, _)| known == condition)?;
        Some(*outcome)
    }

    /// For people: `defined(X), not version_atleast(3.1)`; empty without a condition.
    pub(super) fn text(&self) -> String {
        let outcomes = self.0.iter().map(|(condition, outcome)| {
            let not = if *outcome { "" } else { "not " };
            format!("{not}{condition}")
        });
        outcomes.collect::<Vec<_>>().join(", ")
    }
}

impl<'s> Branches<'s> {
    pub(super) fn new(supposed: &'s Supposed) -> Self {
        Self {
            levels: Vec::new(),
            supposed,
            open: Vec::new(),
        }
    }

    /// Processes the next line, which has at least one word.
    pub(super) fn pass(&mut self, words: &[String], line: usize) -> Result<Passage, BranchError> {
        let mut words = words.iter().map(String::as_str);
        let directive = words.next().unwrap_or_default();
        let condition: Vec<&str> = words.collect();
        match directive {
            ".if" => {
                let (outcome, open) = self.outcome(&condition);
                self.levels.push(Level {
                    read: outcome != BranchOutcome::False,
                    settled: outcome == BranchOutcome::True,
                    opened: line,
                    conditions: open.into_iter().collect(),
                });
            }
            ".elif" => {
                let (outcome, open) = self.outcome(&condition);
                let level = self.levels.last_mut().ok_or(BranchError::NoIf)?;
                level.conditions.extend(open);
                level.read = !level.settled && outcome != BranchOutcome::False;
                level.settled |= outcome == BranchOutcome::True;
            }
            ".else" => {
                let level = self.levels.last_mut().ok_or(BranchError::NoIf)?;
                level.read = !level.settled;
            }
            ".endif" => {
                self.levels.pop().ok_or(BranchError::NoIf)?;
            }
            ".diag" | ".notice" | ".warning" | ".alert" => {}
            _ if self.levels.iter().all(|level| level.read) => return Ok(Passage::Read),
            _ => {}
        }
        Ok(Passage::Skipped)
    }

    /// The line number of an `.if` that is still open.
    pub(super) fn unclosed(&self) -> Option<usize> {
        self.levels.last().map(|level| level.opened)
    }

    /// Notes that the line that was read matters, so that the conditions around it do.
    pub(super) fn matters(&mut self) {
        for condition in self.levels.iter().flat_map(|level| &level.conditions) {
            if !self.open.contains(condition) {
                self.open.push(condition.clone());
            }
        }
    }

    /// The conditions that decide about lines that matter, and of which nothing is supposed.
    pub(super) fn conditions(self) -> Vec<String> {
        self.open
    }

    /// The outcome of a condition, and the condition without negations if nothing is supposed of it.
    fn outcome(&self, condition: &[&str]) -> (BranchOutcome, Option<String>) {
        let of = |is: bool| {
            let outcome = if is {
                BranchOutcome::True
            } else {
                BranchOutcome::False
            };
            (outcome, None)
        };
        let text = condition.join(" ");
        let mut text = text.trim();
        let mut wanted = true;
        while let Some(rest) = text.strip_prefix('!') {
            (wanted, text) = (!wanted, rest.trim_start());
        }
        if text.is_empty() {
            return of(!wanted);
        }
        if let Ok(number) = text.parse::<i64>() {
            return of((number != 0) == wanted);
        }
        match self.supposed.of(text) {
            Some(outcome) => of(outcome == wanted),
            None => (BranchOutcome::Unknown, Some(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        supposing(text, &Supposed::default())
    }

    fn supposing(text: &str, supposed: &Supposed) -> String {
        let mut branches = Branches::new(supposed);
        let mut read = Vec::new();
        for (index, line) in text.split(';').enumerate() {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            if branches.pass(&words, index + 1).unwrap() == Passage::Read {
                read.push(line.trim());
            }
        }
        assert_eq!(branches.unclosed(), None, "{text}");
        read.join(" ")
    }

    #[test]
    fn lines_of_all_possible_branches_are_read() {
        for (text, expected) in [
            (
                "a; .if version_atleast(3.1); b; .else; c; .endif; d",
                "a b c d",
            ),
            (".if 0; a; .endif; b", "b"),
            (".if; a; .else; b; .endif", "b"),
            (".if 1; a; .elif defined(X); b; .else; c; .endif", "a"),
            (".if defined(X); a; .elif 1; b; .else; c; .endif", "a b"),
            (".if 0; .if 1; a; .endif; b; .endif; c", "c"),
            (".if defined(X); .notice hello; .endif", ""),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_condition_has_the_outcome_that_is_supposed_wherever_it_stands() {
        let text =
            ".if defined(X); a; .else; b; .endif; .if !defined(X); c; .elif streq(a,b); d; .endif";
        let conditions = ["defined(X)".to_owned(), "streq(a,b)".to_owned()];
        for (number, expected) in [(0, "b c"), (1, "a"), (2, "b c"), (3, "a d")] {
            let supposed = Supposed::numbered(&conditions, number);
            assert_eq!(supposing(text, &supposed), expected, "{}", supposed.text());
        }
    }

    #[test]
    fn blocks_that_are_not_balanced_are_refused() {
        let words = |text: &str| vec![text.to_owned()];
        for alone in [".elif", ".else", ".endif"] {
            let passed = Branches::new(&Supposed::default()).pass(&words(alone), 1);
            assert_eq!(passed, Err(BranchError::NoIf), "{alone}");
        }
        let supposed = Supposed::default();
        let mut branches = Branches::new(&supposed);
        branches.pass(&words(".if"), 7).unwrap();
        assert_eq!(branches.unclosed(), Some(7));
    }
}
