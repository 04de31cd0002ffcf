//! The example configuration that is installed with the program.

use std::time::Duration;

use super::super::keys::{KEYS, KeyDefault};
use super::super::model::{ClientCertificates, Https};
use super::super::secrets;
use super::settings;
use crate::base::https::{CertificateDemand, MinTls};
use crate::base::units::Bytes;

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
    expected.keeper.resource = Some("pgsqld".to_owned());
    expected.policy.conditions.max_lag = Some(Bytes(16 << 20));
    expected.policy.conditions.max_delay = Some(Duration::from_secs(30));
    expected.admission.token_file = Some("/etc/pgsql-state/token".into());
    expected.cluster.key_file = Some("/etc/pgsql-state/cluster.key".into());
    expected.cluster.ca_file = Some("/etc/pgsql-state/cluster-ca.pem".into());
    expected.https = Some(Https {
        certificate_file: "/etc/pgsql-state/http.pem".into(),
        key_file: Some("/etc/pgsql-state/http.key".into()),
        clients: Some(ClientCertificates {
            ca_file: "/etc/pgsql-state/clients-ca.pem".into(),
            demand: CertificateDemand::Required,
        }),
        min_tls: MinTls::Tls12,
        read: None,
    });
    expected.slots.policy.cap = Some(Bytes(16 << 30));
    expected.policy.conditions.enter.max_lag = Some(Bytes(4 << 20));
    expected.policy.conditions.enter.max_delay = Some(Duration::from_secs(5));
    assert_eq!(example, expected);
}

/// The example shows the defaults of the manual, and no other keys.
#[test]
fn the_example_configuration_shows_every_key_as_the_manual_does() {
    let mut table = "";
    let mut shown = Vec::new();
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']');
        } else if let Some((name, value)) = line.strip_prefix('#').and_then(|l| l.split_once(" = "))
            && name.starts_with(|c: char| c.is_ascii_lowercase())
        {
            shown.push((table, name, value));
        }
    }
    for key in KEYS {
        let lines = shown
            .iter()
            .filter(|(table, name, _)| (*table, *name) == (key.table, key.name));
        let values: Vec<&str> = lines.map(|(_, _, value)| *value).collect();
        match key.default {
            KeyDefault::Value(default) => assert_eq!(values, [default], "{key}"),
            KeyDefault::Described(_) => assert_eq!(values.len(), 1, "{key}"),
        }
    }
    assert_eq!(shown.len(), KEYS.len());
}

#[test]
fn the_defaults_of_the_manual_are_the_defaults() {
    let lines = KEYS.iter().filter_map(|key| match key.default {
        // It has an effect only with a certificate.
        KeyDefault::Value(_) if key.to_string() == "http.min_tls" => None,
        KeyDefault::Value(default) => Some(format!("{key} = {default}\n")),
        KeyDefault::Described(_) => None,
    });
    let text: String = lines.collect();
    assert_eq!(settings(&text), settings(""));
}

#[test]
fn no_line_of_the_example_configuration_counts_as_a_secret() {
    for line in activated().lines().filter(|line| !line.starts_with('#')) {
        assert_eq!(secrets::harmless("", line), line);
    }
}
