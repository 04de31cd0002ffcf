//! Parses a section that listens or has servers; judges nothing.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::address::{Address, comparable};
use super::sections::{Line, Section, SectionKind};
use super::server::ServerLine;
use super::settings::ProxySettings;
use crate::tools::lint::FileLine;

/// An address on which a section listens.
#[derive(Clone, Debug)]
pub(super) struct Listen {
    /// The host, empty for every address, with the interface or the namespace if one is written.
    pub(super) host: String,
    pub(super) ports: RangeInclusive<u16>,
    pub(super) place: FileLine,
}

impl Listen {
    /// Parses one address of a `bind` line, and the words after it; `None` if it has no port that is known.
    fn read(written: &str, rest: &[String], place: &FileLine) -> Option<Self> {
        let (host, ports) = written.rsplit_once(':')?;
        let (low, high) = ports.split_once('-').unwrap_or((ports, ports));
        let mut host = comparable(host);
        if matches!(host.as_str(), "*" | "0.0.0.0") {
            host = String::new();
        }
        for pair in rest.windows(2) {
            if let [keyword @ ("interface" | "namespace"), value] =
                [pair.first()?.as_str(), pair.last()?.as_str()]
            {
                host.extend([" ", keyword, " ", value]);
            }
        }
        Some(Self {
            host,
            ports: low.parse().ok()?..=high.parse().ok()?,
            place: place.clone(),
        })
    }

    /// Whether a server at this address is this listener, as far as the files tell.
    pub(super) fn is_at(&self, host: &str, port: Option<u16>) -> bool {
        let is_local = host.starts_with("127.");
        let is_same = self.host == host || (self.host.is_empty() && is_local);
        is_same && port.is_some_and(|port| self.ports.contains(&port))
    }

    /// Whether both have a port in common. A listener on one address and one on every address are told apart by the
    /// kernel.
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        let common = self.ports.start().max(other.ports.start());
        self.host == other.host && common <= self.ports.end().min(other.ports.end())
    }
}

/// A `frontend`, `backend` or `listen` section.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    pub(super) kind: SectionKind,
    pub(super) name: String,
    pub(super) place: FileLine,
    pub(super) binds: Vec<Address>,
    /// The same addresses as they are written.
    pub(super) listens: Vec<Listen>,
    pub(super) servers: Vec<ServerLine>,
    pub(super) settings: ProxySettings,
    /// How many words its rules for sessions have, with those of the ACLs that they name.
    pub(super) steps: u64,
    /// The numbers of its servers, by their names.
    named: HashMap<String, usize>,
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
            listens: section
                .bind
                .iter()
                .filter_map(|bind| Listen::read(bind, &[], &section.place))
                .collect(),
            servers: Vec::new(),
            settings: defaults.inherited(),
            steps: 0,
            named: HashMap::new(),
        };
        for line in &section.lines {
            proxy.line(line);
        }
        for (at, server) in proxy.servers.iter().enumerate() {
            proxy.named.entry(server.name.clone()).or_insert(at);
        }
        proxy.steps = proxy.settings.rule_steps();
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
                self.binds.extend(addresses.clone().map(Address::read));
                let rest = line.words.get(2..).unwrap_or_default();
                let listens = addresses.filter_map(|it| Listen::read(it, rest, &line.place));
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
