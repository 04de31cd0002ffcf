//! Parses a section that listens or has servers; judges nothing.

use std::collections::HashMap;

use super::address::{Address, Socket};
use super::sections::{Line, Section, SectionKind};
use super::server::ServerLine;
use super::settings::ProxySettings;
use crate::tools::lint::FileLine;

/// An address on which a section listens.
#[derive(Clone, Debug)]
pub(super) struct Listen {
    pub(super) socket: Socket,
    /// The interface and the namespace, if they are written.
    device: String,
    pub(super) place: FileLine,
}

impl Listen {
    /// Parses one address of a `bind` line, and the words after it; `None` if it is for datagrams or of an unknown form.
    fn read(written: &str, rest: &[String], prefix: &str, place: &FileLine) -> Option<Self> {
        let options = rest.iter().map(String::as_str);
        let socket = Socket::read(written)?.bound(options).below(prefix);
        let mut device = String::new();
        for pair in rest.windows(2) {
            if let [keyword @ ("interface" | "namespace"), value] =
                [pair.first()?.as_str(), pair.last()?.as_str()]
            {
                device.extend([" ", keyword, " ", value]);
            }
        }
        Some(Self {
            socket,
            device,
            place: place.clone(),
        })
    }

    /// Whether a session that comes from this host itself can get to it.
    pub(super) fn is_open_to_host(&self) -> bool {
        self.device.is_empty()
    }

    /// Whether another listener has the same address.
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        self.device == other.device && self.socket.is_shared_with(&other.socket)
    }

    /// Its port, or the first of its ports, if that is known.
    pub(super) fn first_port(&self) -> Option<u16> {
        self.socket.ports().map(|ports| *ports.start())
    }
}

/// A `frontend`, `backend` or `listen` section.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    pub(super) kind: SectionKind,
    pub(super) name: String,
    pub(super) place: FileLine,
    pub(super) listens: Vec<Listen>,
    pub(super) servers: Vec<ServerLine>,
    pub(super) settings: ProxySettings,
    /// How many words its rules for sessions have, with those of the ACLs that they name.
    pub(super) steps: u64,
    /// The numbers of its servers, by their names.
    named: HashMap<String, usize>,
}

impl Proxy {
    /// Reads a section that inherits these settings. `prefix` is that of `unix-bind`.
    pub(super) fn read(section: &Section, defaults: &ProxySettings, prefix: &str) -> Self {
        let mut proxy = Self {
            kind: section.kind,
            name: section.name.clone(),
            place: section.place.clone(),
            listens: section
                .bind
                .iter()
                .filter_map(|bind| Listen::read(bind, &[], prefix, &section.place))
                .collect(),
            servers: Vec::new(),
            settings: defaults.inherited(),
            steps: 0,
            named: HashMap::new(),
        };
        for line in &section.lines {
            proxy.line(line, prefix);
        }
        for (at, server) in proxy.servers.iter().enumerate() {
            proxy.named.entry(server.name.clone()).or_insert(at);
        }
        proxy.steps = proxy.settings.rule_steps();
        proxy
    }

    fn line(&mut self, line: &Line, prefix: &str) {
        match line.words.first().map(String::as_str) {
            Some("server" | "server-template") => {
                let server = ServerLine::read(line, &self.settings.servers);
                self.servers.extend(server);
            }
            Some("bind") => {
                let addresses = line.words.get(1).into_iter();
                let addresses = addresses.flat_map(|addresses| addresses.split(','));
                let rest = line.words.get(2..).unwrap_or_default();
                let listens =
                    addresses.filter_map(|it| Listen::read(it, rest, prefix, &line.place));
                self.listens.extend(listens);
            }
            _ => self.settings.read(line),
        }
    }

    /// The server of this name, or the template that makes it.
    pub(super) fn server(&self, name: &str) -> Option<&ServerLine> {
        let by_name = self.named.get(name).and_then(|at| self.servers.get(*at));
        let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let by_prefix = || {
            // The name of a template may end in digits too.
            let ends = prefix.len()..name.len();
            let mut prefixes = ends.filter_map(|end| name.get(..end));
            prefixes.find_map(|prefix| self.servers.get(*self.named.get(prefix)?))
        };
        let server = by_name.or_else(by_prefix)?;
        server.is_called(name).then_some(server)
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
