//! Applies the three access lists in their order; applies no limit.

use std::net::IpAddr;

use super::list::AccessList;
use super::reason::Reason;

/// `admission.deny`, `admission.allow` and `admission.trusted`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Clients that are never answered, even if another list contains them.
    pub deny: AccessList,
    /// Clients that are answered; if empty, all are.
    pub allow: AccessList,
    /// Clients without limits: the load balancers.
    pub trusted: AccessList,
}

/// How a client is treated according to the access lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientTrust {
    /// Answered without limits.
    Trusted,
    /// Answered within the limits.
    Untrusted,
    /// Refused.
    Refused(Reason),
}

impl Rules {
    /// Judges an address in [`canonical`](super::net::canonical) form. An address that
    /// is denied, or not allowed, is refused even if `trusted` contains it.
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
