//! What a client's certificate has to prove during the handshake; reads no file, and does not know who is asked.

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

/// Verifies clients by the rules of the web, and by those of OpenSSL that go further.
#[derive(Debug)]
pub(super) struct ClientVerifier {
    web: Arc<dyn ClientCertVerifier>,
    authorities: Arc<Authorities>,
    provider: Arc<CryptoProvider>,
}

/// Why a client's certificate is refused that keeps the rules of the web.
#[derive(Clone, PartialEq, Eq, Error)]
enum ClientError {
    #[error("the client's certificate is not for clients: {0}")]
    Misuse(&'static str),
    #[error(transparent)]
    Anchor(AnchorError),
}

/// A sentence: rustls shows the errors of others in this form.
impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ClientVerifier {
    /// With the verifier that keeps the rules of the web and has the same authorities.
    pub(super) fn new(
        web: Arc<dyn ClientCertVerifier>,
        authorities: Arc<Authorities>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        Self {
            web,
            authorities,
            provider,
        }
    }

    fn check_further(
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
        self.web.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.web.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.web.root_hint_subjects()
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
        let Signers { may, .. } = Signers::among(&with_known(intermediates, known, barred));
        let verified = self.web.verify_client_cert(end_entity, &may, now)?;
        self.check_further(end_entity, &may, now)
            .map_err(|error| CertificateError::Other(OtherError(Arc::new(error))))?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web.supported_verify_schemes()
    }
}
