//! The host itself: its clock and `SELinux`, from what their own tools print. Knows nothing of how
//! these are run.

use super::finding::{HostFinding, Id};
use super::report::Report;

/// Judges what `timedatectl show --property=NTPSynchronized --value` prints: what the kernel knows of its clock,
/// whichever program sets it.
pub fn clock(printed: &str, report: &mut Report) {
    match printed.trim() {
        "yes" => {}
        "no" => report.find(HostFinding {
            id: Id::Clock,
            what: "nothing keeps the clock in time".into(),
            remedy: "timedatectl set-ntp true".into(),
        }),
        _ => report.not_looked_at("the clock", "timedatectl says neither yes nor no"),
    }
}

/// Judges what `getsebool haproxy_connect_any` prints where `SELinux` is enforcing.
pub fn selinux(printed: &str, report: &mut Report) {
    match printed.rsplit("-->").next().map(str::trim) {
        Some("on") => {}
        Some("off") => report.find(HostFinding {
            id: Id::SelinuxHaproxy,
            what: "SELinux is enforcing, and haproxy_connect_any is off".into(),
            remedy: "setsebool -P haproxy_connect_any on".into(),
        }),
        Some(_) | None => report.not_looked_at("SELinux", "getsebool says neither on nor off"),
    }
}

#[cfg(test)]
mod tests;
