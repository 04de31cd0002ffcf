//! What every session here is set to, whatever its server, database or role has as a default: no default may
//! change an answer, keep it waiting or end the session. Knows no connection.
//!
//! A setting in the startup message goes before those of a database or a role (`GucSource` in
//! `src/include/utils/guc.h`), and before the connection string's `options`, which are taken first
//! (`process_startup_options` in `src/backend/utils/init/postinit.c`). A server refuses a name that it does
//! not know, so only settings that PostgreSQL 10 to 18 have, and that any role may set, are here; what newer
//! ones have besides is set afterwards, by [`KEPT`].
//!
//! Left as they are: `role` and the libraries to load, by which an administrator decides what this role
//! may do; what is logged; and `default_transaction_read_only`, which is told.

use std::time::Duration;

/// Whether a session has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presets {
    /// The server took them.
    Taken,
    /// Something between us and the server refuses settings that it does not know, as `PgBouncer` does. It
    /// may hand the server's session to somebody else in turn, so that nothing is set afterwards either.
    Refused,
}

/// In which text is written here; a setting that every pooler takes.
const ENCODING: (&str, &str) = ("client_encoding", "UTF8");

/// The same in every session.
const ALWAYS: [(&str, &str); 7] = [
    // A hot standby refuses a serializable transaction.
    ("default_transaction_isolation", "read committed"),
    // A deferrable one waits for all others that write.
    ("default_transaction_deferrable", "off"),
    ("idle_in_transaction_session_timeout", "0"),
    ("search_path", "pg_catalog"),
    // A time as a number of seconds keeps its digits.
    ("extra_float_digits", "1"),
    ("client_min_messages", "error"),
    ("standard_conforming_strings", "on"),
];

/// Settings that a statement may not take longer than; zero means no limit to a server.
const LIMITS: [&str; 2] = ["statement_timeout", "lock_timeout"];

/// In milliseconds, the most that a server takes.
const LONGEST: u128 = 2_147_483_647;

/// What the startup message has, for a session in which no statement takes longer than `limit`.
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

/// Whether a connection string's `options` say what transactions are, so that a session does not show what they are for
/// others. The server takes a dash in a name for an underscore (PostgreSQL manual, "Parameter Interaction via the Shell").
pub(super) fn are_transactions_among(options: Option<&str>) -> bool {
    let options = options.unwrap_or_default().to_ascii_lowercase();
    let options = options.replace('-', "_");
    options.contains("default_transaction_read_only")
}

/// What a session is set to that is kept: it is not ended for idling, and does not write. Names that a
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
    fn what_refuses_settings_gets_none_but_the_encoding() {
        let settings = startup(Presets::Refused, Duration::from_secs(1));
        assert_eq!(settings, [("client_encoding", "UTF8".to_owned())]);
    }

    #[test]
    fn options_that_say_what_transactions_are_are_seen() {
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
    fn a_limit_is_never_none() {
        for (limit, told) in [
            (Duration::ZERO, "1"),
            (Duration::from_millis(1500), "1500"),
            (Duration::MAX, "2147483647"),
        ] {
            let settings = startup(Presets::Taken, limit);
            for name in LIMITS {
                assert!(
                    settings.contains(&(name, told.to_owned())),
                    "{name}: {settings:?}"
                );
            }
        }
    }
}
