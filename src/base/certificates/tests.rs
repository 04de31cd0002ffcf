//! Certificates for the tests of whoever reads them.

pub(crate) mod pki;
