//! What tools of a host print, and what follows from it.

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
