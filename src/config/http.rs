//! The settings of HTTP: the table `[http]` without its TLS.

/// Which paths and status codes HTTP has (`http.dialect`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Patroni's REST API.
    #[default]
    Patroni,
    /// Patroni's REST API, but `/` answers like the scripts behind xinetd: 200, 206 or 503.
    Xinetd,
    /// Patroni's REST API, and the probes of the operator `CloudNativePG`.
    Cnpg,
}

/// Whether requests are read strictly or as leniently as Patroni reads them (`http.strict`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Paths are compared as a whole, and an invalid `lag` is an error.
    #[default]
    Strict,
    /// Paths are searched for words, and an invalid `lag` sets no limit.
    Lenient,
}

/// Which clients get `/state` and `/metrics`, which show more than a role (`http.documents`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Documents {
    /// All clients that are admitted.
    #[default]
    ForAll,
    /// The clients of `admission.trusted`.
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
