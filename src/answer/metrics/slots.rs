//! The metrics of replication slots, each with the name of its slot. A slot that is gone has none.

use std::sync::atomic::AtomicI64;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::metric::Metric;
use crate::answer::document::{SlotRow, rows};
use crate::health::Details;

type SlotLabel = (&'static str, String);
type OfSlot = Family<[SlotLabel; 1], Gauge<i64, AtomicI64>>;

/// The metrics of all slots.
#[derive(Debug, Default)]
pub(super) struct SlotMetrics {
    active: OfSlot,
    retained: OfSlot,
    safe: OfSlot,
    inactive: OfSlot,
    status: Family<[SlotLabel; 2], Gauge>,
}

pub(super) const SLOT_ACTIVE: Metric = Metric {
    name: "slot_active",
    suffix: "",
    labels: "`slot`",
    help: "1 if a session streams from this replication slot",
};
pub(super) const SLOT_RETAINED: Metric = Metric {
    name: "slot_retained",
    suffix: "_bytes",
    labels: "`slot`",
    help: "WAL from where this slot reserves it to where the server is; absent if it reserves none",
};
pub(super) const SLOT_SAFE: Metric = Metric {
    name: "slot_safe",
    suffix: "_bytes",
    labels: "`slot`",
    help: "WAL that can be written until this slot is in danger of losing some; absent without max_slot_wal_keep_size",
};
pub(super) const SLOT_INACTIVE: Metric = Metric {
    name: "slot_inactive",
    suffix: "_seconds",
    labels: "`slot`",
    help: "How long no session has streamed from this slot; absent while one does, and before PostgreSQL 17",
};
pub(super) const SLOT_WAL_STATUS: Metric = Metric {
    name: "slot_wal_status",
    suffix: "",
    labels: "`slot`; `status`: `reserved`, `extended`, `unreserved`, `lost`",
    help: "1 for the state of the WAL of this slot; absent before PostgreSQL 13",
};

impl SlotMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(SLOT_ACTIVE.name, SLOT_ACTIVE.help, self.active.clone());
        registry.register(
            SLOT_WAL_STATUS.name,
            SLOT_WAL_STATUS.help,
            self.status.clone(),
        );
        for (metric, unit, family) in [
            (SLOT_RETAINED, Unit::Bytes, &self.retained),
            (SLOT_SAFE, Unit::Bytes, &self.safe),
            (SLOT_INACTIVE, Unit::Seconds, &self.inactive),
        ] {
            registry.register_with_unit(metric.name, metric.help, unit, family.clone());
        }
    }

    /// Shows the slots of these details, and no others.
    pub(super) fn show(&self, details: Option<&Details>) {
        for family in [&self.active, &self.retained, &self.safe, &self.inactive] {
            family.clear();
        }
        self.status.clear();
        let slots = details.and_then(|details| rows(details.slots.as_deref()));
        for slot in slots.unwrap_or_default() {
            self.show_slot(slot);
        }
    }

    fn show_slot(&self, slot: SlotRow) {
        let Some(name) = slot.slot_name else {
            return;
        };
        for (family, value) in [
            (&self.active, slot.active.map(i64::from)),
            (&self.retained, slot.retained_bytes),
            (&self.safe, slot.safe_wal_size),
            (&self.inactive, slot.inactive_seconds),
        ] {
            if let Some(value) = value {
                let labels = [("slot", name.clone())];
                family.get_or_create(&labels).set(value);
            }
        }
        if let Some(status) = slot.wal_status {
            let labels = [("slot", name), ("status", status)];
            self.status.get_or_create(&labels).set(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;
    use crate::health::Archive;

    fn text(metrics: &SlotMetrics, slots: &str) -> String {
        let details = Details {
            server_version: 170_000,
            started: String::new(),
            system_identifier: String::new(),
            timeline: None,
            flushed: None,
            replayed_commit: None,
            archive: Archive::None,
            receiver_name: None,
            senders: None,
            slots: Some(slots.into()),
        };
        metrics.show(Some(&details));
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn each_slot_has_what_is_known_of_it_and_one_that_is_gone_has_nothing() {
        let metrics = SlotMetrics::default();
        let both = text(
            &metrics,
            r#"[{"slot_name": "a", "active": true, "retained_bytes": 7, "wal_status": "extended"},
                {"slot_name": "b", "active": false, "safe_wal_size": -5, "inactive_seconds": 60}]"#,
        );
        for line in [
            "slot_active{slot=\"a\"} 1",
            "slot_active{slot=\"b\"} 0",
            "slot_retained_bytes{slot=\"a\"} 7",
            "slot_safe_bytes{slot=\"b\"} -5",
            "slot_inactive_seconds{slot=\"b\"} 60",
            "slot_wal_status{slot=\"a\",status=\"extended\"} 1",
        ] {
            assert!(both.lines().any(|one| one == line), "{line}\n{both}");
        }
        assert!(!both.contains("slot_retained_bytes{slot=\"b\"}"), "{both}");
        let one = text(&metrics, r#"[{"slot_name": "b", "active": true}]"#);
        assert!(!one.contains("slot=\"a\""), "{one}");
        metrics.show(None);
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let mut none = String::new();
        encode(&mut none, &registry).unwrap();
        assert!(!none.contains("slot=\""), "{none}");
    }
}
