//! Verifies that a trusted authority has signed a server's certificate; the caller judges the name.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, OtherError, RootCertStore};
use x509_cert::name::Name;

use super::anchors::Anchors;
use super::authorities::{Authorities, Barred};
use super::certificate::{self, Contents, Period, TimeError};
use super::names::CommonName;
use super::pem::Purpose;
use super::revocations::Revocations;

/// rustls reads only version 3. With OpenSSL up to 3.3, the commands in PostgreSQL's manual for a private authority create
/// certificates of version 1.
const OLD_VERSION: &str = "the server's certificate has X.509 version 1, which is not supported; \
                           issue one of version 3, with \"openssl x509 -req ... -extfile\" and a \
                           subjectAltName";

/// libpq with OpenSSL accepts such a certificate, rustls does not.
const AUTHORITY_AS_SERVER: &str = "the server's certificate is an authority's (basicConstraints CA:TRUE), which no \
                                   server may show; issue one with CA:FALSE";

/// Replaces rustls's messages on the signature and on the key of a certificate in the chain.
const UNSUPPORTED: &str = "a certificate is signed by a key or an algorithm that is not supported; RSA of 2048 to 8192 \
                           bits, P-256, P-384 and Ed25519 are, with SHA-256, SHA-384 or SHA-512, and P-521 is not";

/// `MAX_SUB_CA_COUNT` in webpki's `verify_cert.rs`.
const TOO_LONG: &str =
    "there are more than six authorities between the server's certificate and a trusted one";

/// OpenSSL would look the certificate up in a list that it has signed itself.
const NO_LIST_OF_ITSELF: &str = "the server's certificate has signed itself, so no list of revoked certificates covers it; issue \
                                 one that an authority signs, or leave out sslcrl and sslcrldir";

/// As in OpenSSL a list that is not valid yet tells nothing of a certificate.
const LIST_OF_THE_FUTURE: &str = "each list of revoked certificates was issued later than now; compare the clocks of this \
                                  host and of the authority's";

/// The authorities that may sign a server's certificate.
#[derive(Debug)]
pub(crate) struct Chain {
    /// None where nobody in the file may vouch for another.
    web_pki: Option<WebPki>,
    /// Of the file, to be tried beside those that a server shows.
    intermediates: Vec<CertificateDer<'static>>,
    lists: ListsGiven,
    named: Vec<CertificateDer<'static>>,
    barred: Vec<Barred>,
}

/// Whether certificates are to be looked up in lists of revoked ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListsGiven {
    Some,
    None,
}

/// webpki, which has the rules of the web.
#[derive(Debug)]
struct WebPki {
    anchors: Anchors,
    provider: Arc<CryptoProvider>,
    revocations: Revocations,
    /// The verifier with all lists of revoked certificates.
    verifier: Arc<WebPkiServerVerifier>,
}

/// Whether the certificate of a good chain is for the server's name. The caller decides whether that matters.
pub(crate) enum NameCheck {
    /// The certificate is for this host.
    Passed,
    /// By webpki it is not. By libpq's it may be, also by its common name if that counts.
    Failed(Error, CommonName),
}

impl Chain {
    /// Creates the verification with these lists of revoked certificates.
    pub(crate) fn new(
        authorities: Authorities,
        revocations: Revocations,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let Authorities {
            anchors,
            intermediates,
            named,
            barred,
        } = authorities;
        let lists = if revocations.is_empty() {
            ListsGiven::None
        } else {
            ListsGiven::Some
        };
        let web_pki = if anchors.is_empty() {
            None
        } else {
            Some(WebPki::new(anchors, revocations, Arc::clone(provider))?)
        };
        Ok(Self {
            web_pki,
            intermediates,
            lists,
            named,
            barred,
        })
    }

    /// Verifies all but the name. rustls verifies the name last, so a wrong name implies a good chain.
    pub(crate) fn check(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<NameCheck, Error> {
        let shown = certificate::read(end_entity).map(|read| read.tbs_certificate);
        if let Some(certificate) = &shown
            && self.is_named(end_entity, certificate)
        {
            in_time(certificate, now)?;
            refuse_misuse(certificate)?;
            return match self.lists {
                ListsGiven::Some => Err(Error::General(NO_LIST_OF_ITSELF.into())),
                ListsGiven::None => {
                    let error = CertificateError::NotValidForName.into();
                    Ok(NameCheck::Failed(error, CommonName::Counts))
                }
            };
        }
        let shown_and_known = with_known(intermediates, &self.intermediates, &self.barred);
        let Signers { allowed, barred } = Signers::among(&shown_and_known);
        let Some(web_pki) = &self.web_pki else {
            let error = CertificateError::UnknownIssuer.into();
            return Err(self.explained(error, shown.as_ref(), intermediates, &barred));
        };
        let verifier = web_pki.at(now)?;
        let judged =
            verifier.verify_server_cert(end_entity, &allowed, server_name, ocsp_response, now);
        let wrong_name = match judged {
            Ok(_) => None,
            Err(
                error @ Error::InvalidCertificate(
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. },
                ),
            ) => Some(error),
            Err(error) => {
                return Err(self.explained(error, shown.as_ref(), intermediates, &barred));
            }
        };
        let common_name = web_pki.check_anchor(end_entity, &allowed, now)?;
        if let Some(certificate) = &shown {
            refuse_misuse(certificate)?;
        }
        Ok(match wrong_name {
            None => NameCheck::Passed,
            Some(error) => NameCheck::Failed(error, common_name),
        })
    }

    /// Replaces an error of rustls that does not name the cause.
    fn explained(
        &self,
        error: Error,
        shown: Option<&Contents>,
        intermediates: &[CertificateDer<'_>],
        barred: &[Barred],
    ) -> Error {
        let Error::InvalidCertificate(wrong) = &error else {
            return error;
        };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "other errors keep rustls's message"
        )]
        match wrong {
            CertificateError::Other(_) if shown.is_some_and(certificate::is_authority) => {
                Error::General(AUTHORITY_AS_SERVER.into())
            }
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                Error::General(UNSUPPORTED.into())
            }
            CertificateError::Other(OtherError(other))
                if other.downcast_ref() == Some(&webpki::Error::MaximumPathDepthExceeded) =>
            {
                Error::General(TOO_LONG.into())
            }
            CertificateError::UnknownIssuer => {
                let others = intermediates
                    .iter()
                    .filter_map(|der| certificate::read(der));
                let mut issuers: Vec<Name> =
                    others.map(|read| read.tbs_certificate.issuer).collect();
                issuers.extend(shown.map(|contents| contents.issuer.clone()));
                let mut barred = self.barred.iter().chain(barred);
                let Some(Barred { subject, why, .. }) =
                    barred.find(|barred| issuers.contains(&barred.subject))
                else {
                    return error;
                };
                let error = format!("the authority {subject} may not sign certificates: {why}");
                Error::General(error)
            }
            _ => error,
        }
    }

    /// Whether the certificate is self-signed and is itself in the file of root certificates, as PostgreSQL's manual
    /// advises for a test. webpki refuses such a certificate, because OpenSSL marks it as an authority's.
    fn is_named(&self, certificate: &CertificateDer<'_>, read: &Contents) -> bool {
        certificate::is_self_issued(read) && self.named.iter().any(|named| named == certificate)
    }
}

impl WebPki {
    fn new(
        anchors: Anchors,
        revocations: Revocations,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        Ok(Self {
            verifier: verifier(anchors.store(), revocations.all(), &provider)?,
            anchors,
            provider,
            revocations,
        })
    }

    /// The verifier with the lists of revoked certificates that are in force at a moment.
    fn at(&self, now: UnixTime) -> Result<Arc<WebPkiServerVerifier>, Error> {
        let Some(lists) = self.revocations.without_future_ones(now) else {
            return Ok(Arc::clone(&self.verifier));
        };
        // With an empty list rustls would check no revocation.
        if lists.is_empty() {
            return Err(Error::General(LIST_OF_THE_FUTURE.into()));
        }
        verifier(self.anchors.store(), lists, &self.provider)
            .map_err(|error| Error::General(error.to_string()))
    }

    /// Verifies the limits in the authority's certificate.
    fn check_anchor(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<CommonName, Error> {
        let without_future_ones = self.revocations.without_future_ones(now);
        let lists = without_future_ones.unwrap_or_else(|| self.revocations.all());
        let servers = Purpose::Servers;
        let provider = &self.provider;
        self.anchors
            .check(end_entity, intermediates, &lists, servers, now, provider)
            .map_err(|error| Error::General(error.to_string()))
    }
}

fn verifier(
    store: &Arc<RootCertStore>,
    lists: Vec<CertificateRevocationListDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, VerifierBuilderError> {
    WebPkiServerVerifier::builder_with_provider(Arc::clone(store), Arc::clone(provider))
        .with_crls(lists)
        // As in OpenSSL, a list that has expired is not used.
        .enforce_revocation_expiration()
        .build()
}

/// Refuses a server's certificate of X.509 version 1, which rustls cannot read: every `sslmode` needs its key.
pub(crate) fn refuse_version_1(shown: &CertificateDer<'_>) -> Result<(), Error> {
    match certificate::read(shown) {
        Some(read) if certificate::is_version_1(&read.tbs_certificate) => {
            Err(Error::General(OLD_VERSION.into()))
        }
        Some(_) | None => Ok(()),
    }
}

/// The intermediate certificates that a server or client presents.
pub(crate) struct Signers<'c> {
    /// Those that may sign certificates.
    pub(crate) allowed: Vec<CertificateDer<'c>>,
    barred: Vec<Barred>,
}

impl<'c> Signers<'c> {
    /// Separates those that may sign certificates, because webpki ignores `keyUsage`.
    pub(crate) fn among(intermediates: &[CertificateDer<'c>]) -> Self {
        let (mut allowed, mut barred) = (Vec::new(), Vec::new());
        for der in intermediates {
            let contents = certificate::read(der).map(|read| read.tbs_certificate);
            match contents
                .as_ref()
                .and_then(certificate::why_no_signer)
                .zip(contents)
            {
                Some((why, Contents { subject, .. })) => barred.push(Barred {
                    certificate: der.clone().into_owned(),
                    subject,
                    why,
                }),
                None => allowed.push(der.clone()),
            }
        }
        Self { allowed, barred }
    }
}

/// The certificates that are shown, without those that the file rejects, and those of the file.
pub(crate) fn with_known<'c>(
    shown: &[CertificateDer<'c>],
    known: &[CertificateDer<'c>],
    barred: &[Barred],
) -> Vec<CertificateDer<'c>> {
    let is_rejected =
        |one: &&CertificateDer<'c>| barred.iter().any(|barred| barred.certificate == **one);
    let shown = shown.iter().filter(|one| !is_rejected(one));
    shown.chain(known).cloned().collect()
}

fn in_time(certificate: &Contents, now: UnixTime) -> Result<(), Error> {
    Period::of(certificate).check(now).map_err(|error| {
        let error = match error {
            TimeError::NotYetValid => CertificateError::NotValidYet,
            TimeError::Expired => CertificateError::Expired,
        };
        error.into()
    })
}

/// Refuses a certificate that is not for servers, because webpki ignores `keyUsage`.
fn refuse_misuse(shown: &Contents) -> Result<(), Error> {
    match certificate::misuse(shown, Purpose::Servers) {
        Some(why) => Err(Error::General(format!(
            "the server's certificate is not for servers: {why}"
        ))),
        None => Ok(()),
    }
}
