//! Judges the replication slots of a server; opens no connection.

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::health::Claim;
use crate::postgres::slot_name::SlotName;
use crate::postgres::slot_rows::{
    ReplicationSlot, ServerCap, SlotActivity, SlotKind, SlotServer, SlotXmin, WalStatus,
};

/// A server's slots, and which the configuration wants.
#[derive(Clone, Debug)]
pub struct SlotsSeen<'a> {
    /// The server.
    pub server: &'a SlotServer,
    /// All its slots.
    pub slots: &'a [ReplicationSlot],
    /// The slots that the keeper keeps; none if it keeps none.
    pub kept: Option<KeptSlotNames>,
    /// The `psql` command with the options that connect it to the server.
    pub psql: &'a str,
}

/// The names of the slots that the keeper keeps.
#[derive(Clone, Debug)]
pub struct KeptSlotNames {
    /// Those of the other nodes, and of others.
    pub wanted: Vec<SlotName>,
    /// How the names of nodes' slots begin.
    pub prefix: String,
    /// Whether `slots.cap` limits what they hold.
    pub cap: CapSet,
}

/// Whether `slots.cap` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapSet {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// Judges all slots.
pub fn judge(facts: &SlotsSeen<'_>, report: &mut Report) {
    for slot in facts.slots {
        if let Some((id, what)) = fault(slot, facts) {
            let psql = facts.psql;
            let drop = format!(
                "{psql} -c \"SELECT pg_drop_replication_slot('{}')\"",
                slot.name
            );
            let remedy = if id == Id::SlotInactive {
                format!("start its standby, or drop it: {drop}")
            } else {
                drop
            };
            report.find(HostFinding { id, what, remedy });
        }
    }
    let Some(kept) = &facts.kept else {
        return;
    };
    match (facts.server.keeps, kept.cap) {
        (ServerCap::Absent | ServerCap::Unlimited, CapSet::No) => report.find(HostFinding {
            id: Id::SlotsNoCap,
            what: "slots.mode is \"nodes\", and neither slots.cap nor max_slot_wal_keep_size limits slots".into(),
            remedy: "set slots.cap to less than the room on the disk, and restart pgsql-state-keeper.service".into(),
        }),
        (ServerCap::Limited(_), _) | (ServerCap::Absent | ServerCap::Unlimited, CapSet::Yes) => {}
    }
    for name in &kept.wanted {
        if !facts.slots.iter().any(|slot| slot.name == *name) {
            report.find(HostFinding {
                id: Id::SlotMissing,
                what: format!("there is no slot {name}"),
                remedy: "look at why with: journalctl -u pgsql-state-keeper.service; pgsql-state keeper --dry-run".into(),
            });
        }
    }
}

/// What is wrong with a slot, the worst first.
fn fault(slot: &ReplicationSlot, facts: &SlotsSeen<'_>) -> Option<(Id, String)> {
    let name = &slot.name;
    let is_physical = match slot.kind {
        SlotKind::Temporary => return None,
        SlotKind::Physical => true,
        SlotKind::Logical => false,
    };
    let is_idle = slot.activity == SlotActivity::Inactive;
    if slot.wal == Some(WalStatus::Lost) {
        return Some((Id::SlotLost, format!("the slot {name} has lost WAL")));
    }
    if is_physical && slot.restart.is_none() {
        let what = format!("the slot {name} reserves no WAL");
        return Some((Id::SlotUnreserved, what));
    }
    if is_physical && is_idle && slot.xmin == SlotXmin::Held {
        let what = format!("the slot {name} is not in use and has an xmin");
        return Some((Id::SlotXmin, what));
    }
    let kept = facts.kept.as_ref();
    let is_wanted = kept.is_some_and(|kept| kept.wanted.contains(name));
    let has_prefix = kept.is_some_and(|kept| name.as_str().starts_with(&kept.prefix));
    if is_physical && has_prefix && !is_wanted {
        let what = format!("the slot {name} has slots.prefix and is no other node's");
        return Some((Id::SlotOrphaned, what));
    }
    let held = slot.holds(facts.server).roughly();
    match facts.server.role {
        Claim::Primary if is_idle => {
            let what = format!("nobody streams from the slot {name}, which holds {held} of WAL");
            Some((Id::SlotInactive, what))
        }
        // Nothing moves it on, so it holds WAL without end.
        Claim::Standby if is_physical && is_idle && !is_wanted => {
            let what =
                format!("the slot {name} of this standby is not in use and holds {held} of WAL");
            Some((Id::SlotForeign, what))
        }
        Claim::Primary | Claim::Standby => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::Bytes;
    use crate::health::Lsn;

    fn server(role: Claim) -> SlotServer {
        SlotServer {
            role,
            system: "1".into(),
            timeline: 1,
            end: Lsn(3 << 20),
            redo: Lsn(0),
            keeps: ServerCap::Limited(Bytes(1 << 30)),
            most: 10,
        }
    }

    fn slot(name: &str, activity: SlotActivity) -> ReplicationSlot {
        ReplicationSlot {
            name: name.parse().unwrap(),
            kind: SlotKind::Physical,
            activity,
            restart: Some(Lsn(1 << 20)),
            xmin: SlotXmin::None,
            wal: Some(WalStatus::Reserved),
            safe: None,
        }
    }

    fn kept(cap: CapSet) -> KeptSlotNames {
        KeptSlotNames {
            wanted: vec!["s_b".parse().unwrap()],
            prefix: "s_".into(),
            cap,
        }
    }

    fn ids(server: &SlotServer, slots: &[ReplicationSlot], kept: Option<KeptSlotNames>) -> Vec<Id> {
        let mut report = Report::default();
        let psql = "psql";
        judge(
            &SlotsSeen {
                server,
                slots,
                kept,
                psql,
            },
            &mut report,
        );
        report.findings().iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_slot_in_use_and_those_that_are_kept_on_a_standby_are_sound() {
        let (active, idle) = (SlotActivity::Active, SlotActivity::Inactive);
        let primary = server(Claim::Primary);
        assert_eq!(ids(&primary, &[slot("any", active)], None), []);
        let standby = server(Claim::Standby);
        let kept = kept(CapSet::No);
        assert_eq!(ids(&standby, &[slot("s_b", idle)], Some(kept)), []);
    }

    #[test]
    fn each_fault_of_a_slot_is_found() {
        let idle = |name: &str| slot(name, SlotActivity::Inactive);
        let lost = ReplicationSlot {
            wal: Some(WalStatus::Lost),
            ..idle("any")
        };
        let unreserved = ReplicationSlot {
            restart: None,
            ..idle("any")
        };
        let held = ReplicationSlot {
            xmin: SlotXmin::Held,
            ..idle("any")
        };
        let temporary = ReplicationSlot {
            kind: SlotKind::Temporary,
            ..lost.clone()
        };
        let (primary, standby) = (server(Claim::Primary), server(Claim::Standby));
        for (server, slot, expected) in [
            (&primary, idle("any"), vec![Id::SlotInactive]),
            (&standby, idle("any"), vec![Id::SlotForeign]),
            (&standby, lost, vec![Id::SlotLost]),
            (&standby, unreserved, vec![Id::SlotUnreserved]),
            (&primary, held, vec![Id::SlotXmin]),
            (&primary, temporary, vec![]),
        ] {
            assert_eq!(ids(server, std::slice::from_ref(&slot), None), expected);
        }
    }

    #[test]
    fn what_the_keeper_should_have_done_is_found() {
        let mut server = server(Claim::Standby);
        let gone = slot("s_gone", SlotActivity::Inactive);
        let found = ids(&server, &[gone], Some(kept(CapSet::No)));
        assert_eq!(found, [Id::SlotOrphaned, Id::SlotMissing]);
        server.keeps = ServerCap::Unlimited;
        let kept_slots = [slot("s_b", SlotActivity::Inactive)];
        assert_eq!(
            ids(&server, &kept_slots, Some(kept(CapSet::No))),
            [Id::SlotsNoCap]
        );
        assert_eq!(ids(&server, &kept_slots, Some(kept(CapSet::Yes))), []);
    }
}
