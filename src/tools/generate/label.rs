//! The name of a service, valid in DNS and Kubernetes; looks none up.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A label of RFC 1123: 1 to [`Label::LONGEST`] lower-case letters, digits and hyphens. It begins with a letter, as
/// Kubernetes requires of names of services (RFC 1035), and does not end with a hyphen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

/// A text that is not such a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a valid name of a service: write 1 to {longest} lower-case letters, digits and \"-\", a letter first and no \"-\" last",
    longest = Label::LONGEST
)]
pub struct LabelError(String);

impl Label {
    /// The default name of a service.
    pub const DEFAULT: &str = "postgresql";

    /// DNS allows 63 characters; the suffixes that are appended to the name take up to eleven of them.
    pub const LONGEST: usize = 52;
}

impl FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        let fits = begins && !text.ends_with('-') && text.len() <= Self::LONGEST;
        if fits && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LabelError(text.escape_debug().to_string()))
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_dns_and_kubernetes_accept_are_accepted() {
        let (longest, longer) = ("x".repeat(Label::LONGEST), "x".repeat(Label::LONGEST + 1));
        for name in ["postgresql", "db-1", "x", &longest] {
            assert_eq!(name.parse::<Label>().unwrap().to_string(), name);
        }
        for name in [
            "", "-a", "a-", "1a", "A", "a_b", "a.b", "a b", "a\n", &longer,
        ] {
            let error = name.parse::<Label>().unwrap_err().to_string();
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
