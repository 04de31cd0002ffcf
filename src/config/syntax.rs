//! What of a text is TOML, and what is not; knows no key.
//!
//! The parser goes on behind a mistake, but not always, and then leaves out what follows. So the
//! lines with mistakes are blanked, which moves nothing, and the rest is read again.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Wrong};
use super::text::Text;

/// How often a text is read again before the rest of it is given up.
const MOST_ROUNDS: usize = 50;

/// A text of which only valid TOML is left, in its old places.
pub(super) struct Legible {
    pub(super) text: String,
    pub(super) problems: Vec<Problem>,
}

impl Legible {
    pub(super) fn new(text: &Text<'_>) -> Self {
        let mut legible = text.as_str().to_owned();
        let mut told = ReportedMistakes::default();
        for _ in 0..MOST_ROUNDS {
            let Some(broken) = broken_lines(text, &legible, &mut told) else {
                return Self {
                    text: legible,
                    problems: told.problems,
                };
            };
            legible = blanked(&legible, &broken);
        }
        Self {
            text: String::new(),
            problems: told.problems,
        }
    }
}

/// The mistakes that were told; the first of a line tends to be the cause of its others.
#[derive(Default)]
struct ReportedMistakes {
    lines: BTreeSet<usize>,
    problems: Vec<Problem>,
}

impl ReportedMistakes {
    fn tell(&mut self, text: &Text<'_>, span: Range<usize>, mistake: &SyntaxMistake) {
        if self.lines.insert(text.line_around(span.start).start) {
            let problem = Problem::from(mistake.wrong());
            self.problems.push(problem.at(text.place(span)));
        }
    }
}

/// Tells the mistakes of a text and finds where the lines begin that hold them; none where there is
/// no mistake.
fn broken_lines(
    text: &Text<'_>,
    legible: &str,
    told: &mut ReportedMistakes,
) -> Option<BTreeSet<usize>> {
    let (root, errors) = DeTable::parse_recoverable(legible);
    let mut mistakes: Vec<_> = errors.iter().map(SyntaxMistake::from).collect();
    mistakes.sort_by_key(|mistake| mistake.span.start);
    let first = mistakes.first()?;
    let mut broken = BTreeSet::new();

    let open = mistakes.iter().find(|mistake| mistake.leaves_open());
    let culprit = open.and_then(|open| {
        let mut values = root.get_ref().values();
        values.find_map(|value| value_at(value, open.span.end))
    });
    // What follows from something left open is no mistake of its own, but for its very line.
    let trusted = match (open, &culprit) {
        (None, _) => text.as_str().len(),
        (Some(_), Some(culprit)) => culprit.start,
        (Some(_), None) => first.span.start,
    };
    for mistake in mistakes.iter().filter(|m| m.span.start <= trusted) {
        let at = mistake.span.start;
        told.tell(text, mistake.span.clone(), mistake);
        let mut values = root.get_ref().values();
        let value = values.find_map(|value| value_at(value, at));
        broken.extend(spoilt_by(text, at, value));
    }
    if let (Some(open), Some(culprit)) = (open, culprit) {
        let line = text.line_around(culprit.start);
        let mut inside = mistakes.iter().filter(|m| !m.leaves_open());
        match inside.find(|m| line.contains(&m.span.start) || line.end == m.span.start) {
            Some(cause) => told.tell(text, cause.span.clone(), cause),
            None => told.tell(text, culprit.start..culprit.start.saturating_add(1), open),
        }
        broken.extend(section(text, culprit.start));
    }
    Some(broken)
}

/// The lines that mean nothing because of a mistake: behind a broken table header, up to the next
/// one; within a value, all of it.
fn spoilt_by(text: &Text<'_>, at: usize, value: Option<Range<usize>>) -> Vec<usize> {
    let line = text.line_around(at);
    let shown = text.as_str().get(line.clone()).unwrap_or_default();
    let blank = shown.len().saturating_sub(shown.trim_start().len());
    let begin = line.start.saturating_add(blank);
    let is_header =
        shown.trim_start().starts_with('[') && value.as_ref().is_none_or(|v| v.start == begin);
    match value {
        _ if is_header => section(text, at),
        Some(value) => text.lines_of(value),
        None => vec![line.start],
    }
}

/// Where the lines begin from here up to the next table header.
fn section(text: &Text<'_>, at: usize) -> Vec<usize> {
    let mut lines = text.lines_of(at..text.as_str().len()).into_iter();
    let first = lines.next();
    let is_header = |start: usize| {
        let rest = text.as_str().get(start..).unwrap_or_default();
        rest.trim_start_matches([' ', '\t']).starts_with('[')
    };
    let rest = lines.take_while(|start| !is_header(*start));
    first.into_iter().chain(rest).collect()
}

/// The text with spaces for the lines that begin at `broken`.
fn blanked(text: &str, broken: &BTreeSet<usize>) -> String {
    let mut start = 0;
    let mut blanked = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if broken.contains(&start) {
            let spaces = line.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' });
            blanked.extend(spaces);
        } else {
            blanked.push_str(line);
        }
        start = start.saturating_add(line.len());
    }
    blanked
}

/// What the parser says, in its words.
struct SyntaxMistake {
    span: Range<usize>,
    message: String,
}

impl From<&toml::de::Error> for SyntaxMistake {
    fn from(error: &toml::de::Error) -> Self {
        Self {
            span: error.span().unwrap_or_default(),
            message: error.message().to_owned(),
        }
    }
}

impl SyntaxMistake {
    /// Whether an end is missing, so that the text behind it was taken for something else.
    fn leaves_open(&self) -> bool {
        let starts = [
            "unclosed array,",
            "unclosed inline table",
            "invalid multi-line",
        ];
        starts.iter().any(|start| self.message.starts_with(start))
    }

    /// The commonest mistakes in the words of this program, the others in the parser's.
    fn wrong(&self) -> Wrong {
        let (message, expected) = match self.message.split_once(", expected ") {
            Some((message, expected)) => (message, format!("expected {expected}")),
            None => (self.message.as_str(), String::new()),
        };
        match message {
            "string values must be quoted" if self.span.is_empty() => {
                Wrong::new("the value is missing", "write one behind the \"=\"")
            }
            "string values must be quoted" => {
                Wrong::new("this is no value", "put a text in quotes, as in \"2s\"")
            }
            "duplicate key" => Wrong::new("this was set before", "leave only one of the two"),
            "unclosed array" => Wrong::new("this array is not closed", "put \"]\" at its end"),
            _ => Wrong::new(message, expected),
        }
    }
}

/// The outermost array, text or table that reaches from before `at` up to it or beyond.
fn value_at(value: &Spanned<DeValue<'_>>, at: usize) -> Option<Range<usize>> {
    let span = value.span();
    if (span.start..=span.end).contains(&at) {
        return Some(span);
    }
    match value.get_ref() {
        DeValue::Array(items) => items.iter().find_map(|item| value_at(item, at)),
        DeValue::Table(table) => table.values().find_map(|item| value_at(item, at)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}
