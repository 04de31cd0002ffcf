//! What holds for every combination of what a plan is made from.

use super::*;

const NAMES: [&str; 4] = ["s_b", "s_gone", "barman", "foreign"];

fn presences() -> Vec<SlotPresence> {
    let mut all = vec![
        SlotPresence::Away(MINUTE),
        SlotPresence::Away(60 * MINUTE),
        SlotPresence::GivenUp,
    ];
    for role in [Claim::Primary, Claim::Standby] {
        for timeline in [2, 3] {
            for end in [950, 2000] {
                all.push(at(role, timeline, end));
            }
        }
    }
    all
}

fn slots() -> Vec<ReplicationSlot> {
    let mut all = Vec::new();
    for named in NAMES {
        for kind in [SlotKind::Physical, SlotKind::Logical, SlotKind::Temporary] {
            for activity in [SlotActivity::Active, SlotActivity::Inactive] {
                for restart in [None, Some(100), Some(600), Some(950)] {
                    for xmin in [SlotXmin::None, SlotXmin::Held] {
                        for wal in WalStatus::ALL.map(Some).into_iter().chain([None]) {
                            all.push(ReplicationSlot {
                                kind,
                                activity,
                                restart: restart.map(Lsn),
                                xmin,
                                wal,
                                ..slot(named, 0)
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

fn every_case(mut check: impl FnMut(&SlotFacts, &SlotPolicy)) {
    let mut cases = 0;
    for slot in slots() {
        for presence in presences() {
            for role in [Claim::Primary, Claim::Standby] {
                for (cap, keeps, most) in [
                    (Some(500), ServerCap::Absent, 10),
                    (None, ServerCap::Unlimited, 10),
                    (None, ServerCap::Limited(Bytes(1 << 30)), 10),
                    (Some(500), ServerCap::Unlimited, 1),
                ] {
                    for on_primary in [None, Some(Lsn(950))] {
                        let facts = SlotFacts {
                            server: SlotServer {
                                keeps,
                                most,
                                ..server(role)
                            },
                            slots: vec![slot.clone()],
                            nodes: vec![SlotNode {
                                slot: name("s_b"),
                                presence,
                            }],
                            also: vec![AlsoSlot {
                                name: name("barman"),
                                on_primary,
                            }],
                        };
                        let cap = cap.map(Bytes);
                        check(&facts, &SlotPolicy { cap, ..policy() });
                        cases += 1;
                    }
                }
            }
        }
    }
    assert!(cases > 100_000, "{cases}");
}

/// The facts after a step was done.
fn after(mut facts: SlotFacts, step: &SlotStep) -> SlotFacts {
    match step {
        SlotStep::Drop(slot, why) => {
            facts.slots.retain(|other| other.name != *slot);
            for node in &mut facts.nodes {
                if node.slot == *slot && *why == SlotDrop::OverCap {
                    node.presence = match node.presence {
                        seen @ SlotPresence::Seen(_) => seen,
                        SlotPresence::Away(_) | SlotPresence::GivenUp => SlotPresence::GivenUp,
                    };
                }
            }
        }
        SlotStep::Create(slot) => {
            assert!(facts.slots.iter().all(|other| other.name != *slot));
            let redo = facts.server.redo.0;
            facts.slots.push(super::slot(slot.as_str(), redo));
        }
        SlotStep::Advance(slot, to) => {
            for other in &mut facts.slots {
                if other.name == *slot {
                    other.restart = Some(*to);
                }
            }
        }
        SlotStep::Leave(..) | SlotStep::Alarm(_) => {}
    }
    facts
}

#[test]
fn only_inactive_physical_slots_with_the_prefix_or_a_name_of_the_list_are_touched() {
    every_case(|facts, policy| {
        let slot = facts.slots.first().unwrap();
        let may = slot.kind == SlotKind::Physical
            && slot.activity == SlotActivity::Inactive
            && slot.name.as_str() != "foreign";
        for step in plan(facts, policy) {
            match step {
                SlotStep::Drop(name, _) | SlotStep::Advance(name, _) => {
                    assert!(may && name == slot.name, "{facts:?}");
                }
                SlotStep::Create(name) => {
                    assert!(name != slot.name || may, "{facts:?}");
                    assert!(["s_b", "barman"].contains(&name.as_str()), "{facts:?}");
                }
                SlotStep::Leave(..) | SlotStep::Alarm(_) => {}
            }
        }
    });
}

#[test]
fn a_slot_moves_forward_alone_and_never_beyond_the_own_end() {
    every_case(|facts, policy| {
        for step in plan(facts, policy) {
            if let SlotStep::Advance(name, to) = step {
                let before = facts.slots.iter().find(|slot| slot.name == name).unwrap();
                assert!(before.restart.unwrap() < to && to <= facts.server.end);
            }
        }
    });
}

#[test]
fn a_plan_that_was_carried_out_leaves_nothing_to_do() {
    every_case(|facts, policy| {
        let mut done = facts.clone();
        for step in plan(facts, policy) {
            done = after(done, &step);
        }
        assert!(done.slots.len() <= facts.server.most.max(facts.slots.len()));
        for step in plan(&done, policy) {
            let idle = matches!(
                step,
                SlotStep::Leave(..) | SlotStep::Alarm(_) | SlotStep::Advance(..)
            );
            assert!(idle, "{facts:?}\n{done:?}\n{step:?}");
        }
    });
}

#[test]
fn what_an_inactive_slot_holds_beyond_the_servers_own_is_within_the_cap() {
    every_case(|facts, policy| {
        let mut done = facts.clone();
        for step in plan(facts, policy) {
            done = after(done, &step);
        }
        let Some(cap) = policy.cap else {
            return;
        };
        for slot in &done.slots {
            let is_ours = policy.prefix.begins(&slot.name) || slot.name.as_str() == "barman";
            let is_idle = slot.activity == SlotActivity::Inactive;
            if is_ours && is_idle && slot.kind == SlotKind::Physical {
                let held = slot.holds(&done.server);
                assert!(held <= cap, "{facts:?}\n{slot:?}");
            }
        }
    });
}
