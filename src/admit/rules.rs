//! The three lists in their order; knows no limit.

use std::net::IpAddr;

use super::list::AccessList;
use super::reason::Reason;

/// `admission.deny`, `admission.allow` and `admission.trusted`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Never answered, whatever else names them.
    pub deny: AccessList,
    /// Who may ask at all; empty: everyone.
    pub allow: AccessList,
    /// Never limited: the load balancers.
    pub trusted: AccessList,
}

/// What the lists make of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientTrust {
    /// To be answered at once.
    Trusted,
    /// To be answered within the limits.
    Untrusted,
    /// To be refused.
    Refused(Reason),
}

impl Rules {
    /// Holds an address, as [`canonical`](super::net::canonical) spells it, against the lists. Whoever
    /// is denied, or not allowed, is refused even where `trusted` names it.
    #[must_use]
    pub fn judge(&self, address: IpAddr) -> ClientTrust {
        if self.deny.contains(address) {
            ClientTrust::Refused(Reason::Denied)
        } else if !self.allow.is_empty() && !self.allow.contains(address) {
            ClientTrust::Refused(Reason::NotAllowed)
        } else if self.trusted.contains(address) {
            ClientTrust::Trusted
        } else {
            ClientTrust::Untrusted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::net::Net;
    use super::*;

    fn list(nets: &[&str]) -> AccessList {
        AccessList::new(nets.iter().map(|net| net.parse::<Net>().unwrap().into()))
    }

    fn judge(rules: &Rules, address: &str) -> ClientTrust {
        rules.judge(address.parse().unwrap())
    }

    #[test]
    fn without_lists_everyone_is_an_untrusted_client() {
        assert_eq!(judge(&Rules::default(), "10.0.0.1"), ClientTrust::Untrusted);
        assert_eq!(judge(&Rules::default(), "::1"), ClientTrust::Untrusted);
    }

    #[test]
    fn deny_comes_before_allow_and_allow_before_trusted() {
        let rules = Rules {
            deny: list(&["10.0.0.0/24"]),
            allow: list(&["10.0.0.0/8"]),
            trusted: list(&["10.0.0.1", "10.0.1.1", "192.168.0.1"]),
        };
        for (address, expected) in [
            ("10.0.0.1", ClientTrust::Refused(Reason::Denied)),
            ("10.0.0.2", ClientTrust::Refused(Reason::Denied)),
            ("192.168.0.1", ClientTrust::Refused(Reason::NotAllowed)),
            ("10.0.1.1", ClientTrust::Trusted),
            ("10.0.1.2", ClientTrust::Untrusted),
            ("2001:db8::1", ClientTrust::Refused(Reason::NotAllowed)),
        ] {
            assert_eq!(judge(&rules, address), expected, "{address}");
        }
    }
}
