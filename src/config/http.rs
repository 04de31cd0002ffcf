//! What an operator chooses of HTTP: the section `[http]` without its TLS. Knows no request.

/// Whose paths and status codes are answered with (`http.dialect`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Patroni's REST API.
    #[default]
    Patroni,
    /// The same, but `/` as the scripts behind xinetd have it: 200, 206 or 503.
    Xinetd,
    /// The same, and the probes of the operator `CloudNativePG`.
    Cnpg,
}

/// Whether requests are taken as they are written or as Patroni takes them (`http.strict`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Paths are compared as a whole, and a `lag` that is none is an error.
    #[default]
    Strict,
    /// Paths are searched for words, and a `lag` that is none is no limit.
    Lenient,
}

/// Who gets what shows more than a role, `/state` and `/metrics` (`http.documents`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Documents {
    /// Everybody who may ask.
    #[default]
    ForAll,
    /// Those of `admission.trusted`.
    ForTrusted,
}

/// `[http]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpOptions {
    /// `dialect`.
    pub dialect: Dialect,
    /// `strict`.
    pub strictness: Strictness,
    /// `documents`.
    pub documents: Documents,
}
