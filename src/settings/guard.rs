//! `[guard]`: what keeps a server from telling a role that it has.

use std::path::PathBuf;

use super::document::Document;
use super::keys::{MAINTENANCE_FILE, QUORUM, TWO_PRIMARIES};
use super::model::{Cluster, Guard};
use super::problem::{Wrong, quote};
use super::values;
use crate::role::{QuorumGuard, TwoPrimaries};

/// The whole table.
pub(super) fn guard(file: &mut Document<'_>, cluster: &Cluster) -> Guard {
    let maintenance_file = file.read(MAINTENANCE_FILE, |value| {
        let hint = "write the whole path, as in \"/run/pgsql-state/maintenance\"";
        let text = values::text(value, hint)?;
        let path = PathBuf::from(text);
        let usable = path.is_absolute() && path.file_name().is_some();
        let wrong = || Wrong::new(format!("{} is not the path of a file", quote(text)), hint);
        usable.then_some(path).ok_or_else(wrong)
    });
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
            // It would look like a protection that is not there.
            TwoPrimaries::Yield if cluster.nodes.is_empty() => Err(Wrong::new(
                "there is nobody to compare with: [cluster] has no nodes",
                "list them: nodes = [ { name = \"srv1\", address = \"10.20.30.51\" } ]",
            )),
            TwoPrimaries::Yield | TwoPrimaries::Report => Ok(chosen),
        }
    });
    let two_primaries = match two_primaries {
        // Whoever can answer in a node's place could put the primary down.
        Some(TwoPrimaries::Yield) if cluster.key_file.is_none() => {
            let wrong = Wrong::strange(
                "no node proves that it is one, so \"yield\" counts as \"report\"",
                "name a key that all nodes share: cluster.key_file = \"/etc/pgsql-state/cluster.key\"",
            );
            file.note_wherever(TWO_PRIMARIES, wrong);
            Some(TwoPrimaries::Report)
        }
        Some(TwoPrimaries::Yield | TwoPrimaries::Report) | None => two_primaries,
    };
    let usual = Guard::default();
    Guard {
        maintenance_file: maintenance_file.unwrap_or(usual.maintenance_file),
        quorum: quorum.unwrap_or(usual.quorum),
        two_primaries: two_primaries.unwrap_or(usual.two_primaries),
    }
}
