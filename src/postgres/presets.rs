//! The settings of every session, whatever the defaults of its server, database or role: no default may
//! change an answer, delay it or end the session.
//!
//! A setting in the startup message overrides those of a database or a role (`GucSource` in
//! `src/include/utils/guc.h`), and the connection string's `options`, which the server applies first
//! (`process_startup_options` in `src/backend/utils/init/postinit.c`). A server refuses a name that it does
//! not know, so the message has only settings that PostgreSQL 12 to 18 have, and that any role may set; settings of
//! newer versions are set afterwards, by [`KEPT`].
//!
//! Not set are `role` and the libraries to load, by which an administrator decides what this role
//! may do; what is logged; and `default_transaction_read_only`, which is reported.

use std::time::Duration;

/// Whether a session has the presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presets {
    /// The server accepted them.
    Taken,
    /// A pooler before the server refuses settings that it does not know, as `PgBouncer` does. It
    /// may give the server's session to another client, so nothing is set afterwards either.
    Refused,
}

/// The encoding of text in this program; a setting that every pooler accepts.
const ENCODING: (&str, &str) = ("client_encoding", "UTF8");

/// The settings that have the same value in every session.
const ALWAYS: [(&str, &str); 7] = [
    // A hot standby refuses a serializable transaction.
    ("default_transaction_isolation", "read committed"),
    // A serializable, read-only and deferrable one waits for others that write.
    ("default_transaction_deferrable", "off"),
    ("idle_in_transaction_session_timeout", "0"),
    ("search_path", "pg_catalog"),
    // Times in seconds are printed with all digits.
    ("extra_float_digits", "1"),
    ("client_min_messages", "error"),
    ("standard_conforming_strings", "on"),
];

/// The settings that limit the time of a statement; zero means no limit.
const LIMITS: [&str; 2] = ["statement_timeout", "lock_timeout"];

/// The longest limit that a server accepts, in milliseconds.
const LONGEST: u128 = 2_147_483_647;

/// Returns the settings in the startup message, for a session in which no statement takes longer than `limit`.
pub(super) fn startup(presets: Presets, limit: Duration) -> Vec<(&'static str, String)> {
    let mut settings = vec![ENCODING];
    let limit = limit.as_millis().clamp(1, LONGEST).to_string();
    match presets {
        Presets::Taken => {
            settings.extend(ALWAYS);
            settings.extend(LIMITS.map(|name| (name, limit.as_str())));
        }
        Presets::Refused => {}
    }
    let settings = settings.into_iter();
    settings
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

/// Whether a connection string's `options` set `default_transaction_read_only`, so that a session does not show the
/// default of others. The server reads a dash in a name as an underscore (PostgreSQL manual, "Parameter Interaction via
/// the Shell").
pub(super) fn are_transactions_among(options: Option<&str>) -> bool {
    let options = options.unwrap_or_default().to_ascii_lowercase();
    let options = options.replace('-', "_");
    options.contains("default_transaction_read_only")
}

/// Sets what a shared session needs: it is not ended while idle, and does not write. Names that a
/// server does not have are left out.
pub(super) const KEPT: &str = "\
SELECT pg_catalog.set_config(v.name, v.value, false)
  FROM (VALUES ('idle_session_timeout', '0'), ('transaction_timeout', '0'),
               ('default_transaction_read_only', 'on'), ('jit', 'off')) AS v (name, value)
 WHERE pg_catalog.current_setting(v.name, true) IS NOT NULL";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pooler_that_refuses_settings_gets_only_the_encoding() {
        let settings = startup(Presets::Refused, Duration::from_secs(1));
        assert_eq!(settings, [("client_encoding", "UTF8".to_owned())]);
    }

    #[test]
    fn options_that_set_default_transaction_read_only_are_found() {
        for options in [
            "-c default_transaction_read_only=on",
            "--default-transaction-read-only=on",
            "-cDefault_Transaction_Read_Only=off",
        ] {
            assert!(are_transactions_among(Some(options)), "{options}");
        }
        for options in [
            None,
            Some(""),
            Some("-c default_transaction_isolation=serializable"),
        ] {
            assert!(!are_transactions_among(options), "{options:?}");
        }
    }

    #[test]
    fn a_limit_is_never_zero() {
        for (limit, shown) in [
            (Duration::ZERO, "1"),
            (Duration::from_millis(1500), "1500"),
            (Duration::MAX, "2147483647"),
        ] {
            let settings = startup(Presets::Taken, limit);
            for name in LIMITS {
                assert!(
                    settings.contains(&(name, shown.to_owned())),
                    "{name}: {settings:?}"
                );
            }
        }
    }
}
