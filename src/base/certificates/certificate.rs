//! Parses a certificate, and decides when it is valid, what it is for, and whether it may sign others; verifies no
//! signatures.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use thiserror::Error;
use x509_cert::certificate::{CertificateInner, Profile, TbsCertificateInner, Version};
use x509_cert::der::Decode;
use x509_cert::der::asn1::BitString;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::rfc5280::{
    ID_CE_BASIC_CONSTRAINTS, ID_CE_CERTIFICATE_POLICIES, ID_CE_CRL_DISTRIBUTION_POINTS,
    ID_CE_EXT_KEY_USAGE, ID_CE_INHIBIT_ANY_POLICY, ID_CE_KEY_USAGE, ID_CE_NAME_CONSTRAINTS,
    ID_CE_POLICY_CONSTRAINTS, ID_CE_POLICY_MAPPINGS, ID_CE_SUBJECT_ALT_NAME, ID_KP_CLIENT_AUTH,
    ID_KP_SERVER_AUTH,
};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

/// The extensions that may be critical in an authority's certificate (`supported_nids` in OpenSSL's
/// `crypto/x509/v3_purp.c`).
const KNOWN_CRITICAL: [ObjectIdentifier; 10] = [
    ID_CE_BASIC_CONSTRAINTS,
    ID_CE_CERTIFICATE_POLICIES,
    ID_CE_CRL_DISTRIBUTION_POINTS,
    ID_CE_EXT_KEY_USAGE,
    ID_CE_INHIBIT_ANY_POLICY,
    ID_CE_KEY_USAGE,
    ID_CE_NAME_CONSTRAINTS,
    ID_CE_POLICY_CONSTRAINTS,
    ID_CE_POLICY_MAPPINGS,
    ID_CE_SUBJECT_ALT_NAME,
];

use super::pem::Purpose;

/// nsCertType.
const NETSCAPE_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.113730.1.1");

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
    /// The first moment, since 1970.
    from: Duration,
    /// The last moment, since 1970.
    until: Duration,
}

/// Why a certificate is not valid at a moment: the predicate of a sentence whose subject is the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum TimeError {
    /// The period has ended.
    #[error("has expired")]
    Expired,
    /// The period has not begun.
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

    /// Fails if `now` is outside the period, which includes both ends (RFC 5280, section 4.1.2.5).
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
    if let Some(why) =
        excluded(certificate, purpose).or_else(|| excluded_by_netscape(certificate, purpose))
    {
        return Some(why);
    }
    let Ok(usage) = certificate.get::<KeyUsage>() else {
        return Some("its extensions cannot be read");
    };
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

/// The reason for which its extendedKeyUsage excludes a purpose; `None` if it does not. OpenSSL does not count
/// anyExtendedKeyUsage (`xku_reject` in `crypto/x509/v3_purp.c`), and neither does webpki.
fn excluded(certificate: &Contents, purpose: Purpose) -> Option<&'static str> {
    let Ok(extended) = certificate.get::<ExtendedKeyUsage>() else {
        return Some("its extensions cannot be read");
    };
    let (_, usages) = extended?;
    let (own, without_own) = match purpose {
        Purpose::Servers => (ID_KP_SERVER_AUTH, "its extendedKeyUsage has no serverAuth"),
        Purpose::Clients => (ID_KP_CLIENT_AUTH, "its extendedKeyUsage has no clientAuth"),
    };
    (!usages.0.contains(&own)).then_some(without_own)
}

/// The reason for which its nsCertType excludes a purpose; `None` if it does not. Netscape's extension is from before
/// extendedKeyUsage, and OpenSSL counts both (`ns_reject` in `crypto/x509/v3_purp.c`).
fn excluded_by_netscape(certificate: &Contents, purpose: Purpose) -> Option<&'static str> {
    let mut extensions = certificate.extensions.iter().flatten();
    let extension = extensions.find(|extension| extension.extn_id == NETSCAPE_TYPE)?;
    let Ok(types) = BitString::from_der(extension.extn_value.as_bytes()) else {
        return Some("its extensions cannot be read");
    };
    let types = types.raw_bytes().first().copied().unwrap_or(0);
    let (own, without_own) = match purpose {
        Purpose::Servers => (0x40, "its nsCertType has no server"),
        Purpose::Clients => (0x80, "its nsCertType has no client"),
    };
    (types & own == 0).then_some(without_own)
}

/// The reason for which no chain may end at an authority; `None` if one may. webpki looks at none of this in
/// the certificate at the end of a chain.
pub(crate) fn bar_at_the_end(certificate: &Contents, purpose: Purpose) -> Option<&'static str> {
    let extensions = certificate.extensions.iter().flatten();
    let unknown = extensions
        .into_iter()
        .any(|extension| extension.critical && !KNOWN_CRITICAL.contains(&extension.extn_id));
    if unknown {
        return Some("it has a critical extension that is not supported");
    }
    why_no_signer(certificate).or_else(|| excluded(certificate, purpose))
}

/// Whether it names itself as its issuer, as an authority does that no other one vouches for.
pub(crate) fn is_self_issued(certificate: &Contents) -> bool {
    certificate.issuer == certificate.subject
}

/// Whether it may sign lists of revoked certificates: without a keyUsage it may.
pub(crate) fn may_sign_lists(certificate: &Contents) -> bool {
    match certificate.get::<KeyUsage>() {
        Ok(usage) => usage.is_none_or(|(_, usage)| usage.crl_sign()),
        Err(_) => false,
    }
}

/// Whether it is of X.509 version 1, which has no extensions and so cannot say what the certificate is for.
pub(crate) fn is_version_1(certificate: &Contents) -> bool {
    certificate.version == Version::V1
}

/// The reason for which a certificate may not sign others; `None` if it may. The rules are those of `check_ca` in OpenSSL's
/// `crypto/x509/v3_purp.c`, except that a certificate of version 1 may not sign.
pub(crate) fn why_no_signer(certificate: &Contents) -> Option<&'static str> {
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
