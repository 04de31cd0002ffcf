//! Files as sections of lines, read as one configuration in the order given (`haproxy -f a -f b`); knows
//! the keywords that begin a section, and no other.

use std::sync::Arc;

use thiserror::Error;

use super::branches::{BranchError, Branches, Passage};
use super::words::{QuotingError, words};
use crate::tools::lint::FileLine;

/// A file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// As findings are to name it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Why a file is no configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {mistake}")]
pub struct ParseError {
    /// The first line that makes no sense.
    pub place: FileLine,
    /// What it lacks.
    pub mistake: SectionMistake,
}

/// What makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SectionMistake {
    /// The line cannot be cut into words.
    #[error(transparent)]
    Words(#[from] QuotingError),
    /// Conditional blocks do not fit together.
    #[error(transparent)]
    Branch(#[from] BranchError),
    /// A line in front of every section.
    #[error("{0:?} stands in no section")]
    Outside(String),
    /// A section without its name.
    #[error("the section {0} has no name")]
    Nameless(&'static str),
    /// A name that `HAProxy` takes for none.
    #[error("{0:?} is no name of a section")]
    Name(String),
    /// A name of `defaults` that there is none of.
    #[error("there is no section defaults {0:?}")]
    Defaults(String),
}

/// A section's kind, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionKind {
    Global,
    Defaults,
    Frontend,
    Backend,
    Listen,
    Healthcheck,
    /// Any that leads no session anywhere.
    Other,
}

/// A section with its lines.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) kind: SectionKind,
    /// Empty where it needs none.
    pub(super) name: String,
    /// Whose settings it begins with.
    pub(super) from: Option<String>,
    /// Where it listens, as versions before 2 have it on the first line.
    pub(super) bind: Option<String>,
    pub(super) place: FileLine,
    pub(super) lines: Vec<Line>,
}

/// A line with at least one word.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) place: FileLine,
    pub(super) words: Vec<String>,
}

/// Keywords that begin a section (Configuration Manual, up to 3.4).
const SECTIONS: &[(&str, SectionKind)] = &[
    ("global", SectionKind::Global),
    ("defaults", SectionKind::Defaults),
    ("frontend", SectionKind::Frontend),
    ("backend", SectionKind::Backend),
    ("listen", SectionKind::Listen),
    ("healthcheck", SectionKind::Healthcheck),
    ("acme", SectionKind::Other),
    ("cache", SectionKind::Other),
    ("crt-store", SectionKind::Other),
    ("fcgi-app", SectionKind::Other),
    ("http-errors", SectionKind::Other),
    ("log-forward", SectionKind::Other),
    ("log-profile", SectionKind::Other),
    ("mailers", SectionKind::Other),
    ("peers", SectionKind::Other),
    ("program", SectionKind::Other),
    ("resolvers", SectionKind::Other),
    ("ring", SectionKind::Other),
    ("traces", SectionKind::Other),
    ("userlist", SectionKind::Other),
];

/// The sections of all files.
pub(super) fn sections(sources: &[SourceFile]) -> Result<Vec<Section>, ParseError> {
    let mut sections = Vec::new();
    for source in sources {
        read(source, &mut sections)?;
    }
    Ok(sections)
}

fn read(source: &SourceFile, sections: &mut Vec<Section>) -> Result<(), ParseError> {
    let file: Arc<str> = source.name.as_str().into();
    let place = |line: usize| FileLine {
        file: Arc::clone(&file),
        line,
    };
    let wrong = |line: usize, mistake: SectionMistake| ParseError {
        place: place(line),
        mistake,
    };
    // A file begins outside every section, whatever the one before it ended in.
    let mut current: Option<Section> = None;
    let mut branches = Branches::default();
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    for (number, line) in (1..).zip(text.lines()) {
        let words = words(line).map_err(|error| wrong(number, error.into()))?;
        let Some(first) = words.first() else {
            continue;
        };
        let passage = branches
            .pass(&words, number)
            .map_err(|error| wrong(number, error.into()))?;
        if passage == Passage::Skipped {
            continue;
        }
        if let Some(kind) = SECTIONS.iter().find(|(word, _)| word == first) {
            let begun = begin(*kind, &words, place(number));
            let begun = begun.map_err(|mistake| wrong(number, mistake))?;
            sections.extend(current.replace(begun));
        } else if let Some(section) = &mut current {
            section.lines.push(Line {
                place: place(number),
                words,
            });
        } else {
            return Err(wrong(number, SectionMistake::Outside(first.clone())));
        }
    }
    sections.extend(current);
    match branches.open() {
        Some(line) => Err(wrong(line, BranchError::NoEnd.into())),
        None => Ok(()),
    }
}

fn begin(
    (word, kind): (&'static str, SectionKind),
    words: &[String],
    place: FileLine,
) -> Result<Section, SectionMistake> {
    let mut rest = words.iter().skip(1).map(String::as_str).peekable();
    let name = rest.next_if(|next| *next != "from").unwrap_or_default();
    let needs_name = match kind {
        SectionKind::Frontend
        | SectionKind::Backend
        | SectionKind::Listen
        | SectionKind::Healthcheck => true,
        SectionKind::Global | SectionKind::Defaults | SectionKind::Other => false,
    };
    if needs_name && name.is_empty() {
        return Err(SectionMistake::Nameless(word));
    }
    let permitted = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if needs_name && !name.chars().all(permitted) {
        return Err(SectionMistake::Name(name.to_owned()));
    }
    let bind = rest.next_if(|next| *next != "from");
    let from = rest.nth(1);
    Ok(Section {
        kind,
        name: name.to_owned(),
        from: from.map(str::to_owned),
        bind: bind.map(str::to_owned),
        place,
        lines: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
