//! Evaluates `.if` and the related directives: which lines are read if the outcome of a condition is unknown; knows
//! no other keyword (Configuration Manual, "Conditional blocks").

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

/// The open blocks, the outermost first. If a condition is not a plain number, both outcomes are read: a
/// configuration is judged for everything that it may do.
#[derive(Debug, Default)]
pub(super) struct Branches(Vec<Level>);

#[derive(Debug)]
struct Level {
    read: bool,
    /// A branch was certainly taken, so no later branch is.
    settled: bool,
    opened: usize,
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

impl Branches {
    /// Processes the next line, which has at least one word.
    pub(super) fn pass(&mut self, words: &[String], line: usize) -> Result<Passage, BranchError> {
        let mut words = words.iter().map(String::as_str);
        let directive = words.next().unwrap_or_default();
        let condition = || outcome(&words.clone().collect::<Vec<_>>());
        match directive {
            ".if" => {
                let outcome = condition();
                self.0.push(Level {
                    read: outcome != BranchOutcome::False,
                    settled: outcome == BranchOutcome::True,
                    opened: line,
                });
            }
            ".elif" => {
                let outcome = condition();
                let level = self.0.last_mut().ok_or(BranchError::NoIf)?;
                level.read = !level.settled && outcome != BranchOutcome::False;
                level.settled |= outcome == BranchOutcome::True;
            }
            ".else" => {
                let level = self.0.last_mut().ok_or(BranchError::NoIf)?;
                level.read = !level.settled;
            }
            ".endif" => {
                self.0.pop().ok_or(BranchError::NoIf)?;
            }
            ".diag" | ".notice" | ".warning" | ".alert" => {}
            _ if self.0.iter().all(|level| level.read) => return Ok(Passage::Read),
            _ => {}
        }
        Ok(Passage::Skipped)
    }

    /// The line number of an `.if` that is still open.
    pub(super) fn open(&self) -> Option<usize> {
        self.0.last().map(|level| level.opened)
    }
}

fn outcome(condition: &[&str]) -> BranchOutcome {
    match condition {
        [] | [""] => BranchOutcome::False,
        [number] => match number.parse::<i64>() {
            Ok(0) => BranchOutcome::False,
            Ok(_) => BranchOutcome::True,
            Err(_) => BranchOutcome::Unknown,
        },
        [_, ..] => BranchOutcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut branches = Branches::default();
        let mut read = Vec::new();
        for (index, line) in text.split(';').enumerate() {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            if branches.pass(&words, index + 1).unwrap() == Passage::Read {
                read.push(line.trim());
            }
        }
        assert_eq!(branches.open(), None, "{text}");
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
    fn blocks_that_are_not_balanced_are_refused() {
        let words = |text: &str| vec![text.to_owned()];
        for alone in [".elif", ".else", ".endif"] {
            let passed = Branches::default().pass(&words(alone), 1);
            assert_eq!(passed, Err(BranchError::NoIf), "{alone}");
        }
        let mut branches = Branches::default();
        branches.pass(&words(".if"), 7).unwrap();
        assert_eq!(branches.open(), Some(7));
    }
}
