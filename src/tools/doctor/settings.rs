//! Judges the settings of a server that a cluster depends on; opens no connection.
//!
//! - `conninfo`: which server it follows as a standby, and under which name.

mod conninfo;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::postgres::{MAJORS, recovery_target};

/// The rows of `pg_settings`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSettings(BTreeMap<String, ServerSetting>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct ServerSetting {
    value: String,
    takes: Takes,
}

/// What a change of a setting requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Reload,
    Restart,
}

/// A server's settings, with the facts about the server and its cluster that they depend on.
#[derive(Clone, Debug)]
pub struct SettingsFacts {
    /// `server_version_num`.
    pub version: i64,
    /// The number of its replication slots.
    pub slots: i64,
    /// Its settings.
    pub settings: ServerSettings,
    /// The name of its node, if it is known.
    pub node: Option<String>,
    /// The addresses of its host.
    pub own: Vec<IpAddr>,
    /// The addresses of the other nodes.
    pub others: Vec<IpAddr>,
    /// The manager that starts and stops it.
    pub manager: Manager,
    /// The `psql` command with the options that connect it to the server.
    pub psql: String,
}

/// A row of `pg_settings`.
#[derive(Deserialize)]
struct SettingRow {
    name: String,
    setting: String,
    context: String,
}

/// The manager that starts and stops a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Pacemaker.
    Pacemaker,
    /// Another manager, or none.
    Other,
    /// The manager is not known.
    Unknown,
}

impl ServerSettings {
    /// Reads rows of `pg_settings` as JSON. A row that cannot be read is left out, like a setting that is hidden.
    #[must_use]
    pub fn read(rows: &[String]) -> Self {
        let rows = rows.iter().filter_map(|row| {
            let row: SettingRow = serde_json::from_str(row).ok()?;
            let takes = match row.context.as_str() {
                "postmaster" => Takes::Restart,
                _ => Takes::Reload,
            };
            let value = row.setting;
            Some((row.name, ServerSetting { value, takes }))
        });
        Self(rows.collect())
    }

    /// The value as `pg_settings` shows it; `None` if it is hidden or the version has no such setting.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|setting| setting.value.as_str())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.text(name) == Some(value)
    }
}

impl SettingsFacts {
    /// A command that changes the setting.
    fn set(&self, name: &str, value: &str) -> String {
        let psql = &self.psql;
        let change = format!("{psql} -c \"ALTER SYSTEM SET {name} = {value}\"");
        match self.settings.0.get(name).map(|setting| setting.takes) {
            Some(Takes::Restart) => format!("{change}; then restart PostgreSQL"),
            Some(Takes::Reload) | None => format!("{change} -c \"SELECT pg_reload_conf()\""),
        }
    }
}

/// Judges all settings.
pub fn judge(facts: &SettingsFacts, report: &mut Report) {
    let settings = &facts.settings;
    let mut found = |id, what: String, remedy| report.find(HostFinding { id, what, remedy });
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
    // Those that the server does not have are not among its settings.
    for name in recovery_target::all(*MAJORS.start()) {
        if let Some(value) = settings.text(name).filter(|value| !value.is_empty()) {
            let what = format!("{name} is {value}");
            found(Id::RecoveryTarget, what, facts.set(name, "''"));
        }
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
    conninfo::judge(facts, report);
}

/// Whether the WAL is kept that a disconnected standby needs.
fn keeps(facts: &SettingsFacts, report: &mut Report) {
    let settings = &facts.settings;
    let kept = [("wal_keep_size", "'1GB'"), ("wal_keep_segments", "64")];
    let kept = kept.into_iter().find(|(name, _)| settings.is(name, "0"));
    let otherwise = facts.slots > 0
        || settings
            .text("primary_slot_name")
            .is_some_and(|slot| !slot.is_empty())
        || !settings.is("archive_mode", "off");
    if let Some((name, value)) = kept.filter(|_| !otherwise) {
        report.find(HostFinding {
            id: Id::WalKeep,
            what: format!("{name} is 0, without slots and without an archive"),
            remedy: facts.set(name, value),
        });
    }
}

#[cfg(test)]
mod tests;
