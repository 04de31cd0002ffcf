//! Parses a section that listens or has servers; judges nothing.

use super::address::Address;
use super::sections::{Line, Section, SectionKind};
use super::server::ServerLine;
use super::settings::ProxySettings;
use crate::tools::lint::FileLine;

/// A `frontend`, `backend` or `listen` section.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    pub(super) kind: SectionKind,
    pub(super) name: String,
    pub(super) place: FileLine,
    pub(super) binds: Vec<Address>,
    pub(super) servers: Vec<ServerLine>,
    pub(super) settings: ProxySettings,
}

impl Proxy {
    /// Reads a section that inherits these settings.
    pub(super) fn read(section: &Section, defaults: &ProxySettings) -> Self {
        let mut proxy = Self {
            kind: section.kind,
            name: section.name.clone(),
            place: section.place.clone(),
            binds: section
                .bind
                .iter()
                .map(|bind| Address::read(bind))
                .collect(),
            servers: Vec::new(),
            settings: defaults.inherited(),
        };
        for line in &section.lines {
            proxy.line(line);
        }
        proxy
    }

    fn line(&mut self, line: &Line) {
        match line.words.first().map(String::as_str) {
            Some("server" | "server-template") => {
                let server = ServerLine::read(line, &self.settings.servers);
                self.servers.extend(server);
            }
            Some("bind") => {
                let addresses = line.words.get(1).into_iter();
                let addresses = addresses.flat_map(|addresses| addresses.split(','));
                self.binds.extend(addresses.map(Address::read));
            }
            _ => self.settings.read(line),
        }
    }

    /// Whether it has servers, or another place to which its sessions go.
    pub(super) fn forwards(&self) -> bool {
        !self.servers.is_empty() || self.settings.past_servers().is_some()
    }

    /// Where its sessions go: its servers, or the address of `dispatch`.
    pub(super) fn addresses(&self) -> impl Iterator<Item = Address> {
        let past = self.settings.past_servers().into_iter();
        let past = past.map(|past| Address::read(&past.value));
        let servers = self.servers.iter();
        servers.map(|server| server.address.clone()).chain(past)
    }
}
