//! `[guard]`: what keeps a server from telling a role that it has.

use std::path::PathBuf;

use super::document::Document;
use super::keys::MAINTENANCE_FILE;
use super::model::Guard;
use super::problem::{Wrong, quote};
use super::values;

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
    maintenance_file.map_or_else(Guard::default, |maintenance_file| Guard {
        maintenance_file,
    })
}
