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
mod tests {
    use super::*;

    fn found(judge: impl FnOnce(&mut Report)) -> (Vec<&'static str>, usize) {
        let mut report = Report::default();
        judge(&mut report);
        let ids = report.findings().iter().map(|found| found.id.word());
        (ids.collect(), report.unseen().count())
    }

    #[test]
    fn only_a_clear_no_is_a_finding() {
        assert_eq!(found(|report| clock("yes\n", report)), (vec![], 0));
        assert_eq!(found(|report| clock("no\n", report)), (vec!["clock"], 0));
        assert_eq!(found(|report| clock("", report)), (vec![], 1));
        let on = "haproxy_connect_any --> on\n";
        let off = "haproxy_connect_any --> off\n";
        assert_eq!(found(|report| selinux(on, report)), (vec![], 0));
        assert_eq!(
            found(|report| selinux(off, report)),
            (vec!["selinux-haproxy"], 0)
        );
        assert_eq!(found(|report| selinux("?", report)), (vec![], 1));
    }

    #[test]
    fn a_closed_gate_is_opened_by_its_own_tool() {
        for (tool, mends) in [
            (
                Firewall::Firewalld,
                "firewall-cmd --permanent --add-port=5431/tcp",
            ),
            (Firewall::Ufw, "ufw allow 5431/tcp"),
            (Firewall::Nft, "nft insert rule"),
        ] {
            let mut report = Report::default();
            firewall(tool, Gate::Closed, 5431, &mut report);
            assert!(report.findings()[0].remedy.starts_with(mends));
            assert_eq!(
                found(|report| firewall(tool, Gate::Open, 5431, report)),
                (vec![], 0)
            );
            assert_eq!(
                found(|report| firewall(tool, Gate::Unclear, 5431, report)),
                (vec![], 1)
            );
        }
    }

    #[test]
    fn ufw_lets_in_what_a_rule_or_its_default_allows() {
        let with = |rules: &str| {
            format!(
                "Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing)\n\n\
                 To                         Action      From\n--                         ------      ----\n\
                 22/tcp                     ALLOW IN    Anywhere\n{rules}\n"
            )
        };
        for (rules, gate) in [
            ("", Gate::Closed),
            (
                "5431/tcp                   ALLOW IN    10.20.30.0/24",
                Gate::Open,
            ),
            (
                "5430:5435/tcp              LIMIT IN    Anywhere",
                Gate::Open,
            ),
            (
                "Anywhere                   ALLOW IN    10.20.30.0/24",
                Gate::Open,
            ),
            (
                "5431/tcp                   DENY IN     Anywhere",
                Gate::Closed,
            ),
            (
                "15431/tcp                  ALLOW IN    Anywhere",
                Gate::Closed,
            ),
        ] {
            assert_eq!(ufw(&with(rules), 5431), Some(gate), "{rules}");
        }
        assert_eq!(ufw("Status: inactive\n", 5431), None);
        let open = with("").replace("deny (incoming)", "allow (incoming)");
        assert_eq!(ufw(&open, 5431), Some(Gate::Open));
    }

    #[test]
    fn of_nftables_only_plain_shapes_are_understood() {
        let with = |policy: &str, rules: &str| {
            format!(
                "table inet filter {{\n  chain input {{\n    type filter hook input priority filter; policy \
                 {policy};\n    ct state established accept\n{rules}\n  }}\n}}\n"
            )
        };
        let closed = with("drop", "    tcp dport { 22, 80 } accept");
        assert_eq!(nft(&closed, 5431), Some(Gate::Closed));
        let open = with("drop", "    tcp dport { 22, 5430-5435 } accept");
        assert_eq!(nft(&open, 5431), Some(Gate::Open));
        assert_eq!(nft(&with("accept", ""), 5431), None);
        assert_eq!(
            nft(&with("accept", "    reject"), 5431),
            Some(Gate::Unclear)
        );
        assert_eq!(
            nft(&with("drop", "    jump mine"), 5431),
            Some(Gate::Unclear)
        );
        assert_eq!(nft("", 5431), None);
    }
}
