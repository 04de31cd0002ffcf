//! How a connection ended, as a closed set; knows not how often.

/// Why a client was answered or refused. Each connection has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Answered: in `admission.trusted`, so no limit was looked at.
    Trusted,
    /// Answered: within the limits.
    Allowed,
    /// Refused: in `admission.deny`.
    Denied,
    /// Refused: `admission.allow` names others.
    NotAllowed,
    /// Refused: every slot that untrusted clients may take was taken.
    NoSlot,
    /// Refused: more than `admission.total` from all untrusted clients together.
    TotalLimit,
    /// Refused: more than `admission.per_client` from this client.
    ClientLimit,
    /// Refused: this client has `admission.max_connections_per_client` connections already.
    ClientSlots,
    /// Refused: no whole PROXY header came in time from a peer that must send one.
    HeaderLate,
    /// Refused: what came instead is no PROXY header.
    HeaderBroken,
    /// Refused: no token line came in time.
    TokenLate,
    /// Refused: what came instead is not the token.
    TokenWrong,
}

impl Reason {
    /// Every reason, those of the answered first.
    pub const ALL: [Self; 12] = [
        Self::Trusted,
        Self::Allowed,
        Self::Denied,
        Self::NotAllowed,
        Self::NoSlot,
        Self::TotalLimit,
        Self::ClientLimit,
        Self::ClientSlots,
        Self::HeaderLate,
        Self::HeaderBroken,
        Self::TokenLate,
        Self::TokenWrong,
    ];

    /// Its name in logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::NotAllowed => "not-allowed",
            Self::NoSlot => "no-slot",
            Self::TotalLimit => "total-limit",
            Self::ClientLimit => "client-limit",
            Self::ClientSlots => "client-slots",
            Self::HeaderLate => "header-late",
            Self::HeaderBroken => "header-broken",
            Self::TokenLate => "token-late",
            Self::TokenWrong => "token-wrong",
        }
    }

    /// What it means, as the manual says it; what is code in it stands between backquotes.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Trusted => "answered: `trusted` names the client, so no limit applies",
            Self::Allowed => "answered: within the limits",
            Self::Denied => "`deny` names the client",
            Self::NotAllowed => "`allow` is set and does not name the client",
            Self::NoSlot => "all slots that other clients may have are taken",
            Self::TotalLimit => "more than `total` from all other clients together",
            Self::ClientLimit => "more than `per_client` from this client",
            Self::ClientSlots => "this client has `max_connections_per_client` connections already",
            Self::HeaderLate => "a peer of `proxy_protocol` sent no whole PROXY header within 3 s",
            Self::HeaderBroken => {
                "a peer of `proxy_protocol` sent something else than a PROXY header"
            }
            Self::TokenLate => "no token arrived within 3 s",
            Self::TokenWrong => "another token arrived",
        }
    }

    /// Whether the client was sent away without a byte.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        !matches!(self, Self::Trusted | Self::Allowed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        let words: BTreeSet<_> = Reason::ALL.map(Reason::word).into();
        assert_eq!(words.len(), Reason::ALL.len());
    }

    #[test]
    fn only_two_are_no_refusals() {
        let answered: Vec<_> = Reason::ALL
            .into_iter()
            .filter(|r| !r.is_refusal())
            .collect();
        assert_eq!(answered, [Reason::Trusted, Reason::Allowed]);
    }
}
