//! Turns a configuration text into settings, or into a list of all its wrong values. If the text is not TOML, the list has
//! only the parser's first error. Reads no file.

use std::error::Error;

use toml::de::DeTable;

use super::document::TomlDocument;
use super::model::{Postgres, Settings};
use super::problem::{Problem, ProblemSeverity, Wrong, sort};
use super::text::Text;
use super::{admission, cluster, guard, https, keeper, slots, standby, tables};

/// The settings of a valid text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The settings.
    pub settings: Settings<T>,
    /// What is legal but hardly intended.
    pub warnings: Vec<Problem>,
}

/// Reads a text; `parse_conninfo` reads the value of `postgres.conninfo`, or "" if the text does not set it.
///
/// The errors of `parse_conninfo` are shown to the operator with all their causes, so they must not contain a password.
pub fn parse<T, E: Error>(
    text: &str,
    parse_conninfo: impl Fn(&str) -> Result<T, E>,
) -> Result<Parsed<T>, Vec<Problem>> {
    let text = Text::new(text);
    let root = DeTable::parse(text.as_str()).map_err(|error| vec![syntax_error(&text, &error)])?;
    let mut file = TomlDocument::new(&text, root.get_ref());

    let target = tables::target(&mut file, parse_conninfo);
    let timeout = tables::timeout(&mut file);
    let listen = tables::listen(&mut file);
    let answer = tables::answer(&mut file, timeout);
    let policy = standby::policy(&mut file);
    let http = tables::http(&mut file);
    let metrics = tables::metrics(&mut file);
    let view = tables::view(&mut file);
    let https = https::https(&mut file);
    let cluster = cluster::cluster(&mut file, https.as_ref());
    let admission = admission::admission(&mut file, &listen, &cluster, https.as_ref());
    cluster::nodes_without_documents(&mut file, http.documents, &cluster, &admission.rules);
    let guard = guard::guard(&mut file, &cluster);
    let keeper = keeper::keeper(&mut file);
    let slots = slots::slots(&mut file, &cluster);
    let service = tables::service(&mut file);

    let mut problems = file.finish();
    sort(&mut problems);
    match target {
        Some(target) if !problems.iter().any(is_error) => Ok(Parsed {
            settings: Settings {
                postgres: Postgres { target, timeout },
                listen,
                answer,
                policy,
                http,
                https,
                metrics,
                view,
                admission,
                cluster,
                guard,
                keeper,
                slots,
                service,
            },
            warnings: problems,
        }),
        Some(_) | None => Err(problems),
    }
}

/// Reads bytes as [`parse`] reads a text; bytes that are not UTF-8 are an error.
pub fn parse_bytes<T, E: Error>(
    bytes: &[u8],
    parse_conninfo: impl Fn(&str) -> Result<T, E>,
) -> Result<Parsed<T>, Vec<Problem>> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return parse(text, parse_conninfo),
        Err(error) => error,
    };
    let legible = String::from_utf8_lossy(bytes);
    let mut problems = match parse(&legible, parse_conninfo) {
        Ok(parsed) => parsed.warnings,
        Err(problems) => problems,
    };
    let wrong = Wrong::new(
        "this is not UTF-8",
        "save the file as UTF-8, or with: iconv -f latin1 -t utf-8",
    );
    let text = Text::new(&legible);
    let left_out = legible.len().saturating_sub(text.as_str().len());
    let first = error.valid_up_to().saturating_sub(left_out);
    let replaced = char::REPLACEMENT_CHARACTER.len_utf8();
    let span = first..first.saturating_add(replaced);
    problems.push(Problem::from(wrong).at(text.place(span)));
    sort(&mut problems);
    Err(problems)
}

/// The parser's first mistake; what follows one may be read as something else than was meant.
fn syntax_error(text: &Text<'_>, error: &toml::de::Error) -> Problem {
    let problem = Problem::from(Wrong::new(error.message(), ""));
    problem.at(text.place(error.span().unwrap_or_default()))
}

fn is_error(problem: &Problem) -> bool {
    problem.severity == ProblemSeverity::Error
}
