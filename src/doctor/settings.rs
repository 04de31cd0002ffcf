//! The settings of a server that a cluster depends on. Knows nothing of how they were asked for.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::finding::{Finding, Id};
use super::report::Report;
use crate::target::{self, Keyword};

/// What `pg_settings` shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, Setting>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    value: String,
    takes: Takes,
}

/// What a change of a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Reload,
    Restart,
}

/// A server, and where it stands.
#[derive(Clone, Debug)]
pub struct Facts {
    /// `server_version_num`.
    pub version: i64,
    /// How many replication slots it has.
    pub slots: i64,
    /// What it is set to.
    pub settings: Settings,
    /// What its node is called, where that is known.
    pub node: Option<String>,
    /// The addresses of its host.
    pub own: Vec<IpAddr>,
    /// The addresses of the other nodes.
    pub others: Vec<IpAddr>,
    /// Whether a cluster manager starts and stops it.
    pub manager: Manager,
    /// How `psql` is told to reach it.
    pub psql: String,
}

/// Who starts and stops a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Pacemaker.
    Pacemaker,
    /// Somebody else.
    Other,
    /// It is not known.
    Unknown,
}

/// The first version whose standbys are configured like everything else (release notes of 12).
const WITHOUT_RECOVERY_CONF: i64 = 120_000;

impl Settings {
    /// Reads rows of `pg_settings` as JSON; one that is not understood is as missing as one that is hidden.
    #[must_use]
    pub fn read(rows: &[String]) -> Self {
        let rows = rows.iter().filter_map(|row| {
            let row: Value = serde_json::from_str(row).ok()?;
            let text = |name: &str| row.get(name).and_then(Value::as_str);
            let takes = match text("context")? {
                "postmaster" => Takes::Restart,
                _ => Takes::Reload,
            };
            let value = text("setting")?.to_owned();
            Some((text("name")?.to_owned(), Setting { value, takes }))
        });
        Self(rows.collect())
    }

    /// The value as `pg_settings` has it; none where it may not be seen, or the version has no such setting.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|setting| setting.value.as_str())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.text(name) == Some(value)
    }
}

impl Facts {
    /// A command that changes a setting.
    fn set(&self, name: &str, value: &str) -> String {
        let psql = &self.psql;
        let change = format!("{psql} -c \"ALTER SYSTEM SET {name} = {value}\"");
        match self.settings.0.get(name).map(|setting| setting.takes) {
            Some(Takes::Restart) => format!("{change}; then restart PostgreSQL"),
            Some(Takes::Reload) | None => format!("{change} -c \"SELECT pg_reload_conf()\""),
        }
    }

    /// A command that adds to `primary_conninfo`, of whose keywords the last counts, without showing what
    /// else is in it: that may be a password.
    fn add_to_conninfo(&self, settings: &str) -> String {
        let psql = &self.psql;
        let sql = format!(
            "SELECT format('ALTER SYSTEM SET primary_conninfo = %L', \
             current_setting('primary_conninfo') || ' {settings}') \\gexec"
        );
        let after = match self.settings.0.get("primary_conninfo").map(|it| it.takes) {
            Some(Takes::Restart) => "; then restart PostgreSQL".to_owned(),
            Some(Takes::Reload) | None => format!("; {psql} -c \"SELECT pg_reload_conf()\""),
        };
        format!("echo \"{sql}\" | {psql}{after}")
    }

    /// Where a standby finds whichever server is the primary, and never itself.
    fn everybody_else(&self) -> String {
        let hosts: Vec<String> = self.others.iter().map(ToString::to_string).collect();
        let hosts = if hosts.is_empty() {
            "OTHER_HOSTS".into()
        } else {
            hosts.join(",")
        };
        let port = self.settings.text("port").unwrap_or("5432");
        format!("host={hosts} port={port} target_session_attrs=read-write")
    }
}

/// Judges all of them.
pub fn judge(facts: &Facts, report: &mut Report) {
    let settings = &facts.settings;
    let mut found = |id, what: String, remedy| report.find(Finding { id, what, remedy });
    if settings.is("hot_standby", "off") {
        let what = "hot_standby is off".into();
        found(Id::HotStandby, what, facts.set("hot_standby", "on"));
    }
    let timeline = settings.text("recovery_target_timeline");
    if let Some(timeline) = timeline.filter(|timeline| !["latest", ""].contains(timeline)) {
        let remedy = facts.set("recovery_target_timeline", "'latest'");
        let what = format!("recovery_target_timeline is {timeline}");
        found(Id::RecoveryTargetTimeline, what, remedy);
    }
    if facts.manager == Manager::Pacemaker && settings.is("restart_after_crash", "on") {
        let what = "restart_after_crash is on, under Pacemaker".into();
        found(
            Id::RestartAfterCrash,
            what,
            facts.set("restart_after_crash", "off"),
        );
    }
    if facts.slots > 0 && settings.is("max_slot_wal_keep_size", "-1") {
        let what = format!(
            "{} replication slots, and max_slot_wal_keep_size is -1",
            facts.slots
        );
        let remedy = facts.set("max_slot_wal_keep_size", "'16GB'");
        found(Id::SlotsUncapped, what, remedy);
    }
    keeps(facts, report);
    conninfo(facts, report);
}

/// Whether a standby that was away finds the WAL that it missed.
fn keeps(facts: &Facts, report: &mut Report) {
    let settings = &facts.settings;
    let kept = [("wal_keep_size", "'1GB'"), ("wal_keep_segments", "64")];
    let kept = kept.into_iter().find(|(name, _)| settings.is(name, "0"));
    let otherwise = facts.slots > 0
        || settings
            .text("primary_slot_name")
            .is_some_and(|slot| !slot.is_empty())
        || !settings.is("archive_mode", "off");
    if let Some((name, value)) = kept.filter(|_| !otherwise) {
        report.find(Finding {
            id: Id::WalKeep,
            what: format!("{name} is 0, without slots and without an archive"),
            remedy: facts.set(name, value),
        });
    }
}

/// Whether it would follow another server, under its own name, and never itself.
fn conninfo(facts: &Facts, report: &mut Report) {
    const THEME: &str = "primary_conninfo";
    let Some(conninfo) = facts.settings.text("primary_conninfo") else {
        report.not_looked_at(
            THEME,
            if facts.version < WITHOUT_RECOVERY_CONF {
                "PostgreSQL before 12 has it in recovery.conf"
            } else {
                "it is for superusers and members of pg_read_all_settings"
            },
        );
        return;
    };
    let name = facts.node.as_deref();
    if conninfo.trim().is_empty() {
        let name = name.unwrap_or("NODE");
        let settings = format!("{} application_name={name}", facts.everybody_else());
        report.find(Finding {
            id: Id::PrimaryConninfoMissing,
            what: "primary_conninfo is empty".into(),
            remedy: facts.set("primary_conninfo", &format!("'{settings}'")),
        });
        return;
    }
    let given = match target::given(conninfo) {
        Ok(given) => given,
        Err(error) => return report.not_looked_at(THEME, &error.to_string()),
    };
    let text = |keyword| given.get(&keyword).map(String::as_str);
    let called = text(Keyword::ApplicationName).or_else(|| cluster_name(facts));
    match name {
        None => report.not_looked_at(
            "application_name",
            "cluster.nodes has no node with an address of this host",
        ),
        Some(name) if called != Some(name) => report.find(Finding {
            id: Id::ApplicationName,
            what: match called {
                Some(other) => format!("a standby here is called {other}, on node {name}"),
                None => format!("primary_conninfo has no application_name={name}"),
            },
            remedy: facts.add_to_conninfo(&format!("application_name={name}")),
        }),
        Some(_) => {}
    }
    let follows_writers = matches!(
        text(Keyword::TargetSessionAttrs),
        Some("read-write" | "primary")
    );
    let own = own_place(
        facts,
        text(Keyword::Host),
        text(Keyword::HostAddr),
        text(Keyword::Port),
    );
    if let Some(place) = own.filter(|_| !follows_writers) {
        report.find(Finding {
            id: Id::PrimaryConninfoOwn,
            what: format!("primary_conninfo leads to {place}, which is this server itself"),
            remedy: facts.add_to_conninfo(&facts.everybody_else()),
        });
    }
}

/// The name that a standby has where `primary_conninfo` gives none, from `PostgreSQL` 12. The agents of Pacemaker
/// do not look at it.
fn cluster_name(facts: &Facts) -> Option<&str> {
    let name = facts.settings.text("cluster_name");
    name.filter(|name| !name.is_empty() && facts.manager != Manager::Pacemaker)
}

/// The first place of a list, as libpq reads one, at which this server itself listens: on its own port; a load
/// balancer of the same host has another.
fn own_place(
    facts: &Facts,
    host: Option<&str>,
    address: Option<&str>,
    port: Option<&str>,
) -> Option<String> {
    let own_port = facts.settings.text("port")?;
    let hosts: Vec<&str> = address.or(host).unwrap_or_default().split(',').collect();
    let ports: Vec<&str> = port.unwrap_or_default().split(',').collect();
    let port_of = |index: usize| match ports.as_slice() {
        [one] => *one,
        several => several.get(index).copied().unwrap_or_default(),
    };
    let places = hosts.iter().enumerate().map(|(index, host)| {
        let port = port_of(index).trim();
        (host.trim(), if port.is_empty() { "5432" } else { port })
    });
    let mut own = places.filter(|(host, port)| *port == own_port && is_own(facts, host));
    let (host, port) = own.next()?;
    let host = if host.is_empty() {
        "the Unix socket"
    } else {
        host
    };
    Some(format!("{host} port {port}"))
}

/// No host is the socket of this one.
fn is_own(facts: &Facts, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.is_loopback() || facts.own.contains(&address);
    }
    let named = facts
        .node
        .as_deref()
        .is_some_and(|name| name.eq_ignore_ascii_case(host));
    host.is_empty() || host.starts_with(['/', '@']) || host == "localhost" || named
}

#[cfg(test)]
mod tests;
