//! Judges the host's clock and `SELinux` from what their tools print; starts no program.

use super::finding::{HostFinding, Id};
use super::report::Report;

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

#[cfg(test)]
mod tests;
