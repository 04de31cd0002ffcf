//! Judges the host's clock and `SELinux` from what their tools print, and the groups that the daemon's units name; starts no
//! program.

use std::path::Path;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::base::shell::quoted;

/// Judges the output of `timedatectl show --property=NTPSynchronized --value`: whether the kernel's clock is
/// synchronised, by whichever program.
pub fn clock(printed: &str, report: &mut Report) {
    match printed.trim() {
        "yes" => {}
        "no" => report.find(HostFinding {
            id: Id::Clock,
            what: "the clock is not synchronised".into(),
            remedy: "timedatectl set-ntp true".into(),
        }),
        _ => report.not_looked_at("the clock", "timedatectl prints neither yes nor no"),
    }
}

/// Judges the output of `getsebool haproxy_connect_any`. The caller runs it only if `SELinux` is enforcing.
pub fn selinux(printed: &str, report: &mut Report) {
    match printed.rsplit("-->").next().map(str::trim) {
        Some("on") => {}
        Some("off") => report.find(HostFinding {
            id: Id::SelinuxHaproxy,
            what: "SELinux is enforcing, and haproxy_connect_any is off".into(),
            remedy: "setsebool -P haproxy_connect_any on".into(),
        }),
        Some(_) | None => report.not_looked_at("SELinux", "getsebool prints neither on nor off"),
    }
}

/// Judges the values of `SupplementaryGroups=` for the daemon, each with its file. Earlier versions had a drop-in for Pacemaker
/// that names its group, and an upgrade leaves a copy of it alone.
pub fn groups<'a>(named: impl IntoIterator<Item = (&'a Path, &'a str)>, report: &mut Report) {
    let member = |(_, groups): &(&Path, &str)| {
        let mut groups = groups.split_whitespace();
        groups.any(|group| group == "haclient")
    };
    for (path, _) in named.into_iter().filter(member) {
        let shown = path.display().to_string();
        report.find(HostFinding {
            id: Id::DaemonInHaclient,
            what: format!("{shown} makes the daemon a member of haclient"),
            remedy: format!(
                "rm {} && systemctl daemon-reload && systemctl restart pgsql-state.service; pgsql-state-quorum.service asks \
                 Pacemaker in its place",
                quoted(&shown)
            ),
        });
    }
}

#[cfg(test)]
mod tests;
