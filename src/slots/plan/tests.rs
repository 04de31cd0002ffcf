//! What becomes of each slot, case by case, and what holds in every case.

mod every_case;

use super::*;

const SYSTEM: &str = "7480000000000000001";
const MINUTE: Duration = Duration::from_secs(60);

fn name(text: &str) -> SlotName {
    text.parse().unwrap()
}

fn policy() -> SlotPolicy {
    SlotPolicy {
        prefix: "s_".parse().unwrap(),
        keep_absent: 30 * MINUTE,
        cap: Some(Bytes(500)),
    }
}

/// A server whose WAL reaches 1000, and whose last checkpoint began at 900.
fn server(role: Claim) -> SlotServer {
    SlotServer {
        role,
        system: SYSTEM.into(),
        timeline: 3,
        end: Lsn(1000),
        redo: Lsn(900),
        keeps: ServerCap::Limited(Bytes(1 << 30)),
        most: 10,
    }
}

fn slot(text: &str, restart: u64) -> ReplicationSlot {
    ReplicationSlot {
        name: name(text),
        kind: SlotKind::Physical,
        activity: SlotActivity::Inactive,
        restart: Some(Lsn(restart)),
        xmin: SlotXmin::None,
        wal: Some(WalStatus::Reserved),
        safe: None,
    }
}

fn at(role: Claim, timeline: i64, end: u64) -> SlotPresence {
    SlotPresence::Seen(HeardPosition {
        role,
        timeline,
        end: Lsn(end),
    })
}

/// The plan of a server with these slots, in a cluster in which `s_b` is another node's slot.
fn planned(role: Claim, slots: &[ReplicationSlot], node: SlotPresence) -> Vec<String> {
    let facts = SlotFacts {
        server: server(role),
        slots: slots.to_vec(),
        nodes: vec![SlotNode {
            slot: name("s_b"),
            presence: node,
        }],
        also: Vec::new(),
    };
    told(&facts, &policy())
}

fn told(facts: &SlotFacts, policy: &SlotPolicy) -> Vec<String> {
    let steps = plan(facts, policy);
    steps.iter().map(ToString::to_string).collect()
}

#[test]
fn a_missing_slot_is_made_on_either_role_unless_its_node_is_away_for_long() {
    for role in [Claim::Primary, Claim::Standby] {
        for presence in [
            at(Claim::Standby, 3, 700),
            at(Claim::Primary, 2, 700),
            SlotPresence::Away(30 * MINUTE),
        ] {
            assert_eq!(planned(role, &[], presence), ["create the slot s_b"]);
        }
        for presence in [
            SlotPresence::Away(30 * MINUTE + Duration::from_nanos(1)),
            SlotPresence::GivenUp,
        ] {
            assert_eq!(planned(role, &[], presence), [""; 0]);
        }
    }
}

#[test]
fn a_slot_is_advanced_to_what_its_node_has_and_never_beyond_the_own_end() {
    for role in [Claim::Primary, Claim::Standby] {
        for (end, told) in [
            (700, "advance the slot s_b to 0/2BC"),
            (1000, "advance the slot s_b to 0/3E8"),
            (5000, "advance the slot s_b to 0/3E8"),
            (600, "leave the slot s_b: it is where it should be"),
            (100, "leave the slot s_b: it is where it should be"),
        ] {
            let steps = planned(role, &[slot("s_b", 600)], at(Claim::Standby, 3, end));
            assert_eq!(steps, [told], "{role:?} {end}");
        }
    }
}

#[test]
fn the_slot_of_a_primary_stays_at_the_redo_location_from_which_a_rewind_would_need_wal() {
    let steps = planned(
        Claim::Standby,
        &[slot("s_b", 600)],
        at(Claim::Primary, 3, 1000),
    );
    assert_eq!(steps, ["advance the slot s_b to 0/384"]);
}

#[test]
fn a_node_on_another_timeline_and_a_second_primary_advance_nothing() {
    let left = "leave the slot s_b: its node is on another timeline, or is a primary too";
    for (role, presence) in [
        (Claim::Standby, at(Claim::Standby, 2, 1000)),
        (Claim::Standby, at(Claim::Primary, 4, 1000)),
        (Claim::Primary, at(Claim::Standby, 4, 1000)),
        (Claim::Primary, at(Claim::Primary, 3, 1000)),
    ] {
        assert_eq!(planned(role, &[slot("s_b", 600)], presence), [left]);
    }
}

#[test]
fn the_slot_of_a_node_that_is_away_is_kept_until_its_time_or_the_cap() {
    for role in [Claim::Primary, Claim::Standby] {
        for (restart, away, told) in [
            (
                600,
                30 * MINUTE,
                "leave the slot s_b: nothing newer is known of its owner",
            ),
            (
                500,
                MINUTE,
                "leave the slot s_b: nothing newer is known of its owner",
            ),
            (
                600,
                31 * MINUTE,
                "drop the slot s_b: its node was not heard for slots.keep_absent",
            ),
            (
                499,
                MINUTE,
                "drop the slot s_b: it holds more WAL than slots.cap",
            ),
        ] {
            let steps = planned(role, &[slot("s_b", restart)], SlotPresence::Away(away));
            assert_eq!(steps, [told], "{role:?} {restart} {away:?}");
        }
    }
}

#[test]
fn what_the_server_keeps_without_a_slot_does_not_exceed_the_cap() {
    let mut facts = SlotFacts {
        server: server(Claim::Standby),
        slots: vec![slot("s_b", 900)],
        nodes: vec![SlotNode {
            slot: name("s_b"),
            presence: SlotPresence::Away(MINUTE),
        }],
        also: Vec::new(),
    };
    facts.server.end = Lsn(9000);
    assert_eq!(
        told(&facts, &policy()),
        ["leave the slot s_b: nothing newer is known of its owner"]
    );
}

#[test]
fn the_slot_of_a_node_that_was_taken_out_goes_at_once() {
    for role in [Claim::Primary, Claim::Standby] {
        let steps = planned(role, &[slot("s_gone", 999)], at(Claim::Standby, 3, 999));
        assert_eq!(
            steps,
            [
                "drop the slot s_gone: no other node of cluster.nodes has it",
                "create the slot s_b"
            ]
        );
    }
}

#[test]
fn lost_and_unreserved_slots_and_those_with_an_xmin_on_a_standby_are_made_anew() {
    let lost = ReplicationSlot {
        wal: Some(WalStatus::Lost),
        ..slot("s_b", 700)
    };
    let unreserved = ReplicationSlot {
        restart: None,
        wal: None,
        ..slot("s_b", 700)
    };
    let held = ReplicationSlot {
        xmin: SlotXmin::Held,
        ..slot("s_b", 700)
    };
    for (role, slot, why) in [
        (Claim::Primary, &lost, "WAL that it should hold is gone"),
        (Claim::Standby, &lost, "WAL that it should hold is gone"),
        (Claim::Primary, &unreserved, "it reserves no WAL"),
        (
            Claim::Standby,
            &held,
            "it keeps dead rows from VACUUM, and on a standby nobody takes that back",
        ),
    ] {
        let steps = planned(
            role,
            std::slice::from_ref(slot),
            SlotPresence::Away(Duration::ZERO),
        );
        assert_eq!(
            steps,
            [
                format!("drop the slot s_b: {why}"),
                "create the slot s_b".into()
            ]
        );
    }
    // The standby that returns moves it on.
    let steps = planned(Claim::Primary, &[held], SlotPresence::Away(Duration::ZERO));
    assert_eq!(
        steps,
        ["leave the slot s_b: nothing newer is known of its owner"]
    );
}

#[test]
fn temporary_logical_and_foreign_slots_are_never_touched() {
    let of_kind = |kind, text: &str| ReplicationSlot {
        kind,
        wal: Some(WalStatus::Lost),
        ..slot(text, 1)
    };
    for (slot, why) in [
        (of_kind(SlotKind::Temporary, "s_b"), "it is temporary"),
        (of_kind(SlotKind::Temporary, "s_gone"), "it is temporary"),
        (
            of_kind(SlotKind::Logical, "s_gone"),
            "it belongs to somebody else",
        ),
        (
            of_kind(SlotKind::Physical, "barman"),
            "it belongs to somebody else",
        ),
    ] {
        let steps = planned(
            Claim::Standby,
            std::slice::from_ref(&slot),
            SlotPresence::GivenUp,
        );
        assert_eq!(steps, [format!("leave the slot {}: {why}", slot.name)]);
    }
}

#[test]
fn a_slot_for_others_is_advanced_to_that_of_the_primary_and_bounded_by_the_cap_alone() {
    let with = |role, slots: &[ReplicationSlot], on_primary: Option<u64>| {
        let facts = SlotFacts {
            server: server(role),
            slots: slots.to_vec(),
            nodes: Vec::new(),
            also: vec![AlsoSlot {
                name: name("barman"),
                on_primary: on_primary.map(Lsn),
            }],
        };
        told(&facts, &policy())
    };
    let barman = |restart| [slot("barman", restart)];
    for role in [Claim::Primary, Claim::Standby] {
        assert_eq!(with(role, &[], None), ["create the slot barman"]);
        assert_eq!(
            with(role, &barman(600), None),
            ["leave the slot barman: nothing newer is known of its owner"]
        );
        assert_eq!(
            with(role, &barman(400), None),
            [
                "drop the slot barman: it holds more WAL than slots.cap",
                "create the slot barman"
            ]
        );
    }
    assert_eq!(
        with(Claim::Standby, &barman(600), Some(700)),
        ["advance the slot barman to 0/2BC"]
    );
    assert_eq!(
        with(Claim::Standby, &barman(600), Some(2000)),
        ["advance the slot barman to 0/3E8"]
    );
    assert_eq!(
        with(Claim::Primary, &barman(600), Some(700)),
        ["leave the slot barman: nothing newer is known of its owner"]
    );
}

#[test]
fn nothing_is_made_where_nothing_limits_what_it_holds() {
    let unlimited = SlotPolicy {
        cap: None,
        ..policy()
    };
    for (keeps, is_made) in [
        (ServerCap::Absent, false),
        (ServerCap::Unlimited, false),
        (ServerCap::Limited(Bytes(1)), true),
    ] {
        let mut facts = SlotFacts {
            server: server(Claim::Primary),
            slots: Vec::new(),
            nodes: ["s_b", "s_c"]
                .map(|slot| SlotNode {
                    slot: name(slot),
                    presence: SlotPresence::Away(Duration::ZERO),
                })
                .into(),
            also: Vec::new(),
        };
        facts.server.keeps = keeps;
        let steps = plan(&facts, &unlimited);
        let alarm = [SlotStep::Alarm(SlotAlarm::NoCap)];
        assert_eq!(steps == alarm, !is_made, "{steps:?}");
        assert_eq!(plan(&facts, &policy()).len(), 2);
    }
}

#[test]
fn a_server_without_room_is_reported_and_what_is_dropped_makes_room() {
    let mut facts = SlotFacts {
        server: server(Claim::Primary),
        slots: vec![slot("s_gone", 950), slot("foreign", 950)],
        nodes: ["s_b", "s_c"]
            .map(|slot| SlotNode {
                slot: name(slot),
                presence: SlotPresence::Away(Duration::ZERO),
            })
            .into(),
        also: Vec::new(),
    };
    facts.server.most = 2;
    assert_eq!(
        told(&facts, &policy()),
        [
            "drop the slot s_gone: no other node of cluster.nodes has it",
            "create the slot s_b",
            "leave the slot foreign: it belongs to somebody else",
            "the server has no room for another slot; set max_replication_slots higher, and restart PostgreSQL",
        ]
    );
}

#[test]
fn a_standby_that_streams_and_is_too_far_behind_is_reported() {
    let active = |restart, wal| ReplicationSlot {
        activity: SlotActivity::Active,
        wal: Some(wal),
        ..slot("s_b", restart)
    };
    for (slot, steps) in [
        (active(500, WalStatus::Extended), 1),
        (active(499, WalStatus::Extended), 2),
        (active(900, WalStatus::Unreserved), 2),
    ] {
        let told = planned(Claim::Primary, &[slot], at(Claim::Standby, 3, 499));
        assert_eq!(told.len(), steps, "{told:?}");
    }
}
