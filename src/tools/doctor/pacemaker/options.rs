//! Judges the options of a whole cluster: fencing, quorum, maintenance.

use super::cib::{Cib, DeviceState};
use super::{HostFinding, Id, Report, is_set, is_true};
use crate::base::shell::quoted;

pub(super) fn judge(cib: &Cib, report: &mut Report) {
    fencing(cib, report);
    let option = |name: &str, value: &str| {
        format!("crm_attribute --type crm_config --name {name} --update {value}")
    };
    let policy = cib.option(&["no-quorum-policy"]);
    if policy.is_some_and(|(_, value)| value.trim().eq_ignore_ascii_case("ignore")) {
        report.find(HostFinding {
            id: Id::QuorumIgnored,
            what: "no-quorum-policy is ignore".into(),
            remedy: option("no-quorum-policy", "stop"),
        });
    }
    if is_set(&cib.options, "maintenance-mode") {
        report.find(HostFinding {
            id: Id::Maintenance,
            what: "maintenance-mode is true".into(),
            remedy: option("maintenance-mode", "false"),
        });
    }
    for node in &cib.maintained_nodes {
        report.find(HostFinding {
            id: Id::Maintenance,
            what: format!("node {node} has maintenance=true"),
            remedy: format!(
                "crm_attribute --node {} --name maintenance --delete",
                quoted(node)
            ),
        });
    }
    let managed = cib.option(&["is-managed-default"]);
    if managed.is_some_and(|(_, value)| !is_true(value)) {
        report.find(HostFinding {
            id: Id::Unmanaged,
            what: "is-managed-default is false".into(),
            remedy: "crm_attribute --type crm_config --name is-managed-default --delete".into(),
        });
    }
}

/// Judges fencing. The option names of Pacemaker 3.0.2 take precedence over the older ones.
fn fencing(cib: &Cib, report: &mut Report) {
    let enabled = cib.option(&["fencing-enabled", "stonith-enabled"]);
    if let Some((name, _)) = enabled.filter(|(_, value)| !is_true(value)) {
        report.find(HostFinding {
            id: Id::FencingOff,
            what: format!("{name} is false"),
            remedy: format!("crm_attribute --type crm_config --name {name} --update true"),
        });
    }
    if cib.devices.is_empty() {
        report.find(HostFinding {
            id: Id::FencingDevice,
            what: "there is no stonith resource, and no watchdog in its place".into(),
            remedy: "pcs stonith create fence-NODE AGENT pcmk_host_list=NODE …, for each node"
                .into(),
        });
    }
    for device in &cib.devices {
        match (device.state, &device.id) {
            (DeviceState::Used, _) | (DeviceState::Stopped, None) => {}
            (DeviceState::Stopped, Some(id)) => report.find(HostFinding {
                id: Id::FencingStopped,
                what: format!("{id} has target-role=Stopped"),
                remedy: format!(
                    "crm_resource --resource {} --meta --delete-parameter target-role",
                    quoted(id)
                ),
            }),
        }
    }
}
