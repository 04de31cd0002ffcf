//! Sections that lead to `PostgreSQL`, with those that lead to them; knows no rule.
//!
//! A section of servers is about `PostgreSQL` if it passes bytes on (`mode tcp`), is not checked by the
//! protocol of something else, and any of this holds: `pgsql-check`, or a check for a role; a server, or a
//! listener in front of it, on a port of `PostgreSQL` or a pooler; a name that says so.

use super::address::Address;
use super::check::{Kind as CheckKind, Step};
use super::condition::{Counted, Outcome};
use super::configuration::Configuration;
use super::proxy::{Mode, Proxy, Settings, StateFile};
use super::role::{Role, asks_for_a_role, of_check, of_name};
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

/// Where the daemon of this project answers.
const STATE: u16 = 5431;

/// Names in which these stand are about something beside `PostgreSQL`.
const BESIDE: &[&str] = &["pgadmin", "pghero", "pgweb", "postgrest", "exporter"];

/// Ports of what stands beside it, whatever the section is called.
const OTHER_PORTS: &[u16] = &[80, 443, 2379, 3306, 6379, 8080, 8443, 9187, 27017];

/// `SELECT pg_is_in_recovery()` and the first message of a client, in hexadecimal.
const SPOKEN: &[&str] = &["70675f69735f696e5f7265636f76657279", "00030000"];

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
            let routed = entry
                .settings
                .routes
                .iter()
                .any(|route| route.target == proxy.name);
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
        if pool.speaks_something_else() || !pool.is_postgres() {
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
                super::proxy::Backups::First => of(false).min(1),
                super::proxy::Backups::All => of(false),
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
        true
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

    fn speaks_something_else(&self) -> bool {
        let mut checks = self.checks.iter();
        checks.any(|check| check.check == CheckKind::Foreign)
    }

    fn is_postgres(&self) -> bool {
        let servers = || self.proxy.servers.iter();
        let is_checked_so = self.checks.iter().any(|check| {
            let speaks = check.steps().iter().any(|step| match step {
                Step::Send(sent) => {
                    let sent = sent.to_lowercase();
                    SPOKEN.iter().any(|spoken| sent.contains(spoken))
                }
                Step::Connect(_) | Step::Expect(_) | Step::Other => false,
            });
            speaks || matches!(check.check, CheckKind::Postgres(_)) || asks_for_a_role(check)
        });
        let asks_the_daemon = servers().any(|server| self.check_port(server) == Some(STATE));
        let mut listeners = self.entries.iter().flat_map(|entry| &entry.binds);
        is_checked_so
            || asks_the_daemon
            || servers().any(|server| is_port(&server.address))
            || listeners.any(is_port)
            || self.is_called_so()
    }

    fn is_called_so(&self) -> bool {
        let names = || {
            let entries = self.entries.iter().map(|entry| &entry.name);
            entries
                .chain([&self.proxy.name])
                .map(|name| name.to_lowercase())
        };
        let other = |server: &Server| {
            let port = server.address.port;
            port.is_some_and(|port| OTHER_PORTS.contains(&port))
        };
        let beside = names().any(|name| BESIDE.iter().any(|word| name.contains(word)));
        !beside && !self.proxy.servers.iter().all(other) && names().any(|name| says_postgres(&name))
    }
}

fn says_postgres(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphabetic());
    ["postgres", "pgsql", "pgbouncer", "patroni", "odyssey"]
        .iter()
        .any(|word| name.contains(word))
        || words.any(|word| word.starts_with("pg") || word == "psql")
}

/// 5432 and 6432, and what people count up from them; Supavisor's.
fn is_port(address: &Address) -> bool {
    matches!(address.port, Some(5432..=5439 | 6432..=6439 | 6543))
}

#[cfg(test)]
mod tests;
