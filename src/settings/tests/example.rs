//! The example configuration that is installed with the program.

use std::time::Duration;

use super::super::{keys, secrets};
use super::settings;
use crate::units::Bytes;

const EXAMPLE: &str = include_str!("../../../systemd/pgsql-state.toml");

/// The example with every commented setting in force.
fn activated() -> String {
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|c: char| c.is_ascii_lowercase()) => setting,
        Some(_) | None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_configuration_changes_nothing_as_it_is() {
    assert_eq!(settings(EXAMPLE), settings(""));
}

#[test]
fn the_example_configuration_shows_every_setting_with_its_default() {
    let example = settings(&activated());
    let mut expected = settings("");
    expected.postgres.target = "host=/var/run/postgresql port=5432 dbname=postgres".to_owned();
    expected.policy.conditions.max_lag = Some(Bytes(16 << 20));
    expected.policy.conditions.max_delay = Some(Duration::from_secs(30));
    expected.admission.token_file = Some("/etc/pgsql-state/token".into());
    expected.policy.conditions.enter.max_lag = Some(Bytes(4 << 20));
    expected.policy.conditions.enter.max_delay = Some(Duration::from_secs(5));
    assert_eq!(example, expected);
    for key in keys::OFFERED {
        let (_, table) = EXAMPLE.split_once(&format!("[{}]\n", key.table)).unwrap();
        let table = table.split("\n[").next().unwrap();
        assert!(table.contains(&format!("\n#{} = ", key.name)), "{key}");
    }
}

#[test]
fn no_line_of_the_example_configuration_counts_as_a_secret() {
    for line in activated().lines().filter(|line| !line.starts_with('#')) {
        assert_eq!(secrets::harmless("", line), line);
    }
}
