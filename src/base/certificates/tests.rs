//! Certificates for the tests of other modules.

pub(crate) mod pki;
