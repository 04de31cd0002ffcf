//! Parses the formats of certificates and keys that OpenSSL accepts beyond plain PEM; opens no file.
//!
//! `PEM_bytes_read_bio` and `X509_CERT_AUX` in OpenSSL; `initialize_SSL` in libpq's
//! `fe-secure-openssl.c`.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, Reader, SliceReader, Tag, TagNumber};

/// The byte order mark in UTF-8, which programs on Windows write before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The encoding of `id-kp-serverAuth`, `id-kp-clientAuth` and `anyExtendedKeyUsage` (RFC 5280, section 4.2.1.12).
const SERVERS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENTS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";
const ANYBODY: &[u8] = b"\x55\x1d\x25\x00";

/// Other PEM labels of a certificate.
const LABELS: [&str; 2] = ["TRUSTED CERTIFICATE-----", "X509 CERTIFICATE-----"];
const LABEL: &str = "CERTIFICATE-----";

/// A certificate from a file of trusted certificates.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The certificate.
    pub(crate) certificate: CertificateDer<'static>,
    /// Whether the file trusts the certificate for the purpose.
    pub(crate) trust: Trust,
}

/// The purpose for which a certificate is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To authenticate servers.
    Servers,
    /// To authenticate clients.
    Clients,
}

impl Purpose {
    /// The error for a certificate that its file does not trust for this purpose.
    pub(crate) fn withheld(self) -> &'static str {
        match self {
            Self::Servers => "its file says that it is not trusted for servers",
            Self::Clients => "its file says that it is not trusted for clients",
        }
    }

    fn is_among(self, usages: &[DerElement<'_>]) -> bool {
        let own = match self {
            Self::Servers => SERVERS,
            Self::Clients => CLIENTS,
        };
        usages
            .iter()
            .any(|usage| usage.value == own || usage.value == ANYBODY)
    }
}

/// Whether a file trusts a certificate for the purpose for which it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The file trusts it, or restricts its trust to no purpose.
    Given,
    /// The file trusts it for other purposes only, or rejects it for this one.
    Withheld,
}

/// What is wrong with a file, for people; the library's words for some of it are those of its source.
pub(crate) fn worded(error: &pem::Error) -> String {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other errors keep the library's message"
    )]
    match error {
        pem::Error::NoItemsFound => "the file has nothing of that kind".to_owned(),
        pem::Error::MissingSectionEnd { .. } => {
            "a part that begins has no line that ends it".to_owned()
        }
        pem::Error::IllegalSectionStart { .. } => {
            "a line that begins a part has no label".to_owned()
        }
        pem::Error::Base64Decode(_) => "a part is not Base64".to_owned(),
        error => error.to_string(),
    }
}

/// Removes a byte order mark.
pub(crate) fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// Parses all certificates, whatever their PEM label.
pub(crate) fn certificates(text: &[u8], purpose: Purpose) -> Result<Vec<Listed>, pem::Error> {
    let mut plain = unmarked(text).to_vec();
    for label in LABELS {
        plain = replace(&plain, label.as_bytes(), LABEL.as_bytes());
    }
    CertificateDer::pem_slice_iter(&plain)
        .map(|found| Ok(split(&found?, purpose)))
        .collect()
}

/// Parses a private key, in PEM or, as libpq does, in DER.
pub(crate) fn key(text: &[u8]) -> Result<PrivateKeyDer<'static>, pem::Error> {
    PrivateKeyDer::from_pem_slice(unmarked(text))
        .or_else(|error| PrivateKeyDer::try_from(text.to_vec()).map_err(|_| error))
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(from) {
            replaced.extend_from_slice(to);
            rest = behind;
        } else {
            replaced.push(*first);
            rest = after;
        }
    }
    replaced
}

/// Separates a certificate from the trust settings that OpenSSL appends to it.
fn split(der: &[u8], purpose: Purpose) -> Listed {
    let whole = || Listed {
        certificate: CertificateDer::from(der.to_vec()),
        trust: Trust::Given,
    };
    let parts = elements(der);
    let Some([certificate, settings]) = parts.as_deref() else {
        return whole();
    };
    if settings.tag != Tag::Sequence {
        return whole();
    }
    Listed {
        certificate: CertificateDer::from(certificate.whole.to_vec()),
        trust: trust(settings.value, purpose).unwrap_or(Trust::Withheld),
    }
}

/// Parses `SEQUENCE { trust SEQUENCE OF OBJECT IDENTIFIER OPTIONAL, reject [0] SEQUENCE OF OBJECT IDENTIFIER OPTIONAL, … }`;
/// `None` if it is malformed.
fn trust(settings: &[u8], purpose: Purpose) -> Option<Trust> {
    const REJECTED: Tag = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber::N0,
    };
    let mut is_given = None;
    for DerElement { tag, value, .. } in elements(settings)? {
        if tag == REJECTED && purpose.is_among(&elements(value)?) {
            return Some(Trust::Withheld);
        }
        if tag == Tag::Sequence {
            is_given = Some(purpose.is_among(&elements(value)?));
        }
    }
    Some(match is_given {
        None | Some(true) => Trust::Given,
        Some(false) => Trust::Withheld,
    })
}

/// One element of a DER structure.
struct DerElement<'d> {
    tag: Tag,
    /// All bytes of the element.
    whole: &'d [u8],
    /// The bytes of its value.
    value: &'d [u8],
}

/// Parses consecutive elements; `None` if one is malformed.
fn elements(der: &[u8]) -> Option<Vec<DerElement<'_>>> {
    let mut found = Vec::new();
    let mut rest = der;
    while !rest.is_empty() {
        let mut reader = SliceReader::new(rest).ok()?;
        let element = AnyRef::decode(&mut reader).ok()?;
        let length = usize::try_from(u32::from(reader.position())).ok()?;
        let (whole, after) = rest.split_at_checked(length)?;
        found.push(DerElement {
            tag: x509_cert::der::Tagged::tag(&element),
            whole,
            value: element.value(),
        });
        rest = after;
    }
    Some(found)
}
