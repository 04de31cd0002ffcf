//! Histories that are well, and one of each kind that is not.

use std::time::Duration;

use super::*;
use crate::failure::Failure;
use crate::history::{Silence, longest_silence};

const fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn primary(host: &str, timeline: i64) -> Server {
    Server {
        host: host.into(),
        writes: Some(timeline),
    }
}

fn one() -> Server {
    primary("one", 1)
}

fn standby() -> Server {
    Server {
        host: "two".into(),
        writes: None,
    }
}

/// An operation of client `c`, on a connection, from one millisecond to another.
fn on(connection: u64, asked: Asked, from: u64, told: Option<(u64, Told)>) -> Operation {
    Operation {
        client: "c".into(),
        connection,
        asked,
        sent: at(from),
        told: told.map(|(until, told)| (at(until), told)),
    }
}

fn set(value: i64, from: u64, told: impl Into<Option<(u64, Told)>>) -> Operation {
    let key = "k".into();
    on(1, Asked::Set { key, value }, from, told.into())
}

fn add(member: i64, from: u64, told: impl Into<Option<(u64, Told)>>) -> Operation {
    on(1, Asked::Add { member }, from, told.into())
}

fn get(connection: u64, server: Server, from: u64, value: Option<i64>) -> Operation {
    let key = "k".into();
    let told = Told::Value(server, value);
    on(connection, Asked::Get { key }, from, Some((from + 1, told)))
}

fn members(connection: u64, server: Server, from: u64, above: i64, seen: &[i64]) -> Operation {
    let of = "c".into();
    let told = Told::Members(server, seen.into());
    let asked = Asked::Members { of, above };
    on(connection, asked, from, Some((from + 1, told)))
}

fn acknowledged(until: u64) -> (u64, Told) {
    (until, Told::Acknowledged(one()))
}

fn unknown(until: u64) -> (u64, Told) {
    (until, Told::Unknown(Failure::Reset))
}

fn failed(until: u64) -> (u64, Told) {
    (until, Told::Failed(Failure::ReadOnly))
}

fn history(operations: Vec<Operation>) -> History {
    History {
        operations,
        wall: Duration::ZERO,
    }
}

/// What is found in operations after which the primary has these.
fn found(operations: Vec<Operation>, value: Option<i64>, members: &[i64]) -> Vec<Violation> {
    let end = Final {
        registers: value
            .map(|value| ("k".to_owned(), value))
            .into_iter()
            .collect(),
        members: [("c".to_owned(), members.iter().copied().collect())].into(),
    };
    check(&history(operations), &end, "one")
}

#[test]
fn a_history_in_which_every_read_shows_what_was_acknowledged_is_well() {
    let operations = vec![
        set(1, 0, acknowledged(10)),
        add(1, 11, acknowledged(12)),
        get(2, one(), 20, Some(1)),
        members(2, one(), 22, 0, &[1]),
        set(2, 30, acknowledged(40)),
        get(2, one(), 41, Some(2)),
    ];
    assert_eq!(found(operations, Some(2), &[1]), []);
}

#[test]
fn a_write_that_is_under_way_may_be_seen_or_not() {
    for seen in [1, 2] {
        let operations = vec![
            set(1, 0, acknowledged(10)),
            set(2, 20, acknowledged(40)),
            get(2, one(), 30, Some(seen)),
        ];
        assert_eq!(found(operations, Some(2), &[]), []);
    }
}

#[test]
fn an_acknowledged_write_that_a_later_read_on_the_primary_lacks_is_lost() {
    for seen in [None, Some(1)] {
        let operations = vec![
            set(1, 0, acknowledged(10)),
            set(2, 20, acknowledged(30)),
            get(2, one(), 31, seen),
        ];
        let lost = Violation::Lost {
            of: "k".into(),
            written: 2,
            acknowledged: at(30),
            missing: Some(at(31)),
            instead: seen,
            host: "one".into(),
        };
        assert_eq!(found(operations, Some(2), &[]), [lost]);
    }
}

#[test]
fn what_the_primary_lacks_at_the_end_is_lost() {
    let operations = vec![
        set(1, 0, acknowledged(10)),
        add(7, 11, acknowledged(12)),
        add(8, 13, acknowledged(14)),
    ];
    let violations = found(operations, None, &[8]);
    assert_eq!(violations.len(), 2, "{violations:?}");
    assert_eq!(
        violations[1].to_string(),
        "c: 7, acknowledged at 0.012, was missing on one at the end"
    );
    assert!(matches!(
        &violations[0],
        Violation::Lost { of, written: 1, missing: None, .. } if of == "k"
    ));
}

#[test]
fn a_member_that_a_later_read_on_the_primary_lacks_is_lost() {
    let write = || vec![add(1, 0, acknowledged(5)), add(2, 6, acknowledged(9))];
    let read = |seen: &[i64], above| {
        let mut operations = write();
        operations.push(members(2, one(), 10, above, seen));
        found(operations, None, &[1, 2])
    };
    assert_eq!(read(&[1, 2], 0), []);
    // Only what is above was asked for.
    assert_eq!(read(&[2], 1), []);
    assert!(matches!(
        read(&[2], 0)[..],
        [Violation::Lost { written: 1, .. }]
    ));
}

#[test]
fn a_standby_to_which_a_connection_came_may_lack_what_is_new() {
    let operations = vec![
        set(1, 0, acknowledged(10)),
        get(2, standby(), 20, None),
        members(2, standby(), 22, 0, &[]),
    ];
    assert_eq!(found(operations, Some(1), &[]), []);
}

#[test]
fn no_read_goes_back_on_one_connection_whoever_answers() {
    let read = |connection| {
        let operations = vec![
            set(1, 0, acknowledged(10)),
            set(2, 20, unknown(21)),
            get(2, standby(), 30, Some(2)),
            get(connection, standby(), 40, Some(1)),
        ];
        found(operations, Some(2), &[])
    };
    assert_eq!(read(3), []);
    let back = Violation::WentBack {
        client: "c".into(),
        of: "k".into(),
        shown: 2,
        instead: Some(1),
        at: at(40),
    };
    assert_eq!(read(2), [back]);
}

#[test]
fn a_connection_shows_what_was_acknowledged_on_it() {
    let operations = vec![
        set(1, 0, acknowledged(10)),
        add(4, 11, acknowledged(12)),
        get(1, standby(), 20, None),
        members(1, standby(), 22, 0, &[]),
    ];
    let violations = found(operations, Some(1), &[4]);
    let back = |violation: &Violation| matches!(violation, Violation::WentBack { .. });
    assert_eq!(violations.len(), 2, "{violations:?}");
    assert!(violations.iter().all(back), "{violations:?}");
}

#[test]
fn a_member_that_a_connection_showed_stays_while_it_is_asked_for() {
    let read = |above, seen: &[i64]| {
        let operations = vec![
            add(3, 0, unknown(1)),
            members(2, standby(), 10, 0, &[3]),
            members(2, standby(), 20, above, seen),
        ];
        found(operations, None, &[3])
    };
    assert_eq!(read(0, &[3]), []);
    assert_eq!(read(3, &[]), []);
    assert!(matches!(
        read(0, &[])[..],
        [Violation::WentBack {
            shown: 3,
            instead: None,
            ..
        }]
    ));
}

#[test]
fn a_write_of_which_nothing_is_known_may_be_there_or_not_or_come_later() {
    for told in [None, Some(unknown(5))] {
        for end in [None, Some(1)] {
            let operations = vec![
                set(1, 0, told.clone()),
                get(2, one(), 10, None),
                get(3, one(), 20, end),
            ];
            assert_eq!(found(operations, end, &[]), []);
        }
    }
}

#[test]
fn a_write_that_failed_must_never_be_seen() {
    let operations = vec![
        set(1, 0, failed(5)),
        add(2, 6, failed(7)),
        get(2, one(), 10, Some(1)),
        members(2, one(), 12, 0, &[2]),
    ];
    let violations = found(operations, None, &[]);
    let unwritten = |violation: &Violation| matches!(violation, Violation::Unwritten { .. });
    assert_eq!(violations.len(), 2, "{violations:?}");
    assert!(violations.iter().all(unwritten), "{violations:?}");
    // And at the end.
    assert_eq!(found(vec![set(1, 0, failed(5))], Some(1), &[]).len(), 1);
}

#[test]
fn what_nobody_has_sent_yet_cannot_be_read() {
    let early = vec![get(2, one(), 0, Some(1)), set(1, 10, acknowledged(20))];
    assert!(matches!(
        found(early, Some(1), &[])[..],
        [Violation::Unwritten { read: 1, .. }]
    ));
    let never = vec![members(2, one(), 0, 0, &[9])];
    assert!(matches!(
        found(never, None, &[])[..],
        [Violation::Unwritten { read: 9, .. }]
    ));
}

fn role(server: Server, from: u64, until: u64) -> Operation {
    let asked = Asked::Role {
        at: server.host.clone(),
    };
    on(9, asked, from, Some((until, Told::Role(server))))
}

#[test]
fn two_that_are_primaries_at_once_are_found() {
    // The old one is seen again after the new one was.
    let operations = vec![
        role(one(), 0, 1),
        role(primary("two", 2), 10, 11),
        role(one(), 20, 30),
        role(primary("two", 2), 40, 41),
    ];
    let both = Violation::TwoPrimaries {
        one: ("one".into(), 1),
        other: ("two".into(), 2),
        from: at(11),
        length: at(9),
    };
    assert_eq!(found(operations, None, &[]), [both]);
}

#[test]
fn one_after_the_other_and_back_is_well() {
    let operations = vec![
        role(one(), 0, 1),
        // Sent while the old one was: it may have answered before the other one was promoted.
        role(one(), 9, 30),
        role(primary("two", 2), 10, 11),
        role(standby(), 12, 13),
        role(primary("one", 3), 40, 41),
    ];
    assert_eq!(found(operations, None, &[]), []);
}

#[test]
fn the_longest_time_without_an_acknowledgement_is_told_from_end_to_end() {
    let operations = vec![
        set(1, 0, acknowledged(10)),
        get(2, one(), 500, Some(1)),
        set(2, 700, acknowledged(800)),
        set(3, 900, unknown(1000)),
    ];
    let history = history(operations);
    let is_acknowledged = |told: &Told| matches!(told, Told::Acknowledged(_));
    let silence = Silence {
        length: at(790),
        begin: at(10),
    };
    assert_eq!(longest_silence(&history, "c", is_acknowledged), silence);
    assert_eq!(
        longest_silence(&history, "d", is_acknowledged),
        Silence::default()
    );
    // Nothing at all: from the first statement to the end of the last.
    let never = longest_silence(&history, "c", |_| false);
    assert_eq!(never.length, at(1000));
}
