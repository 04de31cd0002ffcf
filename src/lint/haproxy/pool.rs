//! Sections that lead to `PostgreSQL`, with those that lead to them; knows no rule.

use super::check::Step;
use super::condition::{Counted, Outcome};
use super::configuration::Configuration;
use super::proxy::{Backups, Mode, Proxy, Settings, StateFile};
use super::recognise::is_postgres;
use super::role::{Role, of_check, of_name};
use super::sections::Kind;
use super::server::Server;

/// A section whose servers are `PostgreSQL`'s.
#[derive(Clone, Debug)]
pub(super) struct Pool<'a> {
    pub(super) proxy: &'a Proxy,
    /// The sections that clients connect to, itself where it listens.
    pub(super) entries: Vec<&'a Proxy>,
    /// How its servers are checked: its own way, and those that servers choose by name.
    pub(super) checks: Vec<&'a Settings>,
    pub(super) role: Role,
    pub(super) state_file: StateFile,
}

/// All sections that lead to `PostgreSQL`, in the order of the files.
pub(super) fn pools(configuration: &Configuration) -> Vec<Pool<'_>> {
    let proxies = configuration.proxies.iter();
    let candidates = proxies.filter(|proxy| {
        proxy.settings.mode == Mode::Tcp && !proxy.settings.disabled && !proxy.servers.is_empty()
    });
    candidates
        .filter_map(|proxy| Pool::of(proxy, configuration))
        .collect()
}

impl<'a> Pool<'a> {
    fn of(proxy: &'a Proxy, configuration: &'a Configuration) -> Option<Self> {
        let entries = configuration.proxies.iter().filter(|entry| {
            let routed = entry.settings.leads_to(&proxy.name);
            let is_itself = entry.name == proxy.name && entry.place == proxy.place;
            !entry.settings.disabled
                && ((is_itself && entry.kind == Kind::Listen) || (routed && !is_itself))
        });
        let named = proxy.servers.iter().filter_map(|server| {
            let name = server.parameters.healthcheck.as_ref()?;
            configuration.healthchecks.get(&name.value)
        });
        let mut pool = Self {
            proxy,
            entries: entries.collect(),
            checks: named.collect(),
            role: Role::Unknown,
            state_file: configuration.state_file,
        };
        if proxy
            .servers
            .iter()
            .any(|server| server.parameters.healthcheck.is_none())
        {
            pool.checks.push(&proxy.settings);
        }
        if !is_postgres(&pool) {
            return None;
        }
        pool.role = pool.role();
        Some(pool)
    }

    /// The servers that checks of their own decide about.
    pub(super) fn checked(&self) -> impl Iterator<Item = &'a Server> {
        self.proxy
            .servers
            .iter()
            .filter(|server| server.is_checked())
    }

    /// How many servers get sessions at the same time while all are up.
    pub(super) fn active(&self) -> usize {
        let of = |active: bool| {
            let servers = self.proxy.servers.iter();
            let servers = servers.filter(move |server| {
                server.parameters.disabled.is_none() && server.is_active() == active
            });
            servers.map(|server| server.count).sum::<usize>()
        };
        match of(true) {
            // Without another server it is the first backup, or all of them.
            0 => match self.proxy.settings.backups {
                Backups::First => of(false).min(1),
                Backups::All => of(false),
            },
            active => active,
        }
    }

    /// Where a server's check goes.
    pub(super) fn check_port(&self, server: &Server) -> Option<u16> {
        if let Some(port) = &server.parameters.port {
            return port.value;
        }
        let mut steps = self.checks.iter().flat_map(|check| check.steps());
        let connected = steps.find_map(|step| match step {
            Step::Connect(port) => *port,
            Step::Send(_) | Step::Expect(_) | Step::Other => None,
        });
        connected.or(server.address.port)
    }

    /// Whether nobody new is let in while two servers are up.
    pub(super) fn refuses_while_two_are_up(&self) -> bool {
        let own = [self.proxy].into_iter();
        let refused_here = own.clone().any(|proxy| self.refuses(proxy));
        let entries = self.entries.iter().copied();
        let mut others = entries
            .filter(|entry| !std::ptr::eq(*entry, self.proxy))
            .peekable();
        let listens_itself = self
            .entries
            .iter()
            .any(|entry| std::ptr::eq(*entry, self.proxy));
        let refused_before = others.peek().is_some()
            && others.all(|entry| self.refuses(entry) || self.leads_elsewhere(entry));
        refused_here || (refused_before && !listens_itself)
    }

    fn refuses(&self, at: &Proxy) -> bool {
        let counted = self.counted(at);
        let mut refusals = at.settings.refusals.iter();
        refusals.any(|condition| condition.with_two(counted) == Outcome::Holds)
    }

    /// Whether an entry sends its sessions anywhere else while two servers are up.
    fn leads_elsewhere(&self, entry: &Proxy) -> bool {
        let counted = self.counted(entry);
        for route in &entry.settings.routes {
            let here = route.target == self.proxy.name;
            match (here, route.condition.with_two(counted)) {
                (false, Outcome::Holds) => return true,
                (true, Outcome::Holds | Outcome::Open) => return false,
                (true, Outcome::Fails) | (false, Outcome::Fails | Outcome::Open) => {}
            }
        }
        entry.settings.default_route.as_deref() != Some(&self.proxy.name)
    }

    fn counted<'b>(&'b self, at: &'b Proxy) -> Counted<'b> {
        Counted {
            servers: &self.proxy.name,
            here: std::ptr::eq(at, self.proxy),
            acls: &at.settings.acls,
        }
    }

    fn role(&self) -> Role {
        let port = self.checked().find_map(|server| self.check_port(server));
        let checks = self.checks.iter();
        let checks = checks.map(|check| of_check(check, port));
        let by_check = checks.fold(Role::Unknown, |role, next| role.or(|| next));
        let sends = || {
            let mut servers = self.proxy.servers.iter();
            let sent = servers.find_map(|server| server.parameters.agent_send.as_ref());
            sent.map_or(Role::Unknown, |sent| of_name(&sent.value))
        };
        let entries = || {
            let names = self.entries.iter().map(|entry| of_name(&entry.name));
            names.fold(Role::Unknown, |role, next| role.or(|| next))
        };
        by_check
            .or(sends)
            .or(|| of_name(&self.proxy.name))
            .or(entries)
    }
}

#[cfg(test)]
mod tests;
