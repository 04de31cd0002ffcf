//! Evaluates whether sessions reach the servers of a section while some of them are up (`be_usable_srv` and
//! `process_server_rules` in `HAProxy`'s sources); knows no check.

use super::Pool;
use crate::tools::lint::haproxy::condition::{Combinations, Counted, Possible, UnknownCriteria};
use crate::tools::lint::haproxy::proxy::Proxy;
use crate::tools::lint::haproxy::sections::SectionKind;
use crate::tools::lint::haproxy::server::ServerLine;
use crate::tools::lint::haproxy::session_rules::{Passes, Side};
use crate::tools::lint::haproxy::settings::Backups;

/// With more servers than this, not every number of them is tried.
const MOST: u64 = 64;

/// How many servers are up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) struct Up {
    pub(in crate::tools::lint::haproxy) active: u64,
    pub(in crate::tools::lint::haproxy) backup: u64,
    /// Those with `weight 0`, which only `use-server` and `stick` reach.
    pub(in crate::tools::lint::haproxy) weightless: u64,
}

impl<'a> Pool<'a> {
    /// The servers that are up if these are. Disabled servers never are.
    pub(in crate::tools::lint::haproxy) fn up(&self, is_up: impl Fn(&'a ServerLine) -> bool) -> Up {
        let count = |is_counted: &dyn Fn(&ServerLine) -> bool| {
            let servers = self.proxy.servers.iter();
            let servers = servers.filter(|server| {
                server.parameters.disabled.is_none() && is_counted(server) && is_up(server)
            });
            let count: usize = servers.map(|server| server.count).sum();
            u64::try_from(count).unwrap_or(u64::MAX)
        };
        let is_backup = |server: &ServerLine| server.parameters.backup.is_some();
        Up {
            active: count(&|server| !server.is_weightless() && !is_backup(server)),
            backup: count(&|server| !server.is_weightless() && is_backup(server)),
            weightless: count(&ServerLine::is_weightless),
        }
    }

    /// What `nbsrv` counts: the backups only if no other server is up.
    pub(in crate::tools::lint::haproxy) fn counted(&self, up: Up) -> u64 {
        match (up.active, self.proxy.settings.backups) {
            (0, Backups::First) => up.backup.min(1),
            (0, Backups::All) => up.backup,
            (active, _) => active,
        }
    }

    /// The number of servers that get new sessions.
    fn receivers(&self, up: Up) -> u64 {
        let settings = &self.proxy.settings;
        let mut servers = self.proxy.servers.iter();
        if !settings.choices.is_empty() || !settings.sticks.is_empty() {
            // `use-server` and `stick` reach every server that is not down, backups too.
            up.active
                .saturating_add(up.backup)
                .saturating_add(up.weightless)
        } else if settings.balance == "first"
            && servers.all(|server| server.parameters.maxconn.is_none())
        {
            self.counted(up).min(1)
        } else {
            self.counted(up)
        }
    }

    /// The number of servers that can have sessions: those that get new ones, and one that got them before a server that
    /// is preferred to it came back. `on-marked-up shutdown-backup-sessions` ends those of backups.
    fn holders(&self, up: Up) -> u64 {
        let mut active = self
            .proxy
            .servers
            .iter()
            .filter(|server| server.is_active());
        let ends = active.all(|server| {
            let marked_up = server.parameters.on_marked_up.as_ref();
            marked_up.is_some_and(|what| what.value == "shutdown-backup-sessions")
        });
        let held = match (up.active, ends) {
            (0, _) => up.backup,
            (active, true) => active,
            (active, false) => active.saturating_add(up.backup),
        };
        held.max(self.receivers(up))
    }

    /// Whether any server can get new sessions if all are up.
    pub(in crate::tools::lint::haproxy) fn has_receivers(&self) -> bool {
        self.receivers(self.up(|_| true)) > 0
    }

    /// Whether two servers can get new sessions at the same time if all that claim to be the primary are up.
    pub(in crate::tools::lint::haproxy) fn shares_sessions(&self) -> bool {
        self.receivers(self.up(|_| true)) > 1
    }

    /// Whether two servers have sessions at the same time.
    pub(in crate::tools::lint::haproxy) fn reaches_two(&self) -> Possible {
        let all = self.up(|_| true);
        let mut counts = Vec::new();
        for active in numbers(all.active) {
            for backup in numbers(all.backup) {
                let up = Up {
                    active,
                    backup,
                    weightless: all.weightless,
                };
                let count = self.counted(up);
                if self.holders(up) > 1 && !counts.contains(&count) {
                    counts.push(count);
                }
            }
        }
        let outcomes = counts.into_iter().map(|count| self.can_be_reached(count));
        outcomes.fold(Possible::No, Possible::or)
    }

    /// Whether the rules let any session through to the servers while this many of them count as up.
    pub(in crate::tools::lint::haproxy) fn can_be_reached(&self, count: u64) -> Possible {
        let mut servers = vec![(self.proxy.name.as_str(), count)];
        servers.extend(self.tracked().map(|tracked| (tracked.name.as_str(), count)));
        if self.entries.is_empty() {
            let side = match self.proxy.kind {
                SectionKind::Backend => Side::Backend,
                SectionKind::Frontend
                | SectionKind::Listen
                | SectionKind::Global
                | SectionKind::Defaults
                | SectionKind::Healthcheck
                | SectionKind::Other => Side::Frontend,
            };
            return UnknownCriteria::can(|unknown| {
                passed(self.proxy, side, &Combinations::all(), &servers, unknown)
            });
        }
        let entries = self.entries.iter().copied();
        let outcomes = entries.map(|entry| {
            UnknownCriteria::can(|unknown| {
                lets_through(entry, self.proxy, &Combinations::all(), &servers, unknown)
            })
        });
        outcomes.fold(Possible::No, Possible::or)
    }
}

/// In which of the combinations `within` a session of one section's clients gets to the servers of another one, which
/// may be the same.
pub(in crate::tools::lint::haproxy) fn lets_through(
    entry: &Proxy,
    target: &Proxy,
    within: &Combinations,
    servers: &[(&str, u64)],
    unknown: &mut UnknownCriteria,
) -> Combinations {
    let itself = std::ptr::eq(entry, target);
    let comes = passed(entry, Side::Frontend, within, servers, unknown);
    let led = led(entry, &target.name, itself, &comes, servers, unknown);
    if itself {
        return led;
    }
    passed(target, Side::Backend, &led, servers, unknown)
}

/// In which of the combinations `within` the rules on one side of a section reject no session.
fn passed(
    at: &Proxy,
    side: Side,
    within: &Combinations,
    servers: &[(&str, u64)],
    unknown: &mut UnknownCriteria,
) -> Combinations {
    let counted = counted(at, servers);
    let mut passed = within.clone();
    for layer in side.layers() {
        let rules = at.settings.requests.iter();
        // The sessions that no rule has decided about.
        let mut left = passed.clone();
        for rule in rules.filter(|rule| rule.layer == *layer) {
            if left.is_empty() {
                break;
            }
            let decided = rule.condition.holds(&left, counted, unknown);
            left = left.without(&decided);
            if rule.verdict == Passes::Rejected {
                passed = passed.without(&decided);
            }
        }
    }
    passed
}

/// In which of the combinations `within` a section sends a session to the section of this name, which may be itself.
fn led(
    entry: &Proxy,
    target: &str,
    itself: bool,
    within: &Combinations,
    servers: &[(&str, u64)],
    unknown: &mut UnknownCriteria,
) -> Combinations {
    let counted = counted(entry, servers);
    let (mut left, mut led) = (within.clone(), Combinations::none());
    for route in &entry.settings.routes {
        if left.is_empty() {
            return led;
        }
        let taken = route.condition.holds(&left, counted, unknown);
        if route.can_lead_to(target) {
            led = led.or(&taken);
            left = left.without(&taken);
        } else if !route.is_computed() {
            // If no section has the computed name, the session goes to the default.
            left = left.without(&taken);
        }
    }
    let by_default = match entry.settings.default_target() {
        Some(default) => default == target,
        None => itself,
    };
    if by_default { led.or(&left) } else { led }
}

fn counted<'b>(at: &'b Proxy, servers: &'b [(&'b str, u64)]) -> Counted<'b> {
    Counted {
        here: &at.name,
        servers,
        acls: &at.settings.acls,
    }
}

/// Every number of servers up to all of them.
fn numbers(all: u64) -> impl Iterator<Item = u64> {
    (0..=all.min(MOST)).chain((all > MOST).then_some(all))
}
