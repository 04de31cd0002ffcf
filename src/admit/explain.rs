//! Describes to an operator how the access lists apply to one address; decides nothing itself.

use std::net::IpAddr;

use super::list::{AccessList, ListEntry};
use super::net::canonical;
use super::reason::Reason;
use super::rules::{ClientTrust, Rules};

/// One sentence on an address: whether it is answered, and which entry of which list decides.
#[must_use]
pub fn explain(rules: &Rules, address: IpAddr) -> String {
    let address = canonical(address);
    let entry = |list: &AccessList| {
        let entry = list.entry(address).map(ListEntry::to_string);
        entry.unwrap_or_default()
    };
    let (outcome, why) = match rules.judge(address) {
        ClientTrust::Refused(reason) => {
            let why = if reason == Reason::Denied {
                format!("{} is in admission.deny", entry(&rules.deny))
            } else {
                "no entry of admission.allow contains it".to_owned()
            };
            (format!("refused ({})", reason.word()), why)
        }
        ClientTrust::Trusted => (
            "answered without limits".to_owned(),
            format!("{} is in admission.trusted", entry(&rules.trusted)),
        ),
        ClientTrust::Untrusted if rules.allow.is_empty() => (
            "answered within the limits".to_owned(),
            "admission.allow is empty, so everyone is allowed".to_owned(),
        ),
        ClientTrust::Untrusted => (
            "answered within the limits".to_owned(),
            format!("{} is in admission.allow", entry(&rules.allow)),
        ),
    };
    format!("{address} is {outcome}: {why}")
}

#[cfg(test)]
mod tests {
    use super::super::net::Net;
    use super::*;

    fn list(nets: &[&str]) -> AccessList {
        AccessList::new(nets.iter().map(|net| net.parse::<Net>().unwrap().into()))
    }

    #[test]
    fn the_entry_that_decides_is_named() {
        let rules = Rules {
            deny: list(&["10.0.0.0/24"]),
            allow: list(&["10.0.0.0/8"]),
            trusted: list(&["10.0.1.1"]),
        };
        for (address, expected) in [
            (
                "10.0.0.7",
                "10.0.0.7 is refused (denied): \"10.0.0.0/24\" is in admission.deny",
            ),
            (
                "::ffff:10.0.1.1",
                "10.0.1.1 is answered without limits: \"10.0.1.1\" is in admission.trusted",
            ),
            (
                "10.0.1.2",
                "10.0.1.2 is answered within the limits: \"10.0.0.0/8\" is in admission.allow",
            ),
            (
                "::1",
                "::1 is refused (not-allowed): no entry of admission.allow contains it",
            ),
        ] {
            assert_eq!(explain(&rules, address.parse().unwrap()), expected);
        }
    }

    #[test]
    fn without_lists_everyone_is_answered_within_the_limits() {
        let message = explain(&Rules::default(), "::1".parse().unwrap());
        assert_eq!(
            message,
            "::1 is answered within the limits: admission.allow is empty, so everyone is allowed"
        );
    }
}
