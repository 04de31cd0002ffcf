//! Splits files into sections of lines, read as one configuration in the order given (`haproxy -f a -f b`); knows
//! only the keywords that begin a section.

use std::sync::Arc;

use thiserror::Error;

use super::branches::{BranchError, Branches, Passage, Supposed};
use super::words::{QuotingError, words};
use crate::tools::lint::FileLine;

/// A configuration file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The name of the file in findings.
    pub name: String,
    /// The content of the file.
    pub text: String,
}

/// An error in a file, and its place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {mistake}")]
pub struct ParseError {
    /// The line with the error.
    pub place: FileLine,
    /// The error.
    pub mistake: SectionMistake,
}

/// The kinds of errors in a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SectionMistake {
    /// The line cannot be split into words.
    #[error(transparent)]
    Words(#[from] QuotingError),
    /// Conditional blocks are not balanced.
    #[error(transparent)]
    Branch(#[from] BranchError),
    /// A line before the first section.
    #[error("{0:?} is outside any section")]
    Outside(String),
    /// A section that needs a name and has none.
    #[error("the section {0} has no name")]
    Nameless(&'static str),
    /// A name that `HAProxy` does not accept.
    #[error("{0:?} is not a valid name of a section")]
    Name(String),
    /// A reference to a `defaults` section that does not exist.
    #[error("there is no defaults section {0:?}")]
    Defaults(String),
    /// The sections up to this one inherit more than is read.
    #[error("the sections up to this one inherit more lines from defaults than are read")]
    Inherited,
}

/// The kind of a section, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionKind {
    Global,
    Defaults,
    Frontend,
    Backend,
    Listen,
    Healthcheck,
    /// Any other section; it forwards no sessions.
    Other,
}

impl SectionKind {
    /// Whether its lines decide about sessions and checks. Of `global` only the file of the servers' state does.
    fn directs_sessions(self) -> bool {
        match self {
            Self::Defaults | Self::Frontend | Self::Backend | Self::Listen | Self::Healthcheck => {
                true
            }
            Self::Global | Self::Other => false,
        }
    }
}

/// A section with its lines.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) kind: SectionKind,
    /// Empty if it has no name.
    pub(super) name: String,
    /// The name of the `defaults` section that it inherits from.
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

/// The sections of all files, and the conditions of which nothing was supposed.
#[derive(Debug, Default)]
pub(super) struct Sections {
    pub(super) list: Vec<Section>,
    pub(super) conditions: Vec<String>,
}

/// Reads the sections of all files, with these outcomes of the conditions of `.if`.
pub(super) fn sections(
    sources: &[SourceFile],
    supposed: &Supposed,
) -> Result<Sections, ParseError> {
    let mut sections = Sections::default();
    for source in sources {
        for condition in read(source, supposed, &mut sections.list)? {
            if !sections.conditions.contains(&condition) {
                sections.conditions.push(condition);
            }
        }
    }
    Ok(sections)
}

fn read(
    source: &SourceFile,
    supposed: &Supposed,
    sections: &mut Vec<Section>,
) -> Result<Vec<String>, ParseError> {
    let file: Arc<str> = source.name.as_str().into();
    let place = |line: usize| FileLine {
        file: Arc::clone(&file),
        line,
    };
    let wrong = |line: usize, mistake: SectionMistake| ParseError {
        place: place(line),
        mistake,
    };
    // Each file begins outside any section, whatever the previous file ended with.
    let mut current: Option<Section> = None;
    let mut branches = Branches::new(supposed);
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
            branches.matters();
        } else if let Some(section) = &mut current {
            if section.kind.directs_sessions() || first.starts_with("server-state-") {
                branches.matters();
            }
            section.lines.push(Line {
                place: place(number),
                words,
            });
        } else {
            return Err(wrong(number, SectionMistake::Outside(first.clone())));
        }
    }
    sections.extend(current);
    match branches.unclosed() {
        Some(line) => Err(wrong(line, BranchError::NoEnd.into())),
        None => Ok(branches.conditions()),
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
    // What is in a variable is not known.
    if needs_name && !name.contains("${") && !name.chars().all(permitted) {
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
