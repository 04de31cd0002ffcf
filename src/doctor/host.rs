//! The host itself: its clock, `SELinux` and its firewall, from what their own tools print. Knows nothing of how
//! these are run.

use super::finding::{Finding, Id};
use super::report::Report;

/// Whether something that listens can be reached from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It can.
    Open,
    /// It cannot.
    Closed,
    /// The rules are not understood.
    Unclear,
}

/// A firewall, by its tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firewall {
    /// firewalld.
    Firewalld,
    /// ufw.
    Ufw,
    /// nftables by itself.
    Nft,
}

/// Judges what `timedatectl show --property=NTPSynchronized --value` prints: what the kernel knows of its clock,
/// whichever program sets it.
pub fn clock(printed: &str, report: &mut Report) {
    match printed.trim() {
        "yes" => {}
        "no" => report.find(Finding {
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
        Some("off") => report.find(Finding {
            id: Id::SelinuxHaproxy,
            what: "SELinux is enforcing, and haproxy_connect_any is off".into(),
            remedy: "setsebool -P haproxy_connect_any on".into(),
        }),
        Some(_) | None => report.not_looked_at("SELinux", "getsebool says neither on nor off"),
    }
}

/// Judges whether the port is let in.
pub fn firewall(firewall: Firewall, gate: Gate, port: u16, report: &mut Report) {
    let name = match firewall {
        Firewall::Firewalld => "firewalld",
        Firewall::Ufw => "ufw",
        Firewall::Nft => "nftables",
    };
    match gate {
        Gate::Open => {}
        Gate::Closed => report.find(Finding {
            id: Id::FirewallClosed,
            what: format!("{name} does not let TCP port {port} in"),
            remedy: match firewall {
                Firewall::Firewalld => {
                    format!(
                        "firewall-cmd --permanent --add-port={port}/tcp && firewall-cmd --reload"
                    )
                }
                Firewall::Ufw => format!("ufw allow {port}/tcp"),
                Firewall::Nft => {
                    format!("nft insert rule inet filter input tcp dport {port} accept")
                }
            },
        }),
        Gate::Unclear => {
            report.not_looked_at(
                "the firewall",
                &format!("the rules of {name} are not understood"),
            );
        }
    }
}

/// What `ufw status verbose` means for a port; none where it is switched off.
#[must_use]
pub fn ufw(printed: &str, port: u16) -> Option<Gate> {
    if !printed.lines().any(|line| line.trim() == "Status: active") {
        return None;
    }
    let lets_in = |line: &str| {
        let mut words = line.split_whitespace();
        let to = words.next().unwrap_or_default();
        // A name without a port is an application's, or Anywhere.
        let meets = to == "Anywhere" || names(to.trim_end_matches("/tcp"), port);
        meets && words.any(|word| ["ALLOW", "LIMIT"].contains(&word))
    };
    let by_default = printed
        .lines()
        .any(|line| line.starts_with("Default: allow (incoming)"));
    Some(if by_default || printed.lines().any(lets_in) {
        Gate::Open
    } else {
        Gate::Closed
    })
}

/// What `nft list ruleset` means for a port; none where nothing that comes in is looked at. Only two shapes are
/// understood: the port is named beside `accept`, or all is dropped that is not.
#[must_use]
pub fn nft(printed: &str, port: u16) -> Option<Gate> {
    let mut lines = printed.lines();
    let hook = lines.find(|line| line.contains("hook input"))?;
    let rules: Vec<&str> = printed.lines().collect();
    let accepts = rules
        .iter()
        .filter(|line| line.contains("dport") && line.contains("accept"))
        .any(|line| {
            line.split([' ', ',', '{', '}'])
                .any(|word| names(word, port))
        });
    let refuses = |line: &&str| {
        let mut words = line.split_whitespace();
        words.any(|word| ["drop", "reject", "jump", "goto"].contains(&word))
    };
    let refuses = rules
        .iter()
        .filter(|line| !line.contains("policy"))
        .any(refuses);
    match (hook.contains("policy drop"), accepts, refuses) {
        (_, true, _) => Some(Gate::Open),
        (true, false, false) => Some(Gate::Closed),
        (false, false, false) => None,
        (_, false, true) => Some(Gate::Unclear),
    }
}

/// Whether this is the port or a range that it is in.
fn names(text: &str, port: u16) -> bool {
    text.split(',').any(|part| {
        let (from, to) = part.split_once([':', '-']).unwrap_or((part, part));
        match (from.parse::<u16>(), to.parse::<u16>()) {
            (Ok(from), Ok(to)) => (from..=to).contains(&port),
            (Err(_), _) | (_, Err(_)) => false,
        }
    })
}

#[cfg(test)]
mod tests;
