//! Reads `[keeper]`: which resource `pgsql-state keeper` watches, and how long it waits. Knows no cluster.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::document::TomlDocument;
use super::keys::{GIVE_BACK_AFTER, HUNG_AFTER, RESOURCE};
use super::model::KeeperSettings;
use super::problem::{Wrong, quote};
use super::values;
use toml::de::DeValue;

/// What may be waited: less than a second says nothing of a server, and more than an hour is no help.
const WAITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60 * 60);

/// Reads the table `[keeper]`.
pub(super) fn keeper(file: &mut TomlDocument<'_>) -> KeeperSettings {
    let defaults = KeeperSettings::default();
    let give_back_after = file.read(GIVE_BACK_AFTER, |value| values::duration(value, WAITS));
    KeeperSettings {
        resource: file.read(RESOURCE, resource),
        hung_after: file
            .read(HUNG_AFTER, hung_after)
            .unwrap_or(defaults.hung_after),
        give_back_after: give_back_after.unwrap_or(defaults.give_back_after),
    }
}

/// Reads the name of a resource, as Pacemaker writes it.
fn resource(value: &DeValue<'_>) -> Result<String, Wrong> {
    let hint = "write the name of the primitive, as in \"pgsqld\"";
    let text = values::text(value, hint)?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == ':';
    if text.is_empty() || text.contains(is_odd) {
        let message = format!("{} is not the name of a resource", quote(text));
        return Err(Wrong::new(message, hint));
    }
    Ok(text.to_owned())
}

fn hung_after(value: &DeValue<'_>) -> Result<Option<Duration>, Wrong> {
    if value.as_str() == Some("off") {
        return Ok(None);
    }
    values::duration(value, WAITS).map(Some)
}
