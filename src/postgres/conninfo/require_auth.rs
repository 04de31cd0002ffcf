//! The authentication methods that a server may demand (`require_auth`); sends nothing.
//!
//! PostgreSQL manual, "Parameter Key Words"; where that is silent, `pqConnectOptions2` in
//! `src/interfaces/libpq/fe-connect.c` from PostgreSQL 16 on.

use std::collections::BTreeSet;

use super::error::TargetError;
use super::keyword::Keyword;
use super::values::{Value, Values};

/// An authentication method, as `require_auth` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthMethod {
    /// The password in clear text.
    Password,
    /// A hash of the password by MD5.
    Md5,
    /// GSSAPI.
    Gss,
    /// SSPI.
    Sspi,
    /// SCRAM-SHA-256, with channel binding or without.
    ScramSha256,
    /// A bearer token of OAuth, from PostgreSQL 18 on.
    Oauth,
    /// The server demands no exchange: `trust`, `peer`, a client certificate.
    None,
}

const METHODS: [(&str, AuthMethod); 7] = [
    ("password", AuthMethod::Password),
    ("md5", AuthMethod::Md5),
    ("gss", AuthMethod::Gss),
    ("sspi", AuthMethod::Sspi),
    ("scram-sha-256", AuthMethod::ScramSha256),
    ("oauth", AuthMethod::Oauth),
    ("none", AuthMethod::None),
];

/// The methods that the daemon supports.
const OURS: [AuthMethod; 4] = [
    AuthMethod::Password,
    AuthMethod::Md5,
    AuthMethod::ScramSha256,
    AuthMethod::None,
];

/// The authentication methods that a server may demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequireAuth(BTreeSet<AuthMethod>);

impl RequireAuth {
    /// Returns all methods.
    #[must_use]
    pub fn any() -> Self {
        Self(METHODS.iter().map(|(_, method)| *method).collect())
    }

    /// Whether a server may demand this method.
    #[must_use]
    pub fn allows(&self, method: AuthMethod) -> bool {
        self.0.contains(&method)
    }

    /// Reads names with commas between them: either those that are allowed, or, each after a `!`, those that are not.
    pub(super) fn from_values(values: &Values<'_>) -> Result<Self, TargetError> {
        let Some(value) = values.text(Keyword::RequireAuth) else {
            return Ok(Self::any());
        };
        let negated = value.text.starts_with('!');
        let mut named = BTreeSet::new();
        for name in value.text.split(',') {
            let method = match (name.strip_prefix('!'), negated) {
                (Some(name), true) => method(&value, name)?,
                (None, false) => method(&value, name)?,
                (Some(_), false) | (None, true) => {
                    return Err(value.refused(
                        "it mixes methods with \"!\" and without; write all of them in one way",
                    ));
                }
            };
            if !named.insert(method) {
                return Err(value.refused("it names a method twice; write each once"));
            }
        }
        let Self(mut allowed) = Self::any();
        allowed.retain(|method| named.contains(method) != negated);
        if !OURS.iter().any(|method| allowed.contains(method)) {
            return Err(value.refused(
                "the daemon supports none of the methods that it leaves; allow scram-sha-256, md5, password or none",
            ));
        }
        Ok(Self(allowed))
    }
}

fn method(value: &Value, name: &str) -> Result<AuthMethod, TargetError> {
    let found = METHODS.iter().find(|(known, _)| *known == name);
    found.map(|(_, method)| *method).ok_or_else(|| {
        let names = METHODS.map(|(name, _)| name).join(", ");
        value.invalid(&format!(
            "a list with commas of {names}, or of these with a \"!\" before each"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::conninfo::tests::{error, resolve};

    fn allowed(list: &str) -> Vec<AuthMethod> {
        let target = resolve(&format!("require_auth={list}"));
        target.require_auth.0.into_iter().collect()
    }

    #[test]
    fn a_list_names_allowed_methods_or_with_exclamation_marks_refused_ones() {
        use AuthMethod::{Gss, Md5, None, Oauth, Password, ScramSha256, Sspi};
        let all = [Password, Md5, Gss, Sspi, ScramSha256, Oauth, None];
        assert_eq!(allowed("''"), all);
        assert_eq!(allowed("scram-sha-256"), [ScramSha256]);
        assert_eq!(allowed("none,md5,gss"), [Md5, Gss, None]);
        assert_eq!(
            allowed("!password,!none"),
            [Md5, Gss, Sspi, ScramSha256, Oauth]
        );
    }

    #[test]
    fn the_error_about_an_invalid_list_says_what_is_valid() {
        for (list, sentence) in [
            ("scram", "a list with commas of password, md5"),
            ("SCRAM-SHA-256", "a list with commas"),
            ("'md5, none'", "a list with commas"),
            ("md5,", "a list with commas"),
            (",md5", "a list with commas"),
            ("!", "a list with commas"),
            ("!!md5", "a list with commas"),
            ("md5,!none", "it mixes methods"),
            ("!md5,none", "it mixes methods"),
            ("md5,none,md5", "twice"),
            ("!md5,!md5", "twice"),
            ("gss,oauth", "supports none of the methods"),
            (
                "!md5,!none,!password,!scram-sha-256",
                "supports none of the methods",
            ),
        ] {
            let message = error(&format!("require_auth={list}"));
            assert!(message.contains(sentence), "{list}: {message}");
        }
    }
}
