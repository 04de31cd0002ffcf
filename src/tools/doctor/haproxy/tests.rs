//! HAProxy's views, compared with the daemons' answers.

use super::*;
use crate::tools::doctor::daemons::{Silence, SilenceKind, Whose};

const POOLS: [&str; 2] = ["prod", "stdby"];

fn daemons(answers: [&str; 2]) -> Vec<Daemon> {
    let numbered = (1..).zip(answers);
    let daemons = numbered.map(|(number, answer): (u8, _)| Daemon {
        node: format!("srv{number}"),
        address: [10, 0, 0, number].into(),
        whose: Whose::Others,
        heard: match answer {
            "" => Err(Silence {
                kind: SilenceKind::Refused,
                why: "refused".into(),
            }),
            answer => Ok(StateAnswer::read(answer, "production", "standby")),
        },
    });
    daemons.collect()
}

/// Two servers in each pool, with these states: first those of the writers' pool, then those of the readers'.
fn servers(states: [StatStatus; 4]) -> Vec<StatServer> {
    let places = POOLS.iter().flat_map(|pool| [(*pool, 1), (*pool, 2)]);
    let servers = places
        .zip(states)
        .map(|((pool, number), status)| StatServer {
            pool: pool.into(),
            name: format!("srv{number}"),
            address: Some([10, 0, 0, number].into()),
            status,
            last_check: "L7OK".into(),
        });
    servers.collect()
}

fn report(servers: Vec<StatServer>, writers: &str, answers: [&str; 2]) -> Report {
    let mut report = Report::default();
    let facts = HaproxyFacts {
        servers,
        writers,
        socket: "/run/haproxy/admin.sock",
        option: " --config /c",
        daemons: &daemons(answers),
    };
    judge(&facts, &mut report);
    report
}

fn found(states: [StatStatus; 4], answers: [&str; 2]) -> Vec<String> {
    let report = report(servers(states), "prod", answers);
    let findings = report.findings().iter();
    findings
        .map(|found| format!("{}: {}", found.id.word(), found.what))
        .collect()
}

use StatStatus::{Down, Maintenance, Unchecked, Up};

#[test]
fn a_view_that_agrees_with_the_daemons_is_fine() {
    assert_eq!(
        found([Up, Down, Down, Up], ["production", "standby"]),
        [""; 0]
    );
    // A daemon that does not answer proves nothing.
    assert_eq!(found([Up, Down, Down, Up], ["", "standby"]), [""; 0]);
    assert_eq!(
        found([Down, Down, Down, Up], ["down refused", "standby"]),
        [""; 0]
    );
}

#[test]
fn two_writers_are_found_whatever_their_daemons_say() {
    assert_eq!(
        found([Up, Up, Down, Down], ["production", "production"]),
        ["haproxy-two-writers: prod/srv1 and prod/srv2 take writers"]
    );
    assert_eq!(
        found([Up, Up, Down, Down], ["production", "standby"]),
        [
            "haproxy-two-writers: prod/srv1 and prod/srv2 take writers",
            "haproxy-wrong-writer: prod/srv2 takes writers, and its daemon answers `standby`",
        ]
    );
}

#[test]
fn a_primary_that_no_writer_reaches_is_found_with_its_check() {
    assert_eq!(
        found([Down, Down, Down, Up], ["production", "standby"]),
        [
            "haproxy-primary-unused: prod/srv1 is DOWN, and its daemon answers `production`; its last check: \
          L7OK"
        ]
    );
    let report = report(
        servers([Maintenance, Down, Down, Up]),
        "prod",
        ["production", "standby"],
    );
    assert_eq!(
        report.findings()[0].remedy,
        "echo 'enable server prod/srv1' | socat - /run/haproxy/admin.sock"
    );
}

#[test]
fn the_socket_in_a_remedy_is_a_word_for_a_shell() {
    let facts = HaproxyFacts {
        servers: Vec::new(),
        writers: "prod",
        socket: "/srv/my run/$(x)",
        option: " --config /c",
        daemons: &[],
    };
    assert_eq!(
        facts.command("enable server prod/`x`"),
        "echo 'enable server prod/`x`' | socat - '/srv/my run/$(x)'"
    );
    assert_eq!(
        facts.blocks(),
        "pgsql-state generate haproxy --blocks-only --config /c; replace its block with the output"
    );
}

#[test]
fn a_server_that_is_not_checked_is_found_in_any_pool() {
    assert_eq!(
        found([Up, Down, Unchecked, Up], ["production", "standby"]),
        ["haproxy-unchecked: stdby/srv1 is not checked"]
    );
}

#[test]
fn pools_without_servers_of_the_cluster_are_reported() {
    let all = servers([Up, Down, Down, Up]);
    let unseen = |report: &Report| {
        let unseen = report.unseen().map(|(what, why)| format!("{what}: {why}"));
        unseen.collect::<Vec<_>>()
    };
    let unnamed = report(all.clone(), "rw", ["production", "standby"]);
    assert_eq!(
        unseen(&unnamed),
        [
            "HAProxy's writers: no server of cluster.nodes is in \"rw\"; name the writers' backend with --writers"
        ]
    );
    let mut strangers = all;
    for server in &mut strangers {
        server.address = Some([10, 9, 9, 9].into());
    }
    let none = report(strangers, "prod", ["production", "standby"]);
    assert_eq!(
        unseen(&none),
        ["HAProxy's view: it has no server of cluster.nodes"]
    );
}
