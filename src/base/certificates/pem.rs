//! The texts that OpenSSL takes for certificates and keys, beyond plain PEM; opens no file.
//!
//! `PEM_bytes_read_bio` and `X509_CERT_AUX` in OpenSSL; `initialize_SSL` in libpq's
//! `fe-secure-openssl.c`.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, Reader, SliceReader, Tag, TagNumber};

/// UTF-8's mark of the byte order, which Windows puts before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// `id-kp-serverAuth`, `id-kp-clientAuth` and `anyExtendedKeyUsage`, as they are encoded (RFC 5280, section 4.2.1.12).
const SERVERS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENTS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";
const ANYBODY: &[u8] = b"\x55\x1d\x25\x00";

/// Other labels of a certificate.
const LABELS: [&str; 2] = ["TRUSTED CERTIFICATE-----", "X509 CERTIFICATE-----"];
const LABEL: &str = "CERTIFICATE-----";

/// A certificate out of a file of those to trust.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The certificate.
    pub(crate) certificate: CertificateDer<'static>,
    /// What the file says of it.
    pub(crate) trust: Trust,
}

/// For whom a certificate is to vouch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// For servers.
    Servers,
    /// For clients.
    Clients,
}

impl Purpose {
    /// What is wrong with a certificate that its file does not trust in this matter.
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

/// Whether a file has somebody trust a certificate in the matter that it is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It does, or says nothing.
    Given,
    /// It does not.
    Withheld,
}

/// The text without a mark before it.
pub(crate) fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// Every certificate, under whichever label.
pub(crate) fn certificates(text: &[u8], purpose: Purpose) -> Result<Vec<Listed>, pem::Error> {
    let mut plain = unmarked(text).to_vec();
    for label in LABELS {
        plain = replace(&plain, label.as_bytes(), LABEL.as_bytes());
    }
    CertificateDer::pem_slice_iter(&plain)
        .map(|found| Ok(split(&found?, purpose)))
        .collect()
}

/// A private key, as PEM or, like libpq, in its binary form.
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

/// Takes a certificate apart from what OpenSSL puts behind it.
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

/// `SEQUENCE { trust SEQUENCE OF OBJECT IDENTIFIER OPTIONAL, reject [0] SEQUENCE OF OBJECT IDENTIFIER OPTIONAL, … }`;
/// none where it is broken.
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

/// One element of a structure in DER.
struct DerElement<'d> {
    tag: Tag,
    /// All its bytes.
    whole: &'d [u8],
    /// What is in it.
    value: &'d [u8],
}

/// The elements one after the other.
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
