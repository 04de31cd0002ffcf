//! The settings by which a standby ends its replay before it has replayed all WAL that it has, or becomes a primary by
//! itself. Knows no server.

/// Each names a place in the WAL at which replay ends, also if the standby is promoted before (PostgreSQL manual,
/// "Recovery Target"); empty if there is none.
pub const SETTINGS: [&str; 5] = [
    "recovery_target",
    "recovery_target_lsn",
    "recovery_target_name",
    "recovery_target_time",
    "recovery_target_xid",
];

/// The file whose existence promotes a standby; PostgreSQL 16 has it no longer.
const TRIGGER_FILE: &str = "promote_trigger_file";

/// Returns all of them that a major version has.
pub fn all(major: u32) -> impl Iterator<Item = &'static str> {
    SETTINGS
        .into_iter()
        .chain((major < 16).then_some(TRIGGER_FILE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::inspection::Inspection;
    use crate::postgres::progress::PROGRESS;

    #[test]
    fn each_of_them_is_asked_for() {
        let settings = Inspection::Settings.sql();
        for name in all(12) {
            assert!(settings.contains(&format!("'{name}'")), "{name}");
        }
        for name in SETTINGS {
            assert!(PROGRESS.contains(&format!("('{name}')")), "{name}");
        }
    }
}
