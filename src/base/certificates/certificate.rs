//! Parses a certificate, and decides whether it may sign others; verifies no signatures.

use x509_cert::certificate::{CertificateInner, Profile, TbsCertificateInner, Version};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

/// Accepts serial numbers of any length, as OpenSSL does; RFC 5280 allows at most 20 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AnySerial;

impl Profile for AnySerial {
    fn check_serial_number(
        _: &x509_cert::serial_number::SerialNumber<Self>,
    ) -> x509_cert::der::Result<()> {
        Ok(())
    }
}

/// A certificate with its signature.
pub(crate) type Certificate = CertificateInner<AnySerial>;

/// The signed part of a certificate.
pub(crate) type Contents = TbsCertificateInner<AnySerial>;

/// Parses a certificate; `None` if it is malformed.
pub(crate) fn read(der: &[u8]) -> Option<Certificate> {
    Certificate::from_der(der).ok()
}

/// Whether its basicConstraints mark it as an authority's.
pub(crate) fn is_authority(certificate: &Contents) -> bool {
    let constraints = certificate.get::<BasicConstraints>();
    matches!(
        constraints,
        Ok(Some((_, BasicConstraints { ca: true, .. })))
    )
}

/// Whether it is of X.509 version 1, which has no extensions and so cannot say what the certificate is for.
pub(crate) fn is_version_1(certificate: &Contents) -> bool {
    certificate.version == Version::V1
}

/// The reason for which a certificate may not sign others; `None` if it may (`check_ca` in OpenSSL's
/// `crypto/x509/v3_purp.c`), save that one of version 1 may not.
pub(crate) fn bar(certificate: &Contents) -> Option<&'static str> {
    if is_version_1(certificate) {
        return Some("it has X.509 version 1, which is not supported");
    }
    let (Ok(usage), Ok(constraints)) = (
        certificate.get::<KeyUsage>(),
        certificate.get::<BasicConstraints>(),
    ) else {
        return Some("its extensions cannot be read");
    };
    if usage
        .as_ref()
        .is_some_and(|(_, usage)| !usage.key_cert_sign())
    {
        return Some("its keyUsage has no keyCertSign");
    }
    match (constraints, usage) {
        (Some((_, BasicConstraints { ca: true, .. })), _) | (None, Some(_)) => None,
        (Some((_, BasicConstraints { ca: false, .. })), _) => {
            Some("its basicConstraints are CA:FALSE")
        }
        (None, None) => Some("it has no basicConstraints with CA:TRUE"),
    }
}
