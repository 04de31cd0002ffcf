//! Whether a trusted authority vouches for a server's certificate; leaves the name to others.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error};
use x509_cert::Certificate;
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::der::Decode;
use x509_cert::time::Validity;

use super::error::TlsError;
use super::files::{self, Authorities};
use crate::target::{Roots, Tls};

/// rustls reads version 3 alone.
const OLD_VERSION: &str = "the server's certificate has X.509 version 1, which cannot be verified; \
                           issue one of version 3, with \"openssl x509 -req ... -extfile\" and a \
                           subjectAltName";

/// Those who may vouch for a server.
#[derive(Debug)]
pub(super) struct Chain {
    web: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

/// What the check of a good chain says of the name, without insisting on it.
pub(super) enum NameCheck {
    /// The certificate is for this host.
    Passed,
    /// By the rules of the web it is not.
    Failed(Error),
}

impl Chain {
    /// None without root certificates.
    pub(super) fn new(tls: &Tls, provider: &Arc<CryptoProvider>) -> Result<Option<Self>, TlsError> {
        let Some(Authorities { store, named }) = files::authorities(&tls.roots)? else {
            return Ok(None);
        };
        let revocations = match (&tls.roots, &tls.revocations) {
            (Roots::File(_), Some(choice)) => files::revocations(choice)?,
            (_, _) => Vec::new(),
        };
        let web = WebPkiServerVerifier::builder_with_provider(store.into(), Arc::clone(provider))
            .with_crls(revocations)
            .build()
            .map_err(TlsError::Unverifiable)?;
        Ok(Some(Self { web, named }))
    }

    /// Judges all but the name. rustls judges the name last, so that a wrong one tells of a good chain.
    pub(super) fn check(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<NameCheck, Error> {
        if let Ok(certificate) = Certificate::from_der(end_entity) {
            let certificate = certificate.tbs_certificate;
            if self.is_named(end_entity, &certificate) {
                return in_time(&certificate, now)
                    .map(|()| NameCheck::Failed(CertificateError::NotValidForName.into()));
            }
            if certificate.version == Version::V1 {
                return Err(Error::General(OLD_VERSION.into()));
            }
        }
        let judged =
            self.web
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match judged {
            Ok(_) => Ok(NameCheck::Passed),
            Err(
                error @ Error::InvalidCertificate(
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. },
                ),
            ) => Ok(NameCheck::Failed(error)),
            Err(error) => Err(error),
        }
    }

    /// Whether it signed itself, and its very copy is in the file of root certificates, as PostgreSQL's
    /// manual advises for a test. The rules of the web forbid it, because OpenSSL marks it as an
    /// authority.
    fn is_named(&self, certificate: &CertificateDer<'_>, read: &TbsCertificate) -> bool {
        read.issuer == read.subject && self.named.iter().any(|named| named == certificate)
    }
}

fn in_time(certificate: &TbsCertificate, now: UnixTime) -> Result<(), Error> {
    let Validity {
        not_before,
        not_after,
    } = certificate.validity;
    if now.as_secs() < not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}
