//! The files in `systemd/`: systemd understands them, they keep the daemon in its sandbox, and the
//! settings that everything else relies on are there.
//!
//! - [`sandbox`]: what `systemd-analyze` finds, and what the sandbox leaves in reach.
//! - [`sockets`]: the ports, and the process for each check.
//! - [`users`]: as whom the services run, and what these users may.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

mod sandbox;
mod sockets;
mod users;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pgsql_state::config::ServiceSettings;
use pgsql_state::config::model::LONGEST_TIMEOUT;

const UNITS: [&str; 8] = [
    "pgsql-state.service",
    "pgsql-state.socket",
    "pgsql-state-agent.socket",
    "pgsql-state-http.socket",
    "pgsql-state-answer@.service",
    "pgsql-state-answer.socket",
    "pgsql-state-quorum.service",
    "pgsql-state-keeper.service",
];

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("systemd")
        .join(name);
    fs::read_to_string(&path).unwrap()
}

/// systemd takes no file that others may write for granted, whatever mode new files get here.
fn write(path: &PathBuf, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}

/// The values of a setting, the last one last.
fn values(unit: &str, section: &str, key: &str) -> Vec<String> {
    let text = shipped(unit);
    let mut within = "";
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            within = name.trim_end_matches(']');
        } else if let Some((name, value)) = line.split_once('=')
            && (within, name) == (section, key)
        {
            found.push(value.to_owned());
        }
    }
    found
}

fn seconds(unit: &str, key: &str) -> Duration {
    let values = values(unit, "Service", key);
    assert_eq!(values.len(), 1, "{unit} {key}");
    Duration::from_secs(values[0].parse().unwrap())
}

#[test]
fn the_daemon_comes_back_whatever_ends_it() {
    let unit = "pgsql-state.service";
    for (section, key, value) in [
        ("Unit", "Requires", "pgsql-state.socket"),
        ("Unit", "After", "pgsql-state.socket"),
        ("Unit", "StartLimitIntervalSec", "0"),
        ("Service", "Type", "notify"),
        ("Service", "Restart", "always"),
        ("Service", "ExecStart", "/usr/bin/pgsql-state serve"),
    ] {
        assert_eq!(values(unit, section, key), [value], "{key}");
    }
    // A question that takes as long as it may must not look like a daemon that hangs.
    assert!(seconds(unit, "WatchdogSec") >= 3 * LONGEST_TIMEOUT);
    assert!(seconds(unit, "TimeoutStopSec") > ServiceSettings::default().grace);
    let newer = "drop-ins/notify-reload.conf";
    assert_eq!(values(newer, "Service", "Type"), ["notify-reload"]);
    assert_eq!(values(newer, "Service", "ExecReload"), [""]);
}
