//! Reads the role in which Pacemaker runs a resource on a node from the node's history of operations (Pacemaker
//! Explained, "Operation History"). Knows no server: this is what Pacemaker believes.

use crate::base::xml::Element;
use crate::keeper::facts::InstanceRole;

/// `PCMK_EXEC_PENDING`: the operation is under way (`include/crm/common/results.h`).
const PENDING: &str = "-1";

/// `CRM_EX_OK`, `CRM_EX_NOT_RUNNING` and `PCMK_OCF_RUNNING_PROMOTED`.
const OK: i32 = 0;
const NOT_RUNNING: i32 = 7;
const RUNNING_PROMOTED: i32 = 8;

/// What an entry of the history says of the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RoleEvidence {
    /// Nothing, as a monitor that has failed.
    Nothing,
    /// This.
    Role(InstanceRole),
}

/// Returns the role from the element `lrm_resource` of a resource. The operation that was called last decides.
pub(super) fn role(resource: &Element) -> InstanceRole {
    let mut last: Option<(i64, InstanceRole)> = None;
    for entry in resource.all("lrm_rsc_op") {
        match said(entry) {
            RoleEvidence::Nothing => {}
            // It replaces the entry of the operation before it, so that the role before it is not known any more.
            RoleEvidence::Role(InstanceRole::Changing) => return InstanceRole::Changing,
            RoleEvidence::Role(role) => {
                let call = number(entry, "call-id").unwrap_or(0);
                if last.is_none_or(|(before, _)| call >= before) {
                    last = Some((call, role));
                }
            }
        }
    }
    last.map_or(InstanceRole::Unknown, |(_, role)| role)
}

fn said(entry: &Element) -> RoleEvidence {
    let pending = entry.attribute("op-status") == Some(PENDING);
    let status = number(entry, "rc-code").and_then(|status| i32::try_from(status).ok());
    let succeeded = |role| match status {
        _ if pending => InstanceRole::Changing,
        Some(OK) => role,
        Some(_) | None => InstanceRole::Unknown,
    };
    match entry.attribute("operation").unwrap_or_default() {
        "start" | "demote" => RoleEvidence::Role(succeeded(InstanceRole::Unpromoted)),
        "promote" => RoleEvidence::Role(succeeded(InstanceRole::Promoted)),
        "stop" => RoleEvidence::Role(succeeded(InstanceRole::Stopped)),
        "monitor" => match (status, number(entry, "interval")) {
            _ if pending => RoleEvidence::Nothing,
            (Some(OK), _) => RoleEvidence::Role(InstanceRole::Unpromoted),
            (Some(RUNNING_PROMOTED), _) => RoleEvidence::Role(InstanceRole::Promoted),
            // A probe. A monitor that finds no server has failed, and the role is what it was.
            (Some(NOT_RUNNING), Some(0)) => RoleEvidence::Role(InstanceRole::Stopped),
            (Some(_) | None, _) => RoleEvidence::Nothing,
        },
        // Notifications are not recorded, and neither a reload nor a reported failure changes the role.
        _ => RoleEvidence::Nothing,
    }
}

fn number(entry: &Element, name: &str) -> Option<i64> {
    entry.attribute(name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The role from entries `OPERATION INTERVAL CALL STATUS RC`.
    fn of(entries: &str) -> InstanceRole {
        let entry = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            let [operation, interval, call, status, code] = words[..] else {
                panic!("{line}");
            };
            format!(
                r#"<lrm_rsc_op operation="{operation}" interval="{interval}" call-id="{call}" op-status="{status}" rc-code="{code}"/>"#
            )
        };
        let entries: String = entries
            .split(", ")
            .filter(|line| !line.is_empty())
            .map(entry)
            .collect();
        let xml = format!(r#"<lrm_resource id="pgsqld">{entries}</lrm_resource>"#);
        role(&Element::read(&xml).unwrap())
    }

    #[test]
    fn the_last_operation_decides() {
        for (entries, expected) in [
            ("", InstanceRole::Unknown),
            ("start 0 10 0 0", InstanceRole::Unpromoted),
            (
                "start 0 10 0 0, monitor 16000 12 0 0",
                InstanceRole::Unpromoted,
            ),
            (
                "promote 0 20 0 0, monitor 15000 24 0 8",
                InstanceRole::Promoted,
            ),
            (
                "monitor 15000 24 0 8, demote 0 30 0 0",
                InstanceRole::Unpromoted,
            ),
            ("monitor 15000 24 0 8, stop 0 31 0 0", InstanceRole::Stopped),
            ("monitor 0 5 0 7", InstanceRole::Stopped),
            ("monitor 0 5 0 8", InstanceRole::Promoted),
            ("monitor 0 5 0 0", InstanceRole::Unpromoted),
        ] {
            assert_eq!(of(entries), expected, "{entries}");
        }
    }

    #[test]
    fn an_operation_under_way_hides_the_role() {
        for operation in ["start", "stop", "promote", "demote"] {
            let entries = format!("monitor 15000 24 0 8, {operation} 0 -1 -1 193");
            assert_eq!(of(&entries), InstanceRole::Changing, "{operation}");
        }
        let monitors = "promote 0 20 0 0, monitor 15000 -1 -1 193";
        assert_eq!(of(monitors), InstanceRole::Promoted);
    }

    #[test]
    fn an_operation_that_failed_leaves_no_known_role_and_a_monitor_that_failed_leaves_it() {
        assert_eq!(
            of("start 0 10 0 0, promote 0 20 0 1"),
            InstanceRole::Unknown
        );
        assert_eq!(of("promote 0 20 0 0, stop 0 30 2 1"), InstanceRole::Unknown);
        let failed = "promote 0 20 0 0, monitor 15000 24 0 9, asyncmon 0 99 0 1";
        assert_eq!(of(failed), InstanceRole::Promoted);
        let gone = "promote 0 20 0 0, monitor 15000 24 0 7";
        assert_eq!(of(gone), InstanceRole::Promoted);
    }
}
