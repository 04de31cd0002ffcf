//! Judges the replication slots of a server: what they hold, and whether they hold what they should. The slots of a standby are
//! inactive by their nature, those of a primary are not.

use super::down;
use super::facts::CheckFacts;
use super::finding::{CheckFinding, Figure};
use super::limits::Bounds;
use super::question::Subject;
use super::status::PluginStatus;
use crate::answer::document::SlotRow;
use crate::base::units::Bytes;
use crate::health::State;
use crate::postgres::slot_rows::WalStatus;

/// Judges the slots. The limits apply to the WAL that any of them holds.
#[must_use]
pub fn judge(most: Bounds<Bytes>, facts: &CheckFacts) -> CheckFinding {
    match facts.state {
        State::Down(reason) => {
            let text = format!("down {}", reason.word());
            return CheckFinding::plain(Subject::Slots, down::status(reason), text);
        }
        State::Primary(_) | State::Standby(..) => {}
    }
    let Some(slots) = &facts.slots else {
        return CheckFinding::unknown(Subject::Slots, "the replication slots are unknown");
    };
    let lasting: Vec<&SlotRow> = slots
        .iter()
        .filter(|slot| slot.temporary != Some(true))
        .collect();
    let held = lasting.iter().filter_map(|slot| {
        let held = u64::try_from(slot.retained_bytes?).unwrap_or(0);
        Some((Bytes(held), name(slot)))
    });
    let (held, holder) = held.max().unwrap_or((Bytes(0), ""));
    let faults: Vec<(PluginStatus, String)> = lasting
        .iter()
        .filter_map(|slot| fault(slot, &facts.state))
        .collect();
    let worst = faults.iter().map(|(status, _)| *status).max();
    let mut text = match lasting.len() {
        0 => "no slots".to_owned(),
        number => format!(
            "slots: {number}, the most is {} of {holder}",
            held.roughly()
        ),
    };
    for (_, fault) in &faults {
        text.extend(["; ", fault]);
    }
    CheckFinding {
        figures: vec![Figure::bytes("retained", held, most)],
        ..CheckFinding::plain(
            Subject::Slots,
            most.at_most(held).max(worst.unwrap_or(PluginStatus::Ok)),
            text,
        )
    }
}

fn name(slot: &SlotRow) -> &str {
    slot.slot_name.as_deref().unwrap_or_default()
}

/// What is wrong with a slot, whatever it holds.
fn fault(slot: &SlotRow, state: &State) -> Option<(PluginStatus, String)> {
    let name = name(slot);
    let status = slot.wal_status.as_deref().and_then(WalStatus::parse);
    let is_idle = slot.active == Some(false);
    let is_physical = slot.slot_type.as_deref() == Some("physical");
    let (status, what) = match (status, state) {
        (Some(WalStatus::Lost), _) => (PluginStatus::Critical, "has lost WAL"),
        (Some(WalStatus::Unreserved), _) => {
            (PluginStatus::Critical, "loses WAL at the next checkpoint")
        }
        (Some(WalStatus::Reserved | WalStatus::Extended) | None, _)
            if is_physical && slot.restart_lsn.is_none() =>
        {
            (PluginStatus::Warning, "reserves no WAL")
        }
        (Some(WalStatus::Reserved | WalStatus::Extended) | None, _)
            if is_physical && is_idle && slot.xmin.is_some() =>
        {
            (
                PluginStatus::Warning,
                "is not in use and keeps dead rows from VACUUM",
            )
        }
        (Some(WalStatus::Reserved | WalStatus::Extended) | None, State::Primary(_)) if is_idle => {
            (PluginStatus::Warning, "is not in use")
        }
        (
            Some(WalStatus::Reserved | WalStatus::Extended) | None,
            State::Primary(_) | State::Standby(..) | State::Down(_),
        ) => return None,
    };
    Some((status, format!("{name} {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::document::LsnText;
    use crate::health::{ConnectionSlots, DownReason, Lsn, Standby, Verdict};

    const PRIMARY: State = State::Primary(ConnectionSlots::Free);

    fn slot(name: &str, active: bool, held: i64) -> SlotRow {
        SlotRow {
            slot_name: Some(name.into()),
            slot_type: Some("physical".into()),
            active: Some(active),
            temporary: Some(false),
            restart_lsn: Some(LsnText(Lsn(1))),
            wal_status: Some("reserved".into()),
            retained_bytes: Some(held),
            ..SlotRow::default()
        }
    }

    fn judged(state: State, slots: Option<Vec<SlotRow>>) -> (PluginStatus, String) {
        let facts = CheckFacts {
            verdict: Verdict::Production,
            state,
            delay: None,
            senders: None,
            slots,
        };
        let limits = Bounds {
            warning: Some(Bytes(1 << 20)),
            critical: Some(Bytes(16 << 20)),
        };
        let found = judge(limits, &facts);
        (found.status, found.text)
    }

    #[test]
    fn what_a_slot_holds_is_limited() {
        for (held, status) in [
            (0, PluginStatus::Ok),
            (1 << 20, PluginStatus::Ok),
            (2 << 20, PluginStatus::Warning),
            (17 << 20, PluginStatus::Critical),
        ] {
            let slots = vec![slot("a", true, 0), slot("b", true, held)];
            assert_eq!(judged(PRIMARY, Some(slots)).0, status, "{held}");
        }
        let slots = vec![slot("a", true, 5 << 20), slot("b", true, 2)];
        let text = "slots: 2, the most is 5MB of a";
        assert_eq!(
            judged(PRIMARY, Some(slots)),
            (PluginStatus::Warning, text.into())
        );
    }

    #[test]
    fn a_slot_that_is_not_in_use_is_a_fault_on_a_primary_alone() {
        let slots = || Some(vec![slot("a", false, 0)]);
        let (status, text) = judged(PRIMARY, slots());
        assert_eq!(status, PluginStatus::Warning);
        assert!(text.ends_with("; a is not in use"), "{text}");
        let standby = State::Standby(ConnectionSlots::Free, Standby::default());
        assert_eq!(judged(standby, slots()).0, PluginStatus::Ok);
    }

    #[test]
    fn lost_endangered_and_useless_slots_are_named() {
        let with = |change: fn(&mut SlotRow)| {
            let mut slot = slot("a", true, 0);
            change(&mut slot);
            judged(PRIMARY, Some(vec![slot]))
        };
        for (found, status, text) in [
            (
                with(|slot| slot.wal_status = Some("lost".into())),
                PluginStatus::Critical,
                "a has lost WAL",
            ),
            (
                with(|slot| slot.wal_status = Some("unreserved".into())),
                PluginStatus::Critical,
                "a loses WAL at the next checkpoint",
            ),
            (
                with(|slot| slot.restart_lsn = None),
                PluginStatus::Warning,
                "a reserves no WAL",
            ),
            (
                with(|slot| (slot.active, slot.xmin) = (Some(false), Some("7".into()))),
                PluginStatus::Warning,
                "a is not in use and keeps dead rows from VACUUM",
            ),
        ] {
            assert_eq!(found.0, status, "{text}");
            assert!(found.1.ends_with(text), "{found:?}");
        }
    }

    #[test]
    fn temporary_slots_do_not_count_and_unknown_ones_are_not_fine() {
        let temporary = SlotRow {
            temporary: Some(true),
            ..slot("a", false, 1 << 40)
        };
        let fine = (PluginStatus::Ok, "no slots".to_owned());
        assert_eq!(judged(PRIMARY, Some(vec![temporary])), fine);
        assert_eq!(judged(PRIMARY, None).0, PluginStatus::Unknown);
        let down = judged(State::Down(DownReason::Refused), None);
        assert_eq!(down, (PluginStatus::Critical, "down refused".into()));
    }
}
