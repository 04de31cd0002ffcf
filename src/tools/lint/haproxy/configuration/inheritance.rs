//! Bounds what sections inherit: each copies the lines of its `defaults`, so that a short file could be read into a large
//! configuration; reads no line.

use std::collections::HashMap;

use crate::tools::lint::haproxy::sections::{ParseError, Section, SectionKind, SectionMistake};

/// The most words that all sections of all readings inherit together.
const MOST_INHERITED: usize = 4_000_000;

/// Refuses sections that inherit more than their share of it.
pub(super) fn bounded(sections: &[Section], readings: usize) -> Result<(), ParseError> {
    let most = MOST_INHERITED.checked_div(readings).unwrap_or(0);
    let (mut last, mut total) = (0_usize, 0_usize);
    let mut named: HashMap<&str, usize> = HashMap::new();
    for section in sections {
        let by_name = |name: &String| named.get(name.as_str()).copied().unwrap_or(0);
        let inherited = match (&section.from, section.kind) {
            (Some(name), _) => by_name(name),
            (None, SectionKind::Frontend | SectionKind::Backend | SectionKind::Listen) => last,
            (
                None,
                SectionKind::Global
                | SectionKind::Defaults
                | SectionKind::Healthcheck
                | SectionKind::Other,
            ) => 0,
        };
        total = total.saturating_add(inherited);
        if total > most {
            return Err(ParseError {
                place: section.place.clone(),
                mistake: SectionMistake::Inherited,
            });
        }
        if section.kind == SectionKind::Defaults {
            let words = section.lines.iter().map(|line| line.words.len());
            last = inherited.saturating_add(words.sum());
            named.insert(&section.name, last);
        }
    }
    Ok(())
}
