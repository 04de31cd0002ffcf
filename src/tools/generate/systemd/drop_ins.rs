//! The drop-ins that open the sandbox as far as the configuration needs, and no further.

use std::net::IpAddr;

use super::edit::Unit;
use super::plan::{PeerCheck, ServerSocket, SystemdPlan, Variant};
use super::{File, shipped, units};

/// The drop-ins of a plan.
pub(super) fn files(plan: &SystemdPlan) -> Vec<File> {
    let service = units::service(plan.variant);
    let texts = [
        ("peers", peers(plan)),
        ("requirepeer", require_peer(plan)),
        ("tcp", tcp(plan)),
    ];
    let wanted = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)));
    let daemons = wanted.map(|(name, text)| file(service, name, text));
    let keepers = slots(plan).map(|text| file("pgsql-state-keeper.service", "slots", text));
    daemons.chain(keepers).collect()
}

fn file(service: &str, name: &str, text: String) -> File {
    File {
        place: format!("{}/{service}.d/{name}.conf", units::FOLDER),
        text,
    }
}

/// Whether the unit has no network by itself; a daemon that binds its own ports has one.
fn needs_network(variant: Variant) -> bool {
    match variant {
        Variant::Socket | Variant::Accept => true,
        Variant::Daemon => false,
    }
}

fn peers(plan: &SystemdPlan) -> Option<String> {
    if plan.peers.is_empty() || !needs_network(plan.variant) {
        return None;
    }
    let mut unit = Unit::of(shipped::PEERS);
    let addresses = plan.peers.iter().map(|node| node.address.to_canonical());
    let addresses: Vec<String> = addresses.map(|address| address.to_string()).collect();
    unit.head(
        "For cluster.nodes: lets the daemon reach the HTTP ports of the other nodes' daemons; if the kernel has \
         cgroup v2 and BPF, nothing else of the network is reachable.",
    );
    unit.set("IPAddressAllow", &[addresses.join(" ")]);
    Some(restricted(plan.variant, &unit))
}

fn require_peer(plan: &SystemdPlan) -> Option<String> {
    match plan.peer_check {
        PeerCheck::None => None,
        PeerCheck::ByName => {
            let mut unit = Unit::of(shipped::REQUIRE_PEER);
            unit.head(
                "For requirepeer in postgres.conninfo: lets the daemon see which user serves PostgreSQL's Unix \
                 socket, which the kernel hides from a user namespace.",
            );
            Some(unit.text())
        }
    }
}

fn tcp(plan: &SystemdPlan) -> Option<String> {
    if !needs_network(plan.variant) {
        return None;
    }
    let mut unit = Unit::of(shipped::TCP);
    match plan.postgres {
        ServerSocket::Socket => None,
        ServerSocket::Name => {
            unit.head(
                "For postgres.conninfo, which names a host: the host and the name servers must be reachable. With \
                 hostaddr=ADDRESS in addition to the name, nothing else would be.",
            );
            Some(unit.text())
        }
        ServerSocket::Address(address) => {
            unit.head(
                "For postgres.conninfo: lets the daemon reach the server over TCP; if the kernel has cgroup v2 and \
                 BPF, nothing else of the network is reachable.",
            );
            unit.drop("IPAddressDeny");
            let text = unit.text() + &allowed(address);
            Some(restricted(plan.variant, &Unit::of(&text)))
        }
    }
}

fn slots(plan: &SystemdPlan) -> Option<String> {
    let daemon = plan.slots_daemon?.to_canonical();
    let daemon = if daemon.is_loopback() {
        "localhost".to_owned()
    } else {
        daemon.to_string()
    };
    let mut unit = Unit::of(shipped::SLOTS);
    unit.head(
        "For slots.mode: lets the keeper ask this host's daemon about the other nodes; if the kernel has cgroup v2 and \
         BPF, nothing else of the network is reachable but a server of postgres.conninfo.",
    );
    match plan.postgres {
        ServerSocket::Socket => unit.set("IPAddressAllow", &[daemon]),
        ServerSocket::Address(server) => {
            let both = [daemon, server.to_canonical().to_string()].join(" ");
            unit.set("IPAddressAllow", &[both]);
        }
        // Its address is not known, nor are those of the name servers.
        ServerSocket::Name => {
            unit.drop("IPAddressAllow");
            return Some(unit.text() + "IPAddressDeny=\n");
        }
    }
    Some(unit.text())
}

fn allowed(address: IpAddr) -> String {
    format!("IPAddressAllow={}\n", address.to_canonical())
}

/// The daemon's own unit denies every address; the unit of a process for each check does not.
fn restricted(variant: Variant, unit: &Unit) -> String {
    match variant {
        Variant::Socket | Variant::Daemon => unit.text(),
        Variant::Accept => unit.text() + "IPAddressDeny=any\n",
    }
}
