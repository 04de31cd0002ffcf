//! Finds addresses in `[listen]` whose zone is no interface of this host; binds none of them.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use crate::config::{Listen, Problem};

/// Where the kernel lists the interfaces.
pub(super) const FOLDER: &str = "/sys/class/net";

/// A warning for each address with the number of an interface that does not exist.
pub(super) fn warnings(folder: &Path, listen: &Listen) -> Vec<Problem> {
    let Some(numbers) = numbers(folder) else {
        return Vec::new();
    };
    let addresses = [
        ("listen.state", &listen.state),
        ("listen.http", &listen.http),
        ("listen.agent_check", &listen.agent),
    ];
    let addresses = addresses
        .into_iter()
        .flat_map(|(key, addresses)| addresses.iter().map(move |address| (key, address)));
    let unknown = addresses.filter_map(|(key, address)| {
        let SocketAddr::V6(v6) = address else {
            return None;
        };
        let zone = v6.scope_id();
        if zone == 0 || numbers.contains(&zone) {
            return None;
        }
        let what = format!("\"{address}\" cannot be bound: this host has no interface {zone}");
        let hint = "write the number of an interface that it has (ip link shows it)";
        Some(Problem::warning(key, &what, hint))
    });
    unknown.collect()
}

/// The numbers of this host's interfaces; `None` if they cannot be read.
fn numbers(folder: &Path) -> Option<BTreeSet<u32>> {
    let entries = fs::read_dir(folder).ok()?;
    let numbers = entries.filter_map(|entry| {
        let number = fs::read_to_string(entry.ok()?.path().join("ifindex")).ok()?;
        number.trim().parse().ok()
    });
    Some(numbers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_without_an_interface_is_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        let interface = folder.path().join("eth0");
        fs::create_dir(&interface).unwrap();
        fs::write(interface.join("ifindex"), "2\n").unwrap();
        let warned = |address: &str| {
            let listen = Listen {
                state: vec![address.parse().unwrap()],
                ..Listen::default()
            };
            let found = warnings(folder.path(), &listen);
            found.into_iter().next().map(|problem| problem.message)
        };
        assert_eq!(warned("[fe80::1%2]:5431"), None);
        assert_eq!(warned("[::1]:5431"), None);
        assert_eq!(warned("0.0.0.0:5431"), None);
        let said = warned("[fe80::1%3]:5431").unwrap();
        assert_eq!(
            said,
            "\"[fe80::1%3]:5431\" cannot be bound: this host has no interface 3"
        );
        assert_eq!(warnings(Path::new("/nonexistent"), &Listen::default()), []);
    }
}
