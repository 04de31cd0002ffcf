//! Verifies a client's certificate during the handshake; reads no file.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};
use thiserror::Error;

use crate::base::certificates::anchors::AnchorError;
use crate::base::certificates::authorities::Authorities;
use crate::base::certificates::certificate;
use crate::base::certificates::chain::{Signers, with_known};
use crate::base::certificates::pem::Purpose;

/// Verifies clients as webpki does, and what OpenSSL verifies beyond that.
#[derive(Debug)]
pub(super) struct ClientVerifier {
    web_pki: Arc<dyn ClientCertVerifier>,
    authorities: Arc<Authorities>,
    provider: Arc<CryptoProvider>,
}

/// Why a client's certificate is refused that webpki accepts.
#[derive(Clone, PartialEq, Eq, Error)]
enum ClientError {
    #[error("the client's certificate is not for clients: {0}")]
    Misuse(&'static str),
    #[error(transparent)]
    Anchor(AnchorError),
}

/// The message itself, because rustls shows an [`OtherError`] in its `Debug` form.
impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ClientVerifier {
    /// Creates a verifier from webpki's, which must have the same authorities.
    pub(super) fn new(
        web_pki: Arc<dyn ClientCertVerifier>,
        authorities: Arc<Authorities>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        Self {
            web_pki,
            authorities,
            provider,
        }
    }

    fn check_as_openssl(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), ClientError> {
        let clients = Purpose::Clients;
        let anchors = &self.authorities.anchors;
        anchors
            .check(end_entity, intermediates, &[], clients, now, &self.provider)
            .map_err(ClientError::Anchor)?;
        let shown = certificate::read(end_entity);
        match shown.and_then(|shown| certificate::misuse(&shown.tbs_certificate, clients)) {
            Some(why) => Err(ClientError::Misuse(why)),
            None => Ok(()),
        }
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn offer_client_auth(&self) -> bool {
        self.web_pki.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.web_pki.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.web_pki.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let Authorities {
            intermediates: known,
            barred,
            ..
        } = self.authorities.as_ref();
        let Signers { allowed, .. } = Signers::among(&with_known(intermediates, known, barred));
        let verified = self.web_pki.verify_client_cert(end_entity, &allowed, now)?;
        self.check_as_openssl(end_entity, &allowed, now)
            .map_err(|error| CertificateError::Other(OtherError(Arc::new(error))))?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web_pki.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web_pki.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web_pki.supported_verify_schemes()
    }
}
