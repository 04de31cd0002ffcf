//! Reads `[guard]`: the guards, which may turn `production` into `down`, and maintenance.

use std::path::{Path, PathBuf};

use super::document::TomlDocument;
use super::keys::{MAINTENANCE_FILE, QUORUM, QUORUM_FILE, TWO_PRIMARIES};
use super::model::{ClusterSettings, Guard};
use super::problem::{Wrong, quote};
use super::values;
use crate::health::{QuorumGuard, TwoPrimaries};
use toml::de::DeValue;

/// Reads the absolute path of a file.
fn file_path(value: &DeValue<'_>, example: &Path) -> Result<PathBuf, Wrong> {
    let hint = format!("write the absolute path, as in \"{}\"", example.display());
    let text = values::text(value, &hint)?;
    let path = PathBuf::from(text);
    let usable = path.is_absolute() && path.file_name().is_some();
    let wrong = || Wrong::new(format!("{} is not the path of a file", quote(text)), hint);
    usable.then_some(path).ok_or_else(wrong)
}

/// Reads the table `[guard]`.
pub(super) fn guard(file: &mut TomlDocument<'_>, cluster: &ClusterSettings) -> Guard {
    let defaults = Guard::default();
    let maintenance_file = file.read(MAINTENANCE_FILE, |value| {
        file_path(value, &defaults.maintenance_file)
    });
    let quorum_file = file.read(QUORUM_FILE, |value| file_path(value, &defaults.quorum_file));
    let guards = [
        ("off", QuorumGuard::Off),
        ("pacemaker", QuorumGuard::Pacemaker),
    ];
    let quorum = file.read(QUORUM, |value| values::choice(value, &guards));
    let choices = [
        ("report", TwoPrimaries::Report),
        ("yield", TwoPrimaries::Yield),
    ];
    let two_primaries = file.read(TWO_PRIMARIES, |value| {
        let chosen = values::choice(value, &choices)?;
        match chosen {
            // Accepting it would suggest a protection that does not exist.
            TwoPrimaries::Yield if cluster.nodes.is_empty() => Err(Wrong::new(
                "there is no server to compare with: [cluster] has no nodes",
                "list them: nodes = [ { name = \"srv1\", address = \"10.20.30.51\" } ]",
            )),
            TwoPrimaries::Yield | TwoPrimaries::Report => Ok(chosen),
        }
    });
    let two_primaries = match two_primaries {
        // Otherwise any host that can answer in a node's place could make the primary `down`.
        Some(TwoPrimaries::Yield) if cluster.key_file.is_none() && cluster.ca_file.is_none() => {
            let wrong = Wrong::warning(
                "the nodes do not authenticate themselves, so \"yield\" counts as \"report\"",
                "name a key that all nodes share: cluster.key_file = \"/etc/pgsql-state/cluster.key\"",
            );
            file.note_wherever(TWO_PRIMARIES, wrong);
            Some(TwoPrimaries::Report)
        }
        Some(TwoPrimaries::Yield | TwoPrimaries::Report) | None => two_primaries,
    };
    Guard {
        maintenance_file: maintenance_file.unwrap_or(defaults.maintenance_file),
        quorum: quorum.unwrap_or(defaults.quorum),
        quorum_file: quorum_file.unwrap_or(defaults.quorum_file),
        two_primaries: two_primaries.unwrap_or(defaults.two_primaries),
    }
}
