//! Reads `[slots]`: which replication slots `pgsql-state keeper` has on every node, and how long they hold WAL. Knows no server.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::de::DeValue;

use super::document::TomlDocument;
use super::keys::{ALSO, CAP, DAEMON_USER, KEEP_ABSENT, MODE, PREFIX, SLOTS_ROLE};
use super::model::ClusterSettings;
use super::problem::{Wrong, quote};
use super::slot_settings::{SlotMode, SlotSettings};
use super::values;
use crate::base::units::Bytes;
use crate::slots::names::{SlotName, SlotPrefix, slots_of};
use crate::slots::plan::SlotPolicy;

/// How long a node may be away: less than a minute is a restart, and more than a year is forever.
const ABSENCES: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(365 * 24 * 60 * 60);

/// Reads the table `[slots]`.
pub(super) fn slots(file: &mut TomlDocument<'_>, cluster: &ClusterSettings) -> SlotSettings {
    let defaults = SlotSettings::default();
    let prefix = file.read(PREFIX, prefix).unwrap_or(defaults.policy.prefix);
    let mode = mode(file, cluster, &prefix);
    let keep_absent = file.read(KEEP_ABSENT, |value| values::duration(value, ABSENCES));
    SlotSettings {
        mode,
        also: also(file, &prefix),
        policy: SlotPolicy {
            prefix,
            keep_absent: keep_absent.unwrap_or(defaults.policy.keep_absent),
            cap: file.read(CAP, cap),
        },
        role: file.read(SLOTS_ROLE, role).unwrap_or(defaults.role),
        daemon_user: file.read(DAEMON_USER, user).unwrap_or(defaults.daemon_user),
    }
}

fn mode(file: &mut TomlDocument<'_>, cluster: &ClusterSettings, prefix: &SlotPrefix) -> SlotMode {
    let modes = [("off", SlotMode::Off), ("nodes", SlotMode::Nodes)];
    let mode = file.read(MODE, |value| {
        let mode = values::choice(value, &modes)?;
        match mode {
            SlotMode::Nodes if cluster.nodes.is_empty() => Err(Wrong::new(
                "there is no node to keep a slot for: [cluster] has no nodes",
                "list them: nodes = [ { name = \"srv1\", address = \"10.20.30.51\" } ]",
            )),
            // Whoever answered in a node's place could have the WAL thrown away that the node still lacks.
            SlotMode::Nodes if cluster.key_file.is_none() && cluster.ca_file.is_none() => {
                Err(Wrong::new(
                    "the nodes do not authenticate themselves, so nobody knows what they have",
                    "name a key that all nodes share: cluster.key_file = \"/etc/pgsql-state/cluster.key\"",
                ))
            }
            SlotMode::Nodes | SlotMode::Off => Ok(mode),
        }
    });
    let mode = mode.unwrap_or_default();
    let names = cluster.nodes.iter().map(|node| node.name.as_str());
    match (mode, slots_of(prefix, names)) {
        (SlotMode::Nodes, Err(error)) => {
            file.note_wherever(
                MODE,
                Wrong::of(&error, "rename a node, or shorten slots.prefix"),
            );
        }
        (SlotMode::Nodes, Ok(_)) | (SlotMode::Off, _) => {}
    }
    mode
}

fn prefix(value: &DeValue<'_>) -> Result<SlotPrefix, Wrong> {
    let hint = "write lower-case letters, digits and underscores, as in \"pgsql_state_\"";
    let text = values::text(value, hint)?;
    text.parse().map_err(|_| {
        let message = format!("{} cannot begin the name of a slot", quote(text));
        Wrong::new(message, hint)
    })
}

fn also(file: &mut TomlDocument<'_>, prefix: &SlotPrefix) -> Vec<SlotName> {
    let mut also: Vec<SlotName> = Vec::new();
    for (span, slot) in file.read_each(ALSO, slot_name).unwrap_or_default() {
        let message = if also.contains(&slot) {
            format!("the slot \"{slot}\" is named twice")
        } else if prefix.begins(&slot) {
            format!("the slot \"{slot}\" begins with slots.prefix, as those of nodes do")
        } else {
            also.push(slot);
            continue;
        };
        file.note(
            ALSO,
            span,
            Wrong::new(message, "leave it out, or rename it"),
        );
    }
    also
}

fn slot_name(value: &DeValue<'_>) -> Result<SlotName, Wrong> {
    let hint = "write the name of a replication slot, as in \"barman\"";
    let text = values::text(value, hint)?;
    text.parse().map_err(|_| {
        let message = format!("{} is not the name of a replication slot", quote(text));
        Wrong::new(message, hint)
    })
}

fn cap(value: &DeValue<'_>) -> Result<Bytes, Wrong> {
    let size = values::size(value)?;
    if size == Bytes(0) {
        let hint = "write how much WAL a slot may hold, as in \"16GB\"";
        return Err(Wrong::new("a slot that may hold nothing is none", hint));
    }
    Ok(size)
}

fn role(value: &DeValue<'_>) -> Result<String, Wrong> {
    let hint = "write the name of a role with REPLICATION, as in \"hacluster\"";
    let text = values::text(value, hint)?;
    if text.is_empty() || text.contains('\0') {
        return Err(Wrong::new(
            format!("{} is not the name of a role", quote(text)),
            hint,
        ));
    }
    Ok(text.to_owned())
}

fn user(value: &DeValue<'_>) -> Result<String, Wrong> {
    let hint = "write the user as which the daemon runs, as in \"pgsql-state\"";
    let text = values::text(value, hint)?;
    if text.is_empty() || text.contains(['\0', ':', '/']) {
        let message = format!("{} is not the name of a user", quote(text));
        return Err(Wrong::new(message, hint));
    }
    Ok(text.to_owned())
}
