//! The changes of a plan to the shipped files; everything else stays as it is.

use std::net::{IpAddr, SocketAddr};

use super::*;
use crate::config::{Connections, Encryption};
use crate::health::QuorumGuard;

const ALL: [Variant; 3] = [Variant::Socket, Variant::Daemon, Variant::Accept];

fn places(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn plan(variant: Variant, state: &[&str], http: &[&str]) -> SystemdPlan {
    let sockets = Sockets::new(places(state), places(http), Vec::new()).unwrap();
    SystemdPlan::new(variant, sockets, shipped::PROGRAM.parse().unwrap()).unwrap()
}

/// The text of one of the files.
fn file(plan: &SystemdPlan, name: &str) -> String {
    let mut files = units::files(plan).into_iter().chain(drop_ins::files(plan));
    let found = files.find(|file| file.place.ends_with(&format!("/{name}")));
    found.unwrap_or_else(|| panic!("no {name}")).text
}

fn names(plan: &SystemdPlan) -> Vec<String> {
    let files = units::files(plan).into_iter().chain(drop_ins::files(plan));
    let names = files.map(|file| file.place.rsplit('/').next().unwrap().to_owned());
    names.collect()
}

#[test]
fn a_default_plan_gives_the_shipped_files() {
    let usual = plan(Variant::Socket, &["[::]:5431"], &["[::]:8008"]);
    for (name, shipped) in [
        ("pgsql-state.socket", shipped::STATE_SOCKET),
        ("pgsql-state-http.socket", shipped::HTTP_SOCKET),
        ("pgsql-state.service", shipped::SERVICE),
    ] {
        assert_eq!(file(&usual, name), shipped, "{name}");
    }
    let usual = plan(Variant::Accept, &["[::]:5431"], &[]);
    for (name, shipped) in [
        ("pgsql-state-answer.socket", shipped::ANSWER_SOCKET),
        ("pgsql-state-answer@.service", shipped::ANSWER_SERVICE),
    ] {
        assert_eq!(file(&usual, name), shipped, "{name}");
    }
}

#[test]
fn an_address_is_bound_before_the_host_has_it() {
    let there = plan(Variant::Socket, &["10.0.0.1:5432", "[::1]:5432"], &[]);
    let socket = file(&there, "pgsql-state.socket");
    assert!(
        socket.contains("ListenStream=10.0.0.1:5432\nListenStream=[::1]:5432\n#"),
        "{socket}"
    );
    assert!(socket.contains("\nFreeBind=yes\n"), "{socket}");
    assert!(!socket.contains("5431"), "{socket}");
}

#[test]
fn a_daemon_that_binds_has_a_network_and_no_socket_unit() {
    let binding = plan(Variant::Daemon, &["[::]:5431"], &[]);
    assert_eq!(names(&binding), ["pgsql-state.service", "pgsql-state.conf"]);
    let service = file(&binding, "pgsql-state.service");
    for gone in [".socket", "IPAddressDeny", "PrivateNetwork=yes", "Also="] {
        assert!(!service.contains(gone), "{gone}: {service}");
    }
    for there in [
        "\nPrivateNetwork=no\n",
        "\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n",
        "\nAfter=network.target\n",
        "[Install]\nWantedBy=multi-user.target\n",
    ] {
        assert!(service.contains(there), "{there}: {service}");
    }
    let sockets = Sockets::new(places(&["[::]:80"]), Vec::new(), Vec::new()).unwrap();
    let program = || shipped::PROGRAM.parse().unwrap();
    let refused = SystemdPlan::new(Variant::Daemon, sockets.clone(), program()).unwrap_err();
    assert!(matches!(refused, PlanError::Privileged(_)), "{refused}");
    assert!(SystemdPlan::new(Variant::Socket, sockets, program()).is_ok());
}

#[test]
fn the_sandbox_is_as_open_as_the_configuration_needs() {
    let address = "10.20.30.51".parse::<IpAddr>().unwrap();
    for variant in ALL {
        let mut plan = plan(variant, &["[::]:5431"], &[]);
        let none = names(&plan);
        assert!(!none.iter().any(|name| name == "tcp.conf"), "{none:?}");
        plan.quorum = QuorumGuard::Pacemaker;
        plan.postgres = ServerSocket::Name;
        plan.peer_check = PeerCheck::ByName;
        plan.peers = vec!["srv2=10.20.30.52".parse().unwrap()];
        let all = names(&plan);
        let drop_ins = match variant {
            Variant::Socket | Variant::Accept => {
                &["peers.conf", "requirepeer.conf", "tcp.conf"][..]
            }
            Variant::Daemon => &["requirepeer.conf"],
        };
        let quorum = "pgsql-state-quorum.service";
        assert!(all.iter().any(|name| name == quorum), "{all:?}");
        assert!(text(&plan).contains(&format!(" {quorum}\n")), "{variant:?}");
        assert_eq!(all[none.len() + 1..], *drop_ins, "{variant:?}");
        let peer = file(&plan, "requirepeer.conf");
        assert!(peer.ends_with("\nPrivateUsers=no\n"), "{peer}");
        if variant == Variant::Daemon {
            continue;
        }
        let tcp = file(&plan, "tcp.conf");
        assert!(tcp.ends_with("\nIPAddressDeny=\n"), "{tcp}");
        let peers = file(&plan, "peers.conf");
        assert!(peers.contains("\nIPAddressAllow=10.20.30.52\n"), "{peers}");
        plan.postgres = ServerSocket::Address(address);
        let tcp = file(&plan, "tcp.conf");
        assert!(tcp.contains("\nIPAddressAllow=10.20.30.51\n"), "{tcp}");
        assert!(!tcp.contains("IPAddressDeny=\n"), "{tcp}");
    }
}

#[test]
fn the_keeper_reaches_what_keeping_slots_needs() {
    let mut plan = plan(Variant::Socket, &["[::]:5431"], &["[::]:8008"]);
    assert!(!names(&plan).contains(&"slots.conf".to_owned()));
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    for (daemon, postgres, expected) in [
        (
            "127.0.0.1",
            ServerSocket::Socket,
            "\nIPAddressAllow=localhost\n",
        ),
        ("::1", ServerSocket::Socket, "\nIPAddressAllow=localhost\n"),
        (
            "10.0.0.1",
            ServerSocket::Socket,
            "\nIPAddressAllow=10.0.0.1\n",
        ),
        (
            "::1",
            ServerSocket::Address(address("10.0.0.2")),
            "\nIPAddressAllow=localhost 10.0.0.2\n",
        ),
        ("::1", ServerSocket::Name, "\nIPAddressDeny=\n"),
    ] {
        plan.slots_daemon = Some(address(daemon));
        plan.postgres = postgres;
        let slots = file(&plan, "slots.conf");
        assert!(slots.contains(expected), "{slots}");
        let families = "\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n";
        assert!(slots.contains(families), "{slots}");
    }
    let place = "\n# /etc/systemd/system/pgsql-state-keeper.service.d/slots.conf\n";
    assert!(text(&plan).contains(place));
}

#[test]
fn every_file_begins_with_its_path() {
    let all = text(&plan(Variant::Socket, &["[::]:5431"], &["[::]:8008"]));
    let named: Vec<&str> = all
        .lines()
        .filter(|line| line.starts_with("# /etc/") && !line.trim_start_matches("# ").contains(' '))
        .collect();
    assert_eq!(
        named,
        [
            "# /etc/systemd/system/pgsql-state.socket",
            "# /etc/systemd/system/pgsql-state-http.socket",
            "# /etc/systemd/system/pgsql-state.service",
            "# /etc/sysusers.d/pgsql-state.conf"
        ]
    );
    assert!(all.contains("enable --now pgsql-state.socket pgsql-state-http.socket\n"));
}

fn has_room(plan: &SystemdPlan, memory: &str, descriptors: &str) {
    let service = file(plan, "pgsql-state.service");
    for line in [
        format!("\nMemoryMax={memory}\n"),
        format!("\nLimitNOFILE={descriptors}\n"),
    ] {
        assert!(service.contains(&line), "{line} {service}");
    }
}

#[test]
fn a_daemon_has_memory_and_descriptors_for_its_connections() {
    let mut plan = plan(Variant::Socket, &["[::]:5431"], &[]);
    for (connections, memory, descriptors) in [
        (1, "96M", "65536"),
        (1_024, "96M", "65536"),
        (4_999, "96M", "65536"),
        (5_000, "97M", "65536"),
        (65_536, "1101M", "66560"),
    ] {
        plan.connections = Connections::new(connections).unwrap();
        for variant in [Variant::Socket, Variant::Daemon] {
            plan.variant = variant;
            has_room(&plan, memory, descriptors);
        }
    }
}

#[test]
fn a_port_with_tls_takes_more_memory() {
    let mut plan = plan(Variant::Socket, &["[::]:5431"], &["[::]:8008"]);
    for (http, connections, memory) in [
        (Encryption::None, 2_048, "96M"),
        (Encryption::Tls, 2_048, "143M"),
        (Encryption::None, 65_536, "2189M"),
        (Encryption::Tls, 65_536, "4173M"),
    ] {
        plan.http = http;
        plan.connections = Connections::new(connections).unwrap();
        for variant in [Variant::Socket, Variant::Daemon] {
            plan.variant = variant;
            let service = file(&plan, "pgsql-state.service");
            assert!(
                service.contains(&format!("\nMemoryMax={memory}\n")),
                "{service}"
            );
        }
    }
    // A port without a socket needs no memory.
    let mut plan = self::plan(Variant::Socket, &["[::]:5431"], &[]);
    plan.http = Encryption::Tls;
    has_room(&plan, "96M", "65536");
}

#[test]
fn the_units_read_the_named_configuration_and_write_the_configured_file() {
    for variant in ALL {
        let mut plan = plan(variant, &["[::]:5431"], &[]);
        plan.quorum = QuorumGuard::Pacemaker;
        plan.config = Some("/etc/other.toml".parse().unwrap());
        let (name, lines) = match variant {
            Variant::Socket | Variant::Daemon => (
                "pgsql-state.service",
                "\nExecStart=/usr/bin/pgsql-state serve --config /etc/other.toml\n",
            ),
            Variant::Accept => (
                "pgsql-state-answer@.service",
                "\nExecStart=/usr/bin/pgsql-state answer --config /etc/other.toml\n",
            ),
        };
        let unit = file(&plan, name);
        assert!(unit.contains(lines), "{unit}");
        assert_eq!(
            unit.contains("\nExecReload=/usr/bin/pgsql-state check-config /etc/other.toml\n"),
            variant != Variant::Accept,
            "{unit}"
        );
        let quorum = "pgsql-state-quorum.service";
        assert_eq!(file(&plan, quorum), shipped::QUORUM);
        plan.quorum_file = Some("/run/other/deep/quorum".parse().unwrap());
        let unit = file(&plan, quorum);
        for line in [
            "\nExecStart=/usr/bin/pgsql-state quorum --file /run/other/deep/quorum\n",
            "\nRuntimeDirectory=other/deep\n",
        ] {
            assert!(unit.contains(line), "{unit}");
        }
        plan.quorum_file = Some("/var/lib/other/quorum".parse().unwrap());
        let unit = file(&plan, quorum);
        assert!(unit.contains("\nReadWritePaths=/var/lib/other\n"), "{unit}");
        assert!(!unit.contains("RuntimeDirectory"), "{unit}");
    }
}

#[test]
fn a_file_of_the_quorum_that_the_sandbox_cannot_give_is_refused() {
    for (path, is_hidden) in [
        ("/tmp/quorum", true),
        ("/home/a/quorum", true),
        ("/run/user/1/quorum", true),
        ("/quorum", false),
        ("/run/quorum", false),
        ("/run/pgsql-state/quorum", false),
    ] {
        let refused = path.parse::<QuorumFile>().unwrap_err();
        let hidden = matches!(refused, QuorumFileError::Hidden(_));
        assert_eq!(hidden, is_hidden, "{path}: {refused}");
        assert_eq!(
            matches!(refused, QuorumFileError::Shared(_)),
            !is_hidden,
            "{path}: {refused}"
        );
    }
}
