//! Collects all sections with the settings that they inherit, for each outcome of the conditions of `.if`; judges
//! nothing.
//!
//! - `index`: sections by their names and by where they lead.
//! - `inheritance`: how much they inherit together.

use std::collections::HashMap;

mod index;
mod inheritance;

use super::branches::Supposed;
use super::proxy::Proxy;
use super::sections::{ParseError, Section, SectionKind, SectionMistake, SourceFile, sections};
use super::settings::{ProxySettings, StateFile};
use index::Index;

/// With more conditions than this, the lines after the further ones are read for both outcomes at once.
const MOST_CONDITIONS: usize = 4;

/// The configuration that one or more files form.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The names of the files, in the order given.
    pub(super) files: Vec<String>,
    /// What `HAProxy` may read of the files; at least one.
    pub(super) readings: Vec<Reading>,
    /// Whether there are more conditions than are told apart.
    pub(super) conditions: Conditions,
}

/// Whether every outcome of every condition was read on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conditions {
    ToldApart,
    TooMany,
}

/// What is read of the files with certain outcomes of the conditions of `.if`.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) supposed: Supposed,
    pub(super) proxies: Vec<Proxy>,
    /// Whether `global` sets a file for `load-server-state-from-file`.
    pub(super) state_file: StateFile,
    /// The `healthcheck` sections, which servers select by name.
    pub(super) healthchecks: HashMap<String, ProxySettings>,
    pub(super) index: Index,
    /// How many readings there are of the files.
    pub(super) readings: usize,
}

impl Configuration {
    /// Reads files as one configuration, in the order in which `HAProxy` would read them.
    pub fn read(sources: &[SourceFile]) -> Result<Self, ParseError> {
        let nothing = Supposed::default();
        let all = sections(sources, &nothing)?;
        let mut known = all.conditions.clone();
        known.truncate(MOST_CONDITIONS);
        let mut readings = if known.is_empty() {
            vec![Reading::of(all.list, nothing, 1)?]
        } else {
            each_outcome(sources, &known)?
        };
        let count = readings.len();
        for reading in &mut readings {
            reading.readings = count;
        }
        let conditions = if known.len() == all.conditions.len() {
            Conditions::ToldApart
        } else {
            Conditions::TooMany
        };
        Ok(Self {
            files: sources.iter().map(|source| source.name.clone()).collect(),
            readings,
            conditions,
        })
    }
}

/// The readings for all outcomes. `HAProxy` refuses the file where one has an error, so that one is left out, unless
/// all have errors.
fn each_outcome(sources: &[SourceFile], conditions: &[String]) -> Result<Vec<Reading>, ParseError> {
    let mut readings = Vec::new();
    let mut refused = None;
    for number in 0..1_u32 << conditions.len() {
        let supposed = Supposed::numbered(conditions, number);
        let read = sections(sources, &supposed);
        match read.and_then(|sections| Reading::of(sections.list, supposed, 1 << conditions.len()))
        {
            Ok(reading) => readings.push(reading),
            // HAProxy does not refuse this one.
            Err(error) if error.mistake == SectionMistake::Inherited => return Err(error),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match refused {
        Some(error) if readings.is_empty() => Err(error),
        Some(_) | None => Ok(readings),
    }
}

impl Reading {
    fn of(sections: Vec<Section>, supposed: Supposed, readings: usize) -> Result<Self, ParseError> {
        inheritance::bounded(&sections, readings)?;
        let mut read = Self {
            supposed,
            ..Self::default()
        };
        let mut defaults = Defaults::default();
        let mut prefix = String::new();
        for section in sections {
            match section.kind {
                SectionKind::Global => {
                    let words = section.lines.iter().filter_map(|line| line.words.first());
                    if words
                        .into_iter()
                        .any(|word| word.starts_with("server-state-"))
                    {
                        read.state_file = StateFile::Read;
                    }
                    if let Some(written) = unix_prefix(&section) {
                        written.clone_into(&mut prefix);
                    }
                }
                SectionKind::Defaults => defaults.read(&section)?,
                SectionKind::Frontend | SectionKind::Backend | SectionKind::Listen => {
                    let settings = defaults.of(&section)?;
                    read.proxies.push(Proxy::read(&section, settings, &prefix));
                }
                SectionKind::Healthcheck => {
                    let settings = healthcheck(&section);
                    read.healthchecks.insert(section.name, settings);
                }
                SectionKind::Other => {}
            }
        }
        read.index = Index::of(&read.proxies, read.healthchecks.values());
        Ok(read)
    }
}

/// The folder of `unix-bind prefix` in `global`.
fn unix_prefix(section: &Section) -> Option<&str> {
    let lines = section.lines.iter().rev();
    let mut binds = lines.filter(|line| line.words.first().is_some_and(|word| word == "unix-bind"));
    binds.find_map(|line| {
        let at = line.words.iter().position(|word| word == "prefix")?;
        line.words.get(at.saturating_add(1)).map(String::as_str)
    })
}

/// The `defaults` sections: each applies until the next, and by its name to sections that refer to it.
#[derive(Debug, Default)]
struct Defaults {
    last: ProxySettings,
    named: HashMap<String, ProxySettings>,
    /// The settings without any `defaults`.
    none: ProxySettings,
}

impl Defaults {
    fn read(&mut self, section: &Section) -> Result<(), ParseError> {
        let mut settings = match section.from {
            Some(_) => self.of(section)?.inherited(),
            None => self.none.inherited(),
        };
        for line in &section.lines {
            settings.read(line);
        }
        if !section.name.is_empty() {
            self.named.insert(section.name.clone(), settings.clone());
        }
        self.last = settings;
        Ok(())
    }

    fn of(&self, section: &Section) -> Result<&ProxySettings, ParseError> {
        let Some(name) = &section.from else {
            return Ok(&self.last);
        };
        self.named.get(name).ok_or_else(|| ParseError {
            place: section.place.clone(),
            mistake: SectionMistake::Defaults(name.clone()),
        })
    }
}

/// Reads a `healthcheck` section of 3.4: its `type` takes the arguments of `option`.
fn healthcheck(section: &Section) -> ProxySettings {
    let mut settings = ProxySettings::default();
    for line in &section.lines {
        let mut line = line.clone();
        if let Some(first) = line.words.first_mut().filter(|first| *first == "type") {
            "option".clone_into(first);
        }
        settings.read(&line);
    }
    settings
}

#[cfg(test)]
mod tests;
