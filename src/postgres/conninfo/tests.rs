//! Tests of connection strings and variables, from text to target.
//!
//! - [`sources`]: where each setting comes from.
//! - [`places`]: where the server listens.
//! - [`refused`]: what is refused, and with which message.
//! - [`any_text`]: properties of any text.

mod any_text;
mod places;
mod refused;
mod sources;

use std::collections::BTreeMap;

use super::*;

pub(super) fn resolve_in(
    conninfo: &str,
    variables: &[(&str, &str)],
) -> Result<Target, TargetError> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    Target::resolve(
        conninfo,
        &Environment {
            variable: &|name| variables.get(name).map(ToString::to_string),
            service_file: &|_| ServiceFile::Missing,
            user: Some("postgres".into()),
            home: Some("/home/pg".into()),
        },
    )
}

pub(super) fn resolve(conninfo: &str) -> Target {
    resolve_in(conninfo, &[]).expect(conninfo)
}

pub(super) fn error(conninfo: &str) -> String {
    resolve_in(conninfo, &[]).expect_err(conninfo).to_string()
}

fn unix(directory: &str, port: u16) -> Endpoint {
    Endpoint::Unix {
        directory: directory.into(),
        port,
    }
}

fn tcp(host: &str, address: Option<&str>, port: u16) -> Endpoint {
    let address = address.map(|address| HostAddress::read(address).expect("an address"));
    Endpoint::Tcp {
        host: host.into(),
        address,
        port,
    }
}
