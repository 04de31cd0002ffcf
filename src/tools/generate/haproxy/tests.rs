//! Configurations for every version of HAProxy, profile, check and way of replication.

mod checks;
mod profiles;

use super::*;
use crate::config::HeaderPeers;
use crate::health::RoleWords;
use crate::tools::generate::Nodes;

const PROFILES: [Profile; 3] = [Profile::Classic, Profile::Safe, Profile::Fast];
const CHECKS: [HaproxyCheck; 3] = [HaproxyCheck::Text, HaproxyCheck::Http, HaproxyCheck::Agent];
const WAYS: [ReplicationPath; 3] = [
    ReplicationPath::Own,
    ReplicationPath::Prod,
    ReplicationPath::Direct,
];

fn nodes() -> Nodes {
    let nodes = ["srv1=10.20.30.51", "srv2=10.20.30.52", "srv3=2001:db8::53"];
    Nodes::new(nodes.iter().map(|node| node.parse().unwrap()).collect()).unwrap()
}

fn plan(version: &str, profile: Profile) -> HaproxyPlan {
    let nodes = nodes();
    let ports = Ports::new(Numbers::DEFAULT).unwrap();
    let peers = HeaderPeers::default();
    HaproxyPlan {
        version: version.parse().unwrap(),
        origin: VersionOrigin::Named,
        profile,
        check: HaproxyCheck::Text,
        replication: ReplicationPath::Own,
        headers: Headers::of(&nodes, &peers, &ports, HaproxyCheck::Text).unwrap(),
        nodes,
        ports,
        bind: Bind::Everywhere,
        words: RoleWords::default(),
        token: None,
        tls: None,
        admin_socket: AdminSocket::DEFAULT.parse().unwrap(),
        untrusted: Vec::new(),
    }
}

fn every() -> impl Iterator<Item = HaproxyPlan> {
    let versions = HaproxyVersion::ALL.into_iter();
    versions.flat_map(|version| {
        PROFILES.into_iter().flat_map(move |profile| {
            CHECKS.into_iter().flat_map(move |check| {
                WAYS.into_iter().map(move |replication| HaproxyPlan {
                    check,
                    replication,
                    ..plan(&version.to_string(), profile)
                })
            })
        })
    })
}

/// The lines of a configuration without its comments, with single blanks.
fn lines(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// The lines of one block.
fn block(text: &str, name: &str) -> Vec<String> {
    let lines = lines(text).into_iter();
    let block = lines.skip_while(|line| line != &format!("listen {name}"));
    block.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn no_version_gets_keywords_that_it_does_not_know() {
    for plan in every() {
        let text = lines(&whole(&plan)).join("\n");
        for (word, since) in [
            ("error-status", "2.2"),
            ("on-error", "2.2"),
            ("http-check connect", "2.2"),
            ("http-check send", "2.2"),
            ("clitcpka-idle", "2.3"),
            ("set-var", "2.4"),
            ("proc.", "2.4"),
            ("init-state", "3.1"),
            ("bwlim-in", "2.7"),
            ("set-bandwidth-limit", "2.7"),
        ] {
            let known = plan.version >= since.parse().unwrap();
            assert!(
                known || !text.contains(word),
                "{} has no {word}",
                plan.version
            );
        }
    }
}

#[test]
fn blocks_alone_contain_the_settings_that_they_need() {
    for plan in every() {
        let text = blocks_only(&plan);
        let lines = lines(&text);
        assert!(
            !lines
                .iter()
                .any(|line| line == "global" || line == "defaults")
        );
        for name in ["prod", "stdby"] {
            let block = block(&text, name);
            assert!(block.contains(&"mode tcp".to_owned()), "{block:?}");
            let limited = block.iter().any(|line| line.starts_with("timeout check"));
            assert!(limited, "{block:?}");
        }
        let held = text.contains("\n#    set-var");
        assert_eq!(held, whole(&plan).contains("\n    set-var"), "{text}");
    }
}

#[test]
fn ports_and_paths_that_would_break_the_configuration_are_refused() {
    let error = Ports::new(Numbers {
        postgres: 5432,
        ..Numbers::DEFAULT
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "--postgres-port and --read-write-port are both 5432, but both are used on each host"
    );
    for wrong in ["", "admin.sock", "/run/a b", "/run/\"", "/run/", "/run/#"] {
        assert!(wrong.parse::<AdminSocket>().is_err(), "{wrong}");
    }
    for wrong in ["", "*:5432", "srv1", "10.0.0.1:1"] {
        assert!(wrong.parse::<Bind>().is_err(), "{wrong}");
    }
}
