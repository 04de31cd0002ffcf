//! The name of a service as DNS and its kin have it; knows no service.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A label of RFC 1123: 1 to [`Label::LONGEST`] lower-case letters, digits and hyphens, none of which
/// begins or ends it, and a letter first, as Kubernetes wants the names of services (RFC 1035).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

/// A text is no such name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no name of a service: 1 to {longest} lower-case letters, digits and \"-\", a letter first and no \"-\" last",
    longest = Label::LONGEST
)]
pub struct LabelError(String);

impl Label {
    /// What a service is called where nobody says otherwise.
    pub const USUAL: &str = "postgresql";

    /// DNS knows 63; what is put behind the name takes up to eleven of them.
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
    fn only_what_dns_and_kubernetes_take_is_a_name() {
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
