//! The closed set of reasons for which connections are answered or refused; counts nothing.

/// The reason for which a connection was answered or refused. Each connection has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Answered: `admission.trusted` contains the client, so no limit applies.
    Trusted,
    /// Answered: within the limits.
    Allowed,
    /// Refused: `admission.deny` contains the client.
    Denied,
    /// Refused: `admission.allow` is set and does not contain the client.
    NotAllowed,
    /// Refused: all slots that untrusted clients may take are taken.
    NoSlot,
    /// Refused: more than `admission.total` from all untrusted clients together.
    TotalLimit,
    /// Refused: more than `admission.per_client` from this client.
    ClientLimit,
    /// Refused: this client has `admission.max_connections_per_client` connections already.
    ClientSlots,
    /// Refused: a peer that must send a PROXY header did not complete one in time.
    HeaderLate,
    /// Refused: a peer that must send a PROXY header sent something else.
    HeaderBroken,
    /// Refused: no token line arrived in time.
    TokenLate,
    /// Refused: the client sent something else than the token.
    TokenWrong,
}

impl Reason {
    /// Every reason; those for answered connections come first.
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

    /// The name in logs and metrics.
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

    /// The explanation in the manual; code in it is in backquotes.
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

    /// Whether the connection was refused, and so closed without a response.
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
    fn only_trusted_and_allowed_are_no_refusals() {
        let answered: Vec<_> = Reason::ALL
            .into_iter()
            .filter(|r| !r.is_refusal())
            .collect();
        assert_eq!(answered, [Reason::Trusted, Reason::Allowed]);
    }
}
