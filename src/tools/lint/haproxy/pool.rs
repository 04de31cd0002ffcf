//! Finds the sections that lead to `PostgreSQL`, with the sections that lead to them; knows no rule.

use super::check::Step;
use super::condition::{CountedServers, UnknownCriteria};
use super::configuration::Configuration;
use super::proxy::{Backups, Layer, Passes, Proxy, ProxySettings, StateFile};
use super::role::{SessionOrigin, of_check, of_name};
use super::sections::SectionKind;
use super::server::ServerLine;
use super::table::{ServerOutcome, Table};

/// The longest chain of `track` that is followed.
const TRACKED: u8 = 8;

/// A section with `PostgreSQL` servers.
#[derive(Clone, Debug)]
pub(super) struct Pool<'a> {
    pub(super) proxy: &'a Proxy,
    /// The sections that clients connect to, including itself if it listens.
    pub(super) entries: Vec<&'a Proxy>,
    /// The checks of its servers: its own, and those that servers select by name.
    pub(super) checks: Vec<&'a ProxySettings>,
    pub(super) role: SessionOrigin,
    pub(super) state_file: StateFile,
    configuration: &'a Configuration,
}

impl<'a> Pool<'a> {
    fn raw(proxy: &'a Proxy, configuration: &'a Configuration) -> Self {
        Self {
            proxy,
            entries: Vec::new(),
            checks: Vec::new(),
            role: SessionOrigin::Unknown,
            state_file: configuration.state_file,
            configuration,
        }
    }

    /// A section of servers with what leads to it, before anybody knows whether they are `PostgreSQL`'s.
    pub(super) fn gathered(proxy: &'a Proxy, configuration: &'a Configuration) -> Self {
        let entries = configuration.proxies.iter().filter(|entry| {
            let routed = entry.settings.leads_to(&proxy.name);
            let is_itself = entry.name == proxy.name && entry.place == proxy.place;
            !entry.settings.disabled
                && ((is_itself && entry.kind == SectionKind::Listen) || (routed && !is_itself))
        });
        let named = proxy.servers.iter().filter_map(|server| {
            let name = server.parameters.healthcheck.as_ref()?;
            configuration.healthchecks.get(&name.value)
        });
        let mut pool = Self {
            entries: entries.collect(),
            checks: named.collect(),
            ..Self::raw(proxy, configuration)
        };
        if proxy
            .servers
            .iter()
            .any(|server| server.parameters.healthcheck.is_none())
        {
            pool.checks.push(&proxy.settings);
        }
        pool
    }

    /// The same with what its sessions are for.
    pub(super) fn with_role(self) -> Self {
        let role = self.role();
        Self { role, ..self }
    }

    /// The servers that have a check of their own.
    pub(super) fn checked(&self) -> impl Iterator<Item = &'a ServerLine> {
        self.proxy
            .servers
            .iter()
            .filter(|server| server.is_checked())
    }

    /// The number of servers that get sessions at the same time while all are up.
    pub(super) fn active(&self) -> usize {
        let of = |active: bool| {
            let servers = self.proxy.servers.iter();
            let servers = servers.filter(move |server| {
                server.parameters.disabled.is_none() && server.is_active() == active
            });
            servers.map(|server| server.count).sum::<usize>()
        };
        match of(true) {
            // Without an active server the first backup gets the sessions, or all backups do.
            0 => match self.proxy.settings.backups {
                Backups::First => of(false).min(1),
                Backups::All => of(false),
            },
            active => active,
        }
    }

    /// The port to which a server's check connects.
    pub(super) fn check_port(&self, server: &ServerLine) -> Option<u16> {
        let steps = self.check_of(server).map(ProxySettings::steps);
        let mut steps = steps.unwrap_or_default().iter();
        let connected = steps.find_map(|step| match step {
            Step::Connect(port) => *port,
            Step::Send(_) | Step::Expect(_) | Step::Other => None,
        });
        let set = || server.parameters.port.as_ref().map(|port| port.value);
        connected.or_else(|| set().unwrap_or(server.address.port))
    }

    /// The check of a server.
    pub(super) fn check_of(&self, server: &ServerLine) -> Option<&'a ProxySettings> {
        match &server.parameters.healthcheck {
            Some(name) => self.configuration.healthchecks.get(&name.value),
            None => Some(&self.proxy.settings),
        }
    }

    /// The result of a server's own check in each case.
    pub(super) fn table(&self, server: &ServerLine) -> Table {
        match self.check_of(server) {
            Some(check) => Table::of_check(check, server, self.check_port(server)),
            None => Table::all(ServerOutcome::Unknown(
                "there is no healthcheck section of that name",
            )),
        }
    }

    /// The state of a server in each case, from its check, its agent-check, or the server that it tracks.
    pub(super) fn fate(&self, server: &ServerLine) -> Table {
        self.fate_within(server, TRACKED)
    }

    fn fate_within(&self, server: &ServerLine, depth: u8) -> Table {
        if let Some(track) = &server.parameters.track {
            let tracked = depth.checked_sub(1).and_then(|depth| {
                let (proxy, name) = match track.value.split_once('/') {
                    Some((proxy, name)) => (proxy, name),
                    None => (self.proxy.name.as_str(), track.value.as_str()),
                };
                let mut proxies = self.configuration.proxies.iter();
                let proxy =
                    proxies.find(|other| other.name == proxy && !other.servers.is_empty())?;
                let other = proxy.servers.iter().find(|other| other.name == name)?;
                let there = Self::raw(proxy, self.configuration);
                Some(there.fate_within(other, depth))
            });
            let none = Table::all(ServerOutcome::Unknown(
                "the server that it tracks does not exist",
            ));
            return tracked.unwrap_or(none);
        }
        let checked = if server.parameters.check.is_some() {
            self.table(server)
        } else {
            Table::all(ServerOutcome::Up)
        };
        checked.with_agent(server)
    }

    /// Whether every new session is rejected while two servers are up.
    pub(super) fn refuses_while_two_are_up(&self) -> bool {
        !self.can_be_reached(2)
    }

    /// Whether the rules let any session through to the servers while this many of them are up.
    pub(super) fn can_be_reached(&self, up: u64) -> bool {
        if self.entries.is_empty() {
            return UnknownCriteria::can(|unknown| !self.rejects(self.proxy, up, unknown));
        }
        let mut entries = self.entries.iter().copied();
        entries.any(|entry| {
            UnknownCriteria::can(|unknown| {
                let itself = std::ptr::eq(entry, self.proxy);
                !self.rejects(entry, up, unknown)
                    && (itself
                        || self.leads_here(entry, up, unknown)
                            && !self.rejects(self.proxy, up, unknown))
            })
        })
    }

    fn rejects(&self, at: &Proxy, up: u64, unknown: &mut UnknownCriteria) -> bool {
        let counted = self.counted(at);
        Layer::ALL.into_iter().any(|layer| {
            let mut rules = at.settings.requests.iter();
            let first = rules
                .find(|rule| rule.layer == layer && rule.condition.holds(counted, up, unknown));
            first.is_some_and(|rule| rule.verdict == Passes::Rejected)
        })
    }

    /// Whether an entry sends a session to this section.
    fn leads_here(&self, entry: &Proxy, up: u64, unknown: &mut UnknownCriteria) -> bool {
        let counted = self.counted(entry);
        for route in &entry.settings.routes {
            if route.condition.holds(counted, up, unknown) {
                if route.can_lead_to(&self.proxy.name) {
                    return true;
                }
                // If no section has the computed name, the session goes to the default.
                if !route.is_computed() {
                    return false;
                }
            }
        }
        entry.settings.default_route.as_deref() == Some(&self.proxy.name)
    }

    fn counted<'b>(&'b self, at: &'b Proxy) -> CountedServers<'b> {
        CountedServers {
            servers: &self.proxy.name,
            here: std::ptr::eq(at, self.proxy),
            acls: &at.settings.acls,
        }
    }

    fn role(&self) -> SessionOrigin {
        let port = self.checked().find_map(|server| self.check_port(server));
        let checks = self.checks.iter();
        let checks = checks.map(|check| of_check(check, port));
        let by_check = checks.fold(SessionOrigin::Unknown, |role, next| role.or(|| next));
        let sends = || {
            let mut servers = self.proxy.servers.iter();
            let sent = servers.find_map(|server| server.parameters.agent_send.as_ref());
            sent.map_or(SessionOrigin::Unknown, |sent| of_name(&sent.value))
        };
        let entries = || {
            let names = self.entries.iter().map(|entry| of_name(&entry.name));
            names.fold(SessionOrigin::Unknown, |role, next| role.or(|| next))
        };
        self.table_role()
            .or(|| by_check)
            .or(sends)
            .or(|| self.name_role())
            .or(entries)
    }

    /// The role by the tables of the checks, which take precedence over words in checks and names.
    pub(super) fn table_role(&self) -> SessionOrigin {
        let servers = self.checked();
        let mut servers: Vec<&ServerLine> = servers.collect();
        servers.sort_by_key(|server| server.parameters.backup.is_some());
        let mut roles = servers.into_iter().map(|server| self.table(server).role());
        roles
            .find(|role| *role != SessionOrigin::Unknown)
            .unwrap_or(SessionOrigin::Unknown)
    }

    /// The role by the section's name.
    pub(super) fn name_role(&self) -> SessionOrigin {
        of_name(&self.proxy.name)
    }
}

#[cfg(test)]
mod tests;
