//! Decides whether a certificate is valid for a host name, by libpq's rules; does not verify the certificate itself.
//!
//! PostgreSQL manual, "Client Verification of Server Certificates"; in detail
//! `pgtls_verify_peer_name_matches_certificate_guts` in `fe-secure-openssl.c` and
//! `pq_verify_peer_name_matches_certificate_name` in `fe-secure-common.c`. They accept more than the rules
//! of the web: certificates made as PostgreSQL's manual shows contain no name but the subject's common
//! name.

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use x509_cert::der;
use x509_cert::der::oid::db::rfc4519::COMMON_NAME;
use x509_cert::der::oid::db::rfc5280::ID_CE_NAME_CONSTRAINTS;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::certificate::{self, Contents};

/// Whether the common name may stand for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommonName {
    /// If there is no subject alternative name of the host's kind (name or address).
    Counts,
    /// Never: an authority of the chain restricts names, and the common name was not held against that.
    Ignored,
}

impl CommonName {
    /// Whether it may, in a certificate below this authority.
    pub(super) fn below(authority: &Contents) -> Self {
        let mut extensions = authority.extensions.iter().flatten();
        if extensions.any(|extension| extension.extn_id == ID_CE_NAME_CONSTRAINTS) {
            Self::Ignored
        } else {
            Self::Counts
        }
    }
}

/// Whether the certificate names `host`: in a subject alternative name, or perhaps in the common name.
pub(crate) fn is_for(
    certificate: &CertificateDer<'_>,
    host: &str,
    common_name: CommonName,
) -> bool {
    certificate::read(certificate).is_some_and(|certificate| {
        names(&certificate.tbs_certificate, host, common_name).unwrap_or(false)
    })
}

fn names(certificate: &Contents, host: &str, counted: CommonName) -> der::Result<bool> {
    let address: Option<IpAddr> = host.parse().ok();
    let mut settled = false;
    for alternative in alternatives(certificate)? {
        let found = match alternative {
            GeneralName::DnsName(name) => {
                settled |= address.is_none();
                matches_name(name.as_str().as_bytes(), host)
            }
            GeneralName::IpAddress(bytes) => {
                settled |= address.is_some();
                address.is_some_and(|address| is_address(bytes.as_bytes(), address))
            }
            GeneralName::OtherName(_)
            | GeneralName::Rfc822Name(_)
            | GeneralName::DirectoryName(_)
            | GeneralName::EdiPartyName(_)
            | GeneralName::UniformResourceIdentifier(_)
            | GeneralName::RegisteredId(_) => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(!settled
        && counted == CommonName::Counts
        && common_name(certificate).is_some_and(|name| matches_name(name, host)))
}

fn alternatives(certificate: &Contents) -> der::Result<Vec<GeneralName>> {
    let extension = certificate.get::<SubjectAltName>()?;
    Ok(extension.map_or_else(Vec::new, |(_, names)| names.0))
}

/// The bytes of the first common name. Their encoding does not matter, because only ASCII can equal a host name.
fn common_name(certificate: &Contents) -> Option<&[u8]> {
    let mut attributes = certificate.subject.0.iter().flat_map(|part| part.0.iter());
    attributes
        .find(|attribute| attribute.oid == COMMON_NAME)
        .map(|attribute| attribute.value.value())
}

/// Compares a name with `host`; `*` as the first label stands for any single label.
fn matches_name(pattern: &[u8], host: &str) -> bool {
    if pattern.eq_ignore_ascii_case(host.as_bytes()) {
        return true;
    }
    match (pattern.strip_prefix(b"*."), host.split_once('.')) {
        (Some(domain), Some((label, rest))) => {
            !label.is_empty() && !rest.is_empty() && domain.eq_ignore_ascii_case(rest.as_bytes())
        }
        (_, _) => false,
    }
}

fn is_address(bytes: &[u8], address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => bytes == address.octets(),
        IpAddr::V6(address) => bytes == address.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::certificates::tests::pki::{Identity, params};

    #[test]
    fn a_certificate_is_valid_for_the_hosts_that_libpq_accepts() {
        for (subject, alternatives, host, expected) in [
            ("db1", vec![], "DB1", true),
            ("db1", vec![], "db1.example.com", false),
            ("db1", vec!["db1"], "db1.", false),
            ("*.example.com", vec![], "db1.Example.com", true),
            ("*.example.com", vec![], "a.db1.example.com", false),
            ("*.example.com", vec![], "example.com", false),
            ("*.example.com", vec![], ".example.com", false),
            ("*.", vec![], "db1.", false),
            ("*", vec![], "db1", false),
            ("d*.example.com", vec![], "db1.example.com", false),
            ("x", vec!["db1", "db2"], "db2", true),
            ("db3", vec!["db1", "db2"], "db3", false),
            ("x", vec!["*.example.com"], "db1.example.com", true),
            ("x", vec!["10.0.0.5"], "10.0.0.5", true),
            ("x", vec!["10.0.0.5"], "10.0.0.50", false),
            ("x", vec!["::1"], "0:0::1", true),
            ("x", vec!["10.0.0.5"], "x", true),
            ("10.0.0.5", vec!["db1"], "10.0.0.5", true),
            ("10.0.0.5", vec!["10.0.0.6"], "10.0.0.5", false),
        ] {
            let shown = Identity::self_signed(params(subject, &alternatives)).certificate;
            assert_eq!(
                is_for(&shown, host, CommonName::Counts),
                expected,
                "{subject} {alternatives:?} for {host}"
            );
        }
    }

    #[test]
    fn a_common_name_that_was_not_held_against_restrictions_is_no_host() {
        for (alternatives, host, expected) in [(vec![], "db1", false), (vec!["db1"], "db1", true)] {
            let shown = Identity::self_signed(params("db1", &alternatives)).certificate;
            let found = is_for(&shown, host, CommonName::Ignored);
            assert_eq!(found, expected, "{alternatives:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_a_certificate_are_valid_for_no_host() {
        let bytes = CertificateDer::from(b"db1".as_slice());
        assert!(!is_for(&bytes, "db1", CommonName::Counts));
    }
}
