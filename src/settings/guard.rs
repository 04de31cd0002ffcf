//! `[guard]`: what keeps a server from telling a role that it has.

use std::path::PathBuf;

use super::document::Document;
use super::keys::{MAINTENANCE_FILE, QUORUM};
use super::model::Guard;
use super::problem::{Wrong, quote};
use super::values;
use crate::role::QuorumGuard;

/// The whole table.
pub(super) fn guard(file: &mut Document<'_>) -> Guard {
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
    let usual = Guard::default();
    Guard {
        maintenance_file: maintenance_file.unwrap_or(usual.maintenance_file),
        quorum: quorum.unwrap_or(usual.quorum),
    }
}
