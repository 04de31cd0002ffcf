//! Pacemaker's configuration: fencing, and the resource that runs PostgreSQL. Knows nothing of how it was
//! asked for.
//!
//! - [`cib`]: what of it matters here, as facts.

pub mod cib;

use super::finding::{Finding, Id};
use super::report::Report;
use cib::{Cib, Cloned, Fencing, Operation, Resource};

/// What each operation is given at least, by the guide of PAF ("Quick start").
const TIMEOUTS: [(&str, &str); 6] = [
    ("start", "60s"),
    ("stop", "60s"),
    ("promote", "30s"),
    ("demote", "120s"),
    ("monitor", "10s"),
    ("notify", "60s"),
];

/// Judges all of it.
pub fn judge(cib: &Cib, report: &mut Report) {
    let mut found = |id, what: String, remedy| report.find(Finding { id, what, remedy });
    if cib.fencing == Fencing::Off {
        found(
            Id::FencingOff,
            "stonith-enabled is false".into(),
            "crm_attribute --type crm_config --name stonith-enabled --update true".into(),
        );
    }
    if cib.devices == 0 {
        found(
            Id::FencingDevice,
            "there is no stonith resource, and no watchdog in its place".into(),
            "pcs stonith create fence-NODE AGENT pcmk_host_list=NODE …, for each node".into(),
        );
    }
    if cib.resources.is_empty() {
        report.not_looked_at("Pacemaker's resource", "none is a pgsqlms or pgsql");
    }
    for resource in &cib.resources {
        clone(resource, report);
        monitors(resource, report);
        timeouts(resource, report);
    }
}

fn clone(resource: &Resource, report: &mut Report) {
    let id = &resource.id;
    let mut found = |id, what: String, remedy| report.find(Finding { id, what, remedy });
    let Some(clone) = resource
        .clone
        .as_ref()
        .filter(|clone| clone.is_promotable())
    else {
        let what = format!("{id} is no promotable clone");
        let remedy = match &resource.clone {
            Some(clone) => set(clone, "promotable", "true"),
            None => format!("pcs resource promotable {id} notify=true"),
        };
        return found(Id::NotPromotable, what, remedy);
    };
    if !clone.notifies() {
        let what = format!("{} has no notify=true", clone.id);
        found(Id::NotifyOff, what, set(clone, "notify", "true"));
    }
    let most = clone.promoted_max();
    if let Some((name, most)) = most.filter(|(_, most)| most.trim() != "1") {
        let what = format!("{} has {name}={most}", clone.id);
        found(Id::PromotedMax, what, set(clone, name, "1"));
    }
}

fn set(clone: &Cloned, name: &str, value: &str) -> String {
    let id = &clone.id;
    format!("crm_resource --resource {id} --meta --set-parameter {name} --parameter-value {value}")
}

/// Each role needs one of its own, with an interval of its own.
fn monitors(resource: &Resource, report: &mut Report) {
    let id = &resource.id;
    let monitors = resource.operations.iter().filter(|it| it.is_monitor());
    let (promoted, other): (Vec<&Operation>, Vec<_>) =
        monitors.partition(|monitor| monitor.is_of_promoted());
    for (role, interval, there) in [("Promoted", 15, &promoted), ("Unpromoted", 16, &other)] {
        if there.is_empty() {
            report.find(Finding {
                id: Id::MonitorMissing,
                what: format!("{id} has no monitor for the role {role}"),
                remedy: format!(
                    "pcs resource op add {id} monitor interval={interval}s timeout=10s role={role}"
                ),
            });
        }
    }
    let same = other
        .iter()
        .find(|one| promoted.iter().any(|two| one.interval == two.interval));
    if let Some(monitor) = same {
        let Operation {
            id: duplicate,
            written,
            ..
        } = monitor;
        report.find(Finding {
            id: Id::MonitorIntervals,
            what: format!("{id} has two monitors with interval={written}"),
            remedy: format!(
                "pcs resource op remove {duplicate} && \
                 pcs resource op add {id} monitor interval=16s timeout=10s role=Unpromoted"
            ),
        });
    }
}

/// An operation that is not there has Pacemaker's default; a monitor that is not is another finding.
fn timeouts(resource: &Resource, report: &mut Report) {
    let id = &resource.id;
    let (mut names, mut settings) = (Vec::new(), Vec::new());
    for (name, timeout) in TIMEOUTS {
        let there = resource.operations.iter().filter(|it| it.name == name);
        let there: Vec<&Operation> = there.collect();
        let mut without = there.iter().filter(|it| !it.has_timeout).peekable();
        if without.peek().is_none() && (name == "monitor" || !there.is_empty()) {
            continue;
        }
        names.push(name);
        if name == "monitor" {
            settings
                .extend(without.map(|it| format!("op monitor {} timeout={timeout}", which(it))));
        } else {
            settings.push(format!("op {name} timeout={timeout}"));
        }
    }
    if names.is_empty() {
        return;
    }
    report.find(Finding {
        id: Id::OperationTimeout,
        what: format!("{id} has no timeout for {}", names.join(", ")),
        remedy: format!("pcs resource update {id} {}", settings.join(" ")),
    });
}

/// What tells a monitor from the others.
fn which(monitor: &Operation) -> String {
    let interval = &monitor.written;
    match &monitor.role {
        Some(role) => format!("interval={interval} role={role}"),
        None => format!("interval={interval}"),
    }
}

#[cfg(test)]
mod tests;
