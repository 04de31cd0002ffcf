//! Judges Pacemaker's configuration: fencing, and the resource that runs PostgreSQL; starts no program.
//!
//! - [`cib`]: the facts from the CIB.
//! - `options`: the options of the whole cluster.

pub mod cib;
mod options;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::base::shell::quoted;
use cib::{Cib, CibOperation, CloneKind, Cloned, PostgresResource, is_set, is_true, milliseconds};

/// The minimal timeout of each operation, from the guide of PAF ("Quick start").
const TIMEOUTS: [(&str, &str); 6] = [
    ("start", "60s"),
    ("stop", "60s"),
    ("promote", "30s"),
    ("demote", "120s"),
    ("monitor", "10s"),
    ("notify", "60s"),
];

/// Judges a CIB.
pub fn judge(cib: &Cib, report: &mut Report) {
    options::judge(cib, report);
    if cib.resources.is_empty() {
        report.not_looked_at("Pacemaker's resource", "no resource is a pgsqlms or pgsql");
    }
    for resource in &cib.resources {
        attended(resource, report);
        if resource.agent.promotes() {
            clone(resource, report);
            monitors(resource, report);
        } else if !resource.operations.iter().any(CibOperation::is_monitor) {
            monitor_missing(resource, "Started", 15, report);
        }
        timeouts(resource, report);
    }
    if !cib.conditional.is_empty() {
        report.not_looked_at(
            "Pacemaker's sets with a rule",
            &format!(
                "whether {} applies depends on the node or the time",
                cib.conditional.join(", ")
            ),
        );
    }
}

/// Whether Pacemaker manages the resource.
fn attended(resource: &PostgresResource, report: &mut Report) {
    let (id, meta) = (&resource.id, &resource.meta);
    let remedy = |name: &str, value: &str| {
        format!(
            "crm_resource --resource {} --meta --set-parameter {name} --parameter-value {value}",
            quoted(id)
        )
    };
    if is_set(meta, "maintenance") {
        report.find(HostFinding {
            id: Id::Maintenance,
            what: format!("{id} has maintenance=true"),
            remedy: remedy("maintenance", "false"),
        });
    }
    if meta.get("is-managed").is_some_and(|value| !is_true(value)) {
        report.find(HostFinding {
            id: Id::Unmanaged,
            what: format!("{id} has is-managed=false"),
            remedy: remedy("is-managed", "true"),
        });
    }
}

fn clone(resource: &PostgresResource, report: &mut Report) {
    let id = &resource.id;
    let mut found = |id, what: String, remedy| report.find(HostFinding { id, what, remedy });
    let Some(clone) = resource
        .clone
        .as_ref()
        .filter(|clone| clone.is_promotable())
    else {
        let what = format!("{id} is not a promotable clone");
        let remedy = match &resource.clone {
            Some(clone) => match clone.kind {
                CloneKind::Clone => set(clone, "promotable", "true"),
                CloneKind::Bundle => {
                    format!(
                        "pcs resource bundle update {} container promoted-max=1",
                        quoted(&clone.id)
                    )
                }
            },
            None => format!("pcs resource promotable {} notify=true", quoted(id)),
        };
        return found(Id::NotPromotable, what, remedy);
    };
    // A bundle has no option for notifications.
    if clone.kind == CloneKind::Clone && !clone.notifies() {
        let what = format!("{} has no notify=true", clone.id);
        found(Id::NotifyOff, what, set(clone, "notify", "true"));
    }
    let most = clone.promoted_max();
    if let Some((name, most)) = most.filter(|(_, most)| most.trim() != "1") {
        let what = format!("{} has {name}={most}", clone.id);
        let remedy = match clone.kind {
            CloneKind::Clone => set(clone, name, "1"),
            CloneKind::Bundle => {
                format!(
                    "pcs resource bundle update {} container promoted-max=1",
                    quoted(&clone.id)
                )
            }
        };
        found(Id::PromotedMax, what, remedy);
    }
}

fn set(clone: &Cloned, name: &str, value: &str) -> String {
    let (id, name) = (quoted(&clone.id), quoted(name));
    format!("crm_resource --resource {id} --meta --set-parameter {name} --parameter-value {value}")
}

/// Each role needs its own monitor, with its own interval.
fn monitors(resource: &PostgresResource, report: &mut Report) {
    let id = &resource.id;
    let monitors = resource.operations.iter().filter(|it| it.is_monitor());
    let (promoted, other): (Vec<&CibOperation>, Vec<_>) =
        monitors.partition(|monitor| monitor.is_of_promoted());
    for (role, interval, there) in [("Promoted", 15, &promoted), ("Unpromoted", 16, &other)] {
        if there.is_empty() {
            monitor_missing(resource, role, interval, report);
        }
    }
    let same = other
        .iter()
        .find(|one| promoted.iter().any(|two| one.interval == two.interval));
    if let Some(monitor) = same {
        let written = &monitor.written;
        let (duplicate, resource) = (quoted(&monitor.id), quoted(id));
        report.find(HostFinding {
            id: Id::MonitorIntervals,
            what: format!("{id} has two monitors with interval={written}"),
            remedy: format!(
                "pcs resource op remove {duplicate} && \
                 pcs resource op add {resource} monitor interval=16s timeout=10s role=Unpromoted"
            ),
        });
    }
}

fn monitor_missing(resource: &PostgresResource, role: &str, interval: u32, report: &mut Report) {
    let id = &resource.id;
    report.find(HostFinding {
        id: Id::MonitorMissing,
        what: format!("{id} has no monitor for the role {role}"),
        remedy: format!(
            "pcs resource op add {} monitor interval={interval}s timeout=10s role={role}",
            quoted(id)
        ),
    });
}

/// An operation that is not configured has Pacemaker's default timeout. A missing monitor is another finding.
fn timeouts(resource: &PostgresResource, report: &mut Report) {
    let id = &resource.id;
    let (mut names, mut settings) = (Vec::new(), Vec::new());
    let (mut short, mut longer) = (Vec::new(), Vec::new());
    for (name, timeout) in TIMEOUTS {
        if !resource.agent.promotes() && ["promote", "demote", "notify"].contains(&name) {
            continue;
        }
        let there = resource.operations.iter().filter(|it| it.name == name);
        let there: Vec<&CibOperation> = there.collect();
        let setting = |operation: &CibOperation| match name {
            "monitor" => format!("op monitor {} timeout={timeout}", which(operation)),
            _ => format!("op {name} timeout={timeout}"),
        };
        for operation in &there {
            let Some(written) = &operation.timeout else {
                continue;
            };
            // A timeout that cannot be parsed is not judged.
            let least = milliseconds(timeout);
            if milliseconds(written).is_some_and(|it| Some(it) < least) {
                short.push(format!("{name} has {written}"));
                longer.push(setting(operation));
            }
        }
        let without: Vec<&&CibOperation> = there.iter().filter(|it| it.timeout.is_none()).collect();
        if without.is_empty() && (name == "monitor" || !there.is_empty()) {
            continue;
        }
        names.push(name);
        if name == "monitor" {
            settings.extend(without.into_iter().map(|it| setting(it)));
        } else {
            settings.push(format!("op {name} timeout={timeout}"));
        }
    }
    let mut found = |id, what, settings: Vec<String>| {
        if !settings.is_empty() {
            let remedy = format!(
                "pcs resource update {} {}",
                quoted(&resource.id),
                settings.join(" ")
            );
            report.find(HostFinding { id, what, remedy });
        }
    };
    let what = format!("{id} has no timeout for {}", names.join(", "));
    found(Id::OperationTimeout, what, settings);
    let what = format!("{id} has short timeouts: {}", short.join(", "));
    found(Id::OperationTimeoutShort, what, longer);
}

/// The attributes that distinguish a monitor from the other ones.
fn which(monitor: &CibOperation) -> String {
    let interval = quoted(&monitor.written);
    match &monitor.role {
        Some(role) => format!("interval={interval} role={}", quoted(role)),
        None => format!("interval={interval}"),
    }
}

#[cfg(test)]
mod tests;
