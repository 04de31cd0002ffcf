//! Parses a certificate, and decides when it is valid, what it is for, and whether it may sign others; verifies no
//! signatures.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use thiserror::Error;
use x509_cert::certificate::{CertificateInner, Profile, TbsCertificateInner, Version};
use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc5280::{
    ANY_EXTENDED_KEY_USAGE, ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH,
};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use super::pem::Purpose;

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

/// The time in which a certificate is valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Period {
    /// Since 1970.
    from: Duration,
    /// Since 1970.
    until: Duration,
}

/// Why a certificate is not valid at a moment; continues a sentence that begins with the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum TimeError {
    /// Its time is over.
    #[error("has expired")]
    Expired,
    /// Its time has not begun.
    #[error(
        "is not valid yet; compare the clock of this host with that of the host that issued it"
    )]
    NotYetValid,
}

impl Period {
    pub(crate) fn of(certificate: &Contents) -> Self {
        let validity = &certificate.validity;
        Self {
            from: validity.not_before.to_unix_duration(),
            until: validity.not_after.to_unix_duration(),
        }
    }

    /// Fails before and after it. Both of its ends belong to it (RFC 5280, section 4.1.2.5).
    pub(crate) fn check(&self, now: UnixTime) -> Result<(), TimeError> {
        let now = Duration::from_secs(now.as_secs());
        if now < self.from {
            Err(TimeError::NotYetValid)
        } else if now > self.until {
            Err(TimeError::Expired)
        } else {
            Ok(())
        }
    }
}

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

/// The most authorities that its basicConstraints allow between it and a server or client; `None` without a limit.
pub(crate) fn path_length(certificate: &Contents) -> Option<u8> {
    let (_, constraints) = certificate.get::<BasicConstraints>().ok()??;
    constraints.path_len_constraint
}

/// The reason for which a certificate does not identify a server or client; `None` if it does
/// (`check_purpose_ssl_server` and `check_purpose_ssl_client` in OpenSSL's `crypto/x509/v3_purp.c`).
pub(crate) fn misuse(certificate: &Contents, purpose: Purpose) -> Option<&'static str> {
    let (Ok(usage), Ok(extended)) = (
        certificate.get::<KeyUsage>(),
        certificate.get::<ExtendedKeyUsage>(),
    ) else {
        return Some("its extensions cannot be read");
    };
    let (own, without_own) = match purpose {
        Purpose::Servers => (ID_KP_SERVER_AUTH, "its extendedKeyUsage has no serverAuth"),
        Purpose::Clients => (ID_KP_CLIENT_AUTH, "its extendedKeyUsage has no clientAuth"),
    };
    if extended.is_some_and(|(_, usages)| {
        !usages.0.contains(&own) && !usages.0.contains(&ANY_EXTENDED_KEY_USAGE)
    }) {
        return Some(without_own);
    }
    let (_, usage) = usage?;
    let signs = usage.digital_signature() || usage.key_agreement();
    match purpose {
        Purpose::Servers if signs || usage.key_encipherment() => None,
        Purpose::Servers => {
            Some("its keyUsage has none of digitalSignature, keyEncipherment and keyAgreement")
        }
        Purpose::Clients if signs => None,
        Purpose::Clients => Some("its keyUsage has neither digitalSignature nor keyAgreement"),
    }
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
