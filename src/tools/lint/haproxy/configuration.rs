//! Collects all sections with the settings that they inherit; judges nothing.

use std::collections::HashMap;

use super::proxy::{Proxy, ProxySettings, StateFile};
use super::sections::{ParseError, Section, SectionKind, SectionMistake, SourceFile, sections};

/// The configuration that one or more files form.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The names of the files, in the order given.
    pub(super) files: Vec<String>,
    pub(super) proxies: Vec<Proxy>,
    /// Whether `global` sets a file for `load-server-state-from-file`.
    pub(super) state_file: StateFile,
    /// The `healthcheck` sections, which servers select by name.
    pub(super) healthchecks: HashMap<String, ProxySettings>,
}

impl Configuration {
    /// Reads files as one configuration, in the order in which `HAProxy` would read them.
    pub fn read(sources: &[SourceFile]) -> Result<Self, ParseError> {
        let mut read = Self {
            files: sources.iter().map(|source| source.name.clone()).collect(),
            proxies: Vec::new(),
            state_file: StateFile::None,
            healthchecks: HashMap::new(),
        };
        let mut defaults = Defaults::default();
        for section in sections(sources)? {
            match section.kind {
                SectionKind::Global => {
                    let words = section.lines.iter().filter_map(|line| line.words.first());
                    if words
                        .into_iter()
                        .any(|word| word.starts_with("server-state-"))
                    {
                        read.state_file = StateFile::Read;
                    }
                }
                SectionKind::Defaults => defaults.read(&section)?,
                SectionKind::Frontend | SectionKind::Backend | SectionKind::Listen => {
                    let settings = defaults.of(&section)?;
                    read.proxies.push(Proxy::read(&section, settings));
                }
                SectionKind::Healthcheck => {
                    let settings = healthcheck(&section);
                    read.healthchecks.insert(section.name, settings);
                }
                SectionKind::Other => {}
            }
        }
        Ok(read)
    }
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
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tools::lint::haproxy::server::{ServerLine, WrittenValue};

    fn configuration(files: &[&str]) -> Configuration {
        let sources: Vec<SourceFile> = files
            .iter()
            .map(|text| SourceFile {
                name: "x".to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        Configuration::read(&sources).unwrap()
    }

    fn seconds(setting: Option<&WrittenValue<Option<Duration>>>) -> Option<u64> {
        Some(setting?.value?.as_secs())
    }

    #[test]
    fn the_last_defaults_hold_over_files_and_reset_what_was_before() {
        let read = configuration(&[
            "defaults\n timeout client 1s\n timeout check 9s\ndefaults\n timeout client 2s\nlisten a\n",
            "listen b\n timeout client 3s\n",
        ]);
        let [a, b] = read.proxies.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(seconds(a.settings.timeouts.client.as_ref()), Some(2));
        assert_eq!(seconds(a.settings.timeouts.check.as_ref()), None);
        assert_eq!(seconds(b.settings.timeouts.client.as_ref()), Some(3));
    }

    #[test]
    fn defaults_are_chosen_and_built_on_by_name() {
        let read = configuration(&[
            "defaults base\n timeout client 1s\n timeout server 1s\ndefaults more from base\n timeout server 2s\n\
             defaults\n timeout client 9s\nbackend a from more\nbackend b\n",
        ]);
        let [a, b] = read.proxies.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(seconds(a.settings.timeouts.client.as_ref()), Some(1));
        assert_eq!(seconds(a.settings.timeouts.server.as_ref()), Some(2));
        assert_eq!(seconds(b.settings.timeouts.client.as_ref()), Some(9));
    }

    #[test]
    fn a_check_of_its_own_replaces_that_of_the_defaults() {
        let read = configuration(&[
            "defaults\n option tcp-check\n tcp-check connect\n tcp-check expect string a\n\
             listen a\n tcp-check expect string b\nlisten b\n",
        ]);
        let steps = |index: usize| read.proxies[index].settings.steps().len();
        assert_eq!((steps(0), steps(1)), (1, 2));
    }

    #[test]
    fn default_server_holds_for_the_lines_behind_it() {
        let read =
            configuration(&["listen a\n server a h:1\n default-server check\n server b h:1\n"]);
        let checked: Vec<bool> = read.proxies[0]
            .servers
            .iter()
            .map(ServerLine::is_checked)
            .collect();
        assert_eq!(checked, [false, true]);
    }

    #[test]
    fn unknown_defaults_are_refused() {
        let source = SourceFile {
            name: "x".to_owned(),
            text: "\nlisten a from b\n".to_owned(),
        };
        let error = Configuration::read(&[source]).unwrap_err();
        assert_eq!(error.to_string(), "x:2: there is no defaults section \"b\"");
    }
}
