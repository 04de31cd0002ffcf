//! Describes what is wrong with a configuration, where, and what would be right.

use std::error::Error;
use std::fmt;
use std::ops::Range;

pub use super::excerpt::Excerpt;

/// Most characters of a message: it may quote the file.
const LONGEST: usize = 400;

/// Most problems that are written out.
const MOST_SHOWN: usize = 100;

/// One error or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether the file can be used nevertheless.
    pub severity: ProblemSeverity,
    /// The place in the file; `None` if the problem is that something is missing from the file.
    pub place: Option<TextPlace>,
    /// The key or table, as `postgres.timeout`; `None` if the text is not TOML.
    pub key: Option<String>,
    /// What is wrong, on one line and without control characters.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// Whether settings can be made of a file with this problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemSeverity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but hardly means what was intended.
    Warning,
}

/// A place in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPlace {
    /// The number of the line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The range of bytes, without a byte order mark.
    pub span: Range<usize>,
    /// The line, with carets under the span.
    pub excerpt: Excerpt,
}

/// What is wrong with a value, before its place and key are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    severity: ProblemSeverity,
    message: String,
    hint: String,
}

impl Wrong {
    /// Makes an error; `message` may quote the file, and an empty `hint` means that there is no hint.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: ProblemSeverity::Error,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Makes a warning about what is legal but hardly intended.
    pub(super) fn warning(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: ProblemSeverity::Warning,
            ..Self::new(message, hint)
        }
    }

    /// Makes an error from the error of another module, with all its causes.
    pub(super) fn of(error: &dyn Error, hint: impl Into<String>) -> Self {
        let causes = std::iter::successors(error.source(), |error| (*error).source());
        let message = causes.fold(error.to_string(), |message, cause| {
            format!("{message}: {cause}")
        });
        Self::new(message, hint)
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        Self {
            severity: wrong.severity,
            place: None,
            key: None,
            message: on_one_line(&wrong.message),
            hint: (!wrong.hint.is_empty()).then(|| on_one_line(&wrong.hint)),
        }
    }
}

impl Problem {
    /// Makes a warning of another module about a key.
    #[must_use]
    pub fn warning(key: &str, message: &str, hint: &str) -> Self {
        Self::from(Wrong::warning(message, hint)).key(key)
    }

    /// Makes an error of another module about a key.
    #[must_use]
    pub fn error(key: &str, message: &str, hint: &str) -> Self {
        Self::from(Wrong::new(message, hint)).key(key)
    }

    pub(super) fn at(self, place: TextPlace) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }

    pub(super) fn key(self, key: impl fmt::Display) -> Self {
        Self {
            key: Some(on_one_line(&key.to_string())),
            ..self
        }
    }

    /// Returns the problem on one line, for a log: `origin:4:11: key: message; hint`.
    #[must_use]
    pub fn sentence(&self, origin: &str) -> String {
        let heading = self.heading(origin);
        match &self.hint {
            Some(hint) => format!("{heading}; {hint}"),
            None => heading,
        }
    }

    fn heading(&self, origin: &str) -> String {
        let place = self.place.as_ref();
        let place = place.map(|place| format!("{}:{}", place.line, place.column));
        let origin = (!origin.is_empty()).then(|| origin.to_owned());
        let whereabouts: Vec<_> = origin.into_iter().chain(place).collect();
        let severity = match self.severity {
            ProblemSeverity::Error => "",
            ProblemSeverity::Warning => "warning",
        };
        let parts = [
            whereabouts.join(":"),
            severity.to_owned(),
            self.key.clone().unwrap_or_default(),
            self.message.clone(),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(": ")
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, origin: &str) -> fmt::Result {
        match &self.place {
            Some(place) => {
                writeln!(f, "{}", self.heading(origin))?;
                let hint = self.hint.as_deref().unwrap_or_default();
                place.excerpt.write(f, place.line, hint)
            }
            None => writeln!(f, "{}", self.sentence(origin)),
        }
    }
}

/// The problems of one file; displayed like a compiler's, with line and carets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemReport {
    origin: String,
    problems: Vec<Problem>,
}

impl ProblemReport {
    /// Sorts the problems of the file called `origin` by their places, those without a place last.
    #[must_use]
    pub fn new(origin: impl Into<String>, mut problems: Vec<Problem>) -> Self {
        sort(&mut problems);
        Self {
            origin: origin.into(),
            problems,
        }
    }

    /// Adds a problem.
    pub fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
        sort(&mut self.problems);
    }

    /// Leaves out the warnings about a key that have this word: what is being done makes them untrue.
    pub fn leave_out(&mut self, key: &str, word: &str) {
        self.problems.retain(|problem| {
            problem.severity == ProblemSeverity::Error
                || problem.key.as_deref() != Some(key)
                || !problem.message.contains(word)
        });
    }

    /// Returns each problem on one line, for a log.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        let problems = self.problems.iter();
        problems.map(|problem| problem.sentence(&self.origin))
    }
}

impl fmt::Display for ProblemReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.problems.iter().take(MOST_SHOWN) {
            problem.write(f, &self.origin)?;
        }
        match self.problems.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {more} more"),
        }
    }
}

pub(super) fn sort(problems: &mut [Problem]) {
    let begin = |problem: &Problem| problem.place.as_ref().map(|place| place.span.start);
    problems.sort_by_key(|problem| begin(problem).unwrap_or(usize::MAX));
}

/// Quotes a text of the file for a message, cut after 60 characters.
pub(super) fn quote(text: &str) -> String {
    const LONGEST_QUOTED: usize = 60;
    let cut = if text.chars().nth(LONGEST_QUOTED).is_some() {
        "\u{2026}"
    } else {
        ""
    };
    let shown: String = text.chars().take(LONGEST_QUOTED).collect();
    format!("\"{shown}{cut}\"")
}

/// Escapes control characters: a message may contain text of the file, which must not move a terminal's cursor.
fn on_one_line(message: &str) -> String {
    let mut line = String::new();
    for c in message.chars().take(LONGEST) {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}
