//! Finds the sections that lead to `PostgreSQL`, with the sections that lead to them; knows no rule.

//!
//! - `track`: whose checks decide about a server.
//! - `reach`: whether sessions reach the servers.

mod reach;
mod track;

use super::budget::{Budget, Extent, most_steps, steps};
use super::check::Exchange;
use super::configuration::Reading;
use super::proxy::Proxy;
use super::role::{SessionOrigin, of_check, of_name};
use super::sections::SectionKind;
use super::server::{CheckTarget, ServerLine};
use super::settings::{ProxySettings, StateFile};
use super::table::{ServerOutcome, Table};
use crate::tools::lint::FileLine;
pub(super) use reach::lets_through;

/// A section with `PostgreSQL` servers.
#[derive(Clone, Debug)]
pub(super) struct Pool<'a> {
    pub(super) proxy: &'a Proxy,
    /// The sections that clients connect to, including itself if it listens.
    pub(super) entries: Vec<&'a Proxy>,
    /// The checks that its servers have themselves: its own, and those that servers select by name.
    pub(super) checks: Vec<&'a ProxySettings>,
    pub(super) role: SessionOrigin,
    pub(super) state_file: StateFile,
    pub(super) extent: Extent,
    reading: &'a Reading,
}

impl<'a> Pool<'a> {
    /// A section of servers with what leads to it, before anybody knows whether they are `PostgreSQL`'s.
    ///
    /// If it takes more steps than are left, only its servers and its name count.
    pub(super) fn gathered(proxy: &'a Proxy, reading: &'a Reading, budget: &mut Budget) -> Self {
        let mut pool = Self {
            proxy,
            entries: Vec::new(),
            checks: Vec::new(),
            role: SessionOrigin::Unknown,
            state_file: reading.state_file,
            extent: budget.take(steps(proxy, reading)),
            reading,
        };
        if pool.extent == Extent::Beyond {
            return pool;
        }
        let mut leading = reading.index.leading_to(&proxy.name);
        leading.extend(reading.index.named(&proxy.name));
        let entries = leading.into_iter().filter_map(|at| reading.proxies.get(at));
        pool.entries = entries
            .filter(|entry| {
                let is_itself = entry.name == proxy.name && entry.place == proxy.place;
                let leads = if is_itself {
                    entry.kind == SectionKind::Listen
                } else {
                    entry.name != proxy.name || entry.settings.leads_to(&proxy.name)
                };
                !entry.settings.disabled && entry.kind != SectionKind::Backend && leads
            })
            .collect();
        let named = proxy.servers.iter().filter_map(|server| {
            let name = server.parameters.healthcheck.as_ref()?;
            reading.healthchecks.get(&name.value)
        });
        pool.checks = named.collect();
        let mut servers = proxy.servers.iter();
        if servers.any(|server| server.parameters.healthcheck.is_none()) {
            pool.checks.push(&proxy.settings);
        }
        pool
    }

    /// The same with what its sessions are for.
    pub(super) fn with_role(self) -> Self {
        let role = match self.extent {
            Extent::Evaluated => self.role(),
            Extent::Beyond => self.name_role(),
        };
        Self { role, ..self }
    }

    /// How many steps all sections may take.
    pub(super) fn most_steps(&self) -> u64 {
        most_steps(self.reading)
    }

    /// All sections of the files that are not disabled.
    pub(super) fn proxies(&self) -> impl Iterator<Item = &'a Proxy> {
        let proxies = self.reading.proxies.iter();
        proxies.filter(|proxy| !proxy.settings.disabled)
    }

    /// The sections whose clients may come to a section, with itself.
    pub(super) fn fronts(&self, proxy: &'a Proxy) -> Vec<&'a Proxy> {
        let leading = self.reading.index.leading_to(&proxy.name).into_iter();
        let leading = leading.filter_map(|at| self.reading.proxies.get(at));
        leading.chain([proxy]).collect()
    }

    /// How many addresses the files have, of listeners and of servers.
    pub(super) fn count_addresses(&self) -> usize {
        self.reading.index.addresses
    }

    /// The servers that have a check of their own.
    pub(super) fn checked(&self) -> impl Iterator<Item = &'a ServerLine> {
        self.proxy
            .servers
            .iter()
            .filter(|server| server.is_checked())
    }

    /// The servers about which some check decides: their own, or that of the server that they track.
    pub(super) fn judged(&self) -> impl Iterator<Item = &'a ServerLine> {
        let servers = self.proxy.servers.iter();
        servers.filter(|server| server.is_checked() || server.parameters.track.is_some())
    }

    /// The check that decides about a server.
    pub(super) fn check_of(&self, server: &'a ServerLine) -> Option<&'a ProxySettings> {
        self.source(server)?.check
    }

    /// The connections of the check that decides about a server, and where each goes.
    pub(super) fn connections(&self, server: &'a ServerLine) -> Vec<(Exchange<'a>, CheckTarget)> {
        let Some(source) = self.source(server) else {
            return Vec::new();
        };
        let steps = source.check.and_then(ProxySettings::steps);
        let exchanges = match steps {
            Some(steps) => steps.exchanges(),
            None => vec![Exchange::default()],
        };
        let exchanges = exchanges.into_iter();
        exchanges
            .map(|exchange| {
                let target = source.server.checked_at(exchange.connect);
                (exchange, target)
            })
            .collect()
    }

    /// The port to which the first connection of a server's check goes.
    pub(super) fn check_port(&self, server: &'a ServerLine) -> Option<u16> {
        let connections = self.connections(server);
        connections.first().and_then(|(_, target)| target.port)
    }

    /// Whether a connection of a server's check goes to this port.
    pub(super) fn asks_port(&self, server: &'a ServerLine, port: u16) -> bool {
        let connections = self.connections(server);
        let mut targets = connections.iter().map(|(_, target)| target);
        targets.any(|target| target.port == Some(port))
    }

    /// The result of the check alone that decides about a server, in each case.
    pub(super) fn table(&self, server: &'a ServerLine) -> Table {
        let Some(source) = self.source(server) else {
            return Table::all(ServerOutcome::Unknown(
                "the server that it tracks does not exist",
            ));
        };
        match source.check {
            _ if source.server.parameters.check.is_none() => Table::all(ServerOutcome::Up),
            Some(check) => Table::of_check(check, source.server),
            None => Table::all(ServerOutcome::Unknown(
                "there is no healthcheck section of that name",
            )),
        }
    }

    /// The state of a server in each case, from the check and the agent-check that decide about it.
    pub(super) fn fate(&self, server: &'a ServerLine) -> Table {
        let table = self.table(server);
        match self.source(server) {
            Some(source) => table.with_agent(source.server),
            None => table,
        }
    }

    /// The line of the agent-check that decides about a server.
    pub(super) fn agent(&self, server: &'a ServerLine) -> Option<&'a FileLine> {
        self.source(server)?.server.parameters.agent_check.as_ref()
    }

    /// Whether a check decides about a server, beside an agent-check.
    pub(super) fn has_check(&self, server: &'a ServerLine) -> bool {
        self.source(server)
            .is_some_and(|source| source.server.parameters.check.is_some())
    }

    /// Whether a server is up until its first check. One that tracks another begins as that one does.
    pub(super) fn begins_up(&self, server: &'a ServerLine) -> bool {
        let source = self.source(server).map_or(server, |source| source.server);
        let state = source.parameters.init_state.as_ref();
        let down = state.is_some_and(|state| matches!(state.value.as_str(), "down" | "fully-down"));
        !down && source.parameters.disabled.is_none() && server.parameters.disabled.is_none()
    }

    fn role(&self) -> SessionOrigin {
        let sends = || {
            let servers = self.proxy.servers.iter();
            let sent = servers.filter_map(|server| server.parameters.view_line());
            SessionOrigin::agreed(sent.map(of_name))
        };
        let entries = || {
            let names = self.entries.iter().map(|entry| of_name(&entry.name));
            names.fold(SessionOrigin::Unknown, |role, next| role.or(|| next))
        };
        let written = || {
            let checks = self.checks.iter().map(|check| of_check(check, None));
            checks.fold(SessionOrigin::Unknown, |role, next| role.or(|| next))
        };
        self.check_role()
            .or(written)
            .or(sends)
            .or(|| self.name_role())
            .or(entries)
    }

    /// The role by the checks alone: by their tables, which take precedence, or by words in them. Readers may have the
    /// primary as their last server.
    pub(super) fn check_role(&self) -> SessionOrigin {
        let is_backup = |server: &ServerLine| server.parameters.backup.is_some();
        let (backups, mut servers): (Vec<&ServerLine>, Vec<_>) =
            self.judged().partition(|server| is_backup(server));
        // A backup has sessions only while no other server is up, so its check does not say whose they are.
        if servers.is_empty() {
            servers = backups;
        }
        let tables = servers.iter().map(|server| self.table(server).role());
        let by_table = tables.fold(SessionOrigin::Unknown, |role, next| role.or(|| next));
        let by_words = || {
            let words = servers.iter().map(|server| {
                let check = self.check_of(server);
                let port = self.check_port(server);
                check.map_or(SessionOrigin::Unknown, |check| of_check(check, port))
            });
            words.fold(SessionOrigin::Unknown, |role, next| role.or(|| next))
        };
        by_table.or(by_words)
    }

    /// The role of the active servers by their checks and agent-checks together, if all have the same.
    pub(super) fn fate_role(&self) -> SessionOrigin {
        let servers = self.judged().filter(|server| server.is_active());
        SessionOrigin::agreed(servers.map(|server| self.fate(server).role()))
    }

    /// The role by the section's name.
    pub(super) fn name_role(&self) -> SessionOrigin {
        of_name(&self.proxy.name)
    }
}

#[cfg(test)]
mod tests;
