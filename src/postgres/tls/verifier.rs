//! What a server has to prove during the handshake, as each `sslmode` has it in libpq; reads no file.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::error::TlsError;
use super::{files, revocations};
use crate::base::certificates::chain::{Chain, NameCheck, refuse_version_1};
use crate::base::certificates::names::{self, CommonName};
use crate::base::certificates::revocations::Revocations;
use crate::postgres::conninfo::{Roots, SslMode, Tls};

/// Checks a server's certificate.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    proof: CertificateProof,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum CertificateProof {
    /// That the server has the private key of its certificate, whatever certificate that is. This stops only eavesdroppers.
    Key,
    /// That a trusted authority has signed its certificate.
    Chain(Chain),
    /// That a trusted authority has signed its certificate for this host.
    ChainAndName(Chain, String),
}

impl ServerVerifier {
    /// If there are root certificates, the chain is verified at every `sslmode`, as in libpq (`initialize_SSL` in
    /// `fe-secure-openssl.c`; the manual states it only for `require`).
    pub(super) fn new(
        host: &str,
        tls: &Tls,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let chain = chain(tls, provider)?;
        Ok(Self {
            proof: match (tls.mode, chain) {
                (SslMode::VerifyFull, Some(chain)) => {
                    CertificateProof::ChainAndName(chain, host.into())
                }
                (SslMode::VerifyCa | SslMode::VerifyFull, None) => {
                    return Err(TlsError::NoRoots {
                        path: match &tls.roots {
                            Roots::File(choice) => Some(choice.path().into()),
                            Roots::System | Roots::Nowhere => None,
                        },
                    });
                }
                (_, Some(chain)) => CertificateProof::Chain(chain),
                (_, None) => CertificateProof::Key,
            },
            algorithms: provider.signature_verification_algorithms,
        })
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        refuse_version_1(end_entity)?;
        let check =
            |chain: &Chain| chain.check(end_entity, intermediates, server_name, ocsp_response, now);
        match &self.proof {
            CertificateProof::Key => {}
            CertificateProof::Chain(chain) => {
                check(chain)?;
            }
            CertificateProof::ChainAndName(chain, host) => match check(chain)? {
                NameCheck::Failed(_, common_name)
                    if names::is_for(end_entity, host, common_name) => {}
                NameCheck::Failed(error, _) => return Err(error),
                // webpki ignores a dot at the end of the host.
                NameCheck::Passed if !names::is_for(end_entity, host, CommonName::Ignored) => {
                    return Err(CertificateError::NotValidForName.into());
                }
                NameCheck::Passed => {}
            },
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    /// Also without further proof the server must have the key of its certificate: channel binding
    /// rests on it.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The verification of the chain; `None` without root certificates.
fn chain(tls: &Tls, provider: &Arc<CryptoProvider>) -> Result<Option<Chain>, TlsError> {
    let Some(authorities) = files::authorities(&tls.roots)? else {
        return Ok(None);
    };
    let revocations = match &tls.roots {
        Roots::File(_) => revocations::read(tls)?,
        Roots::System | Roots::Nowhere => Revocations::default(),
    };
    let chain = Chain::new(authorities, revocations, provider);
    chain.map(Some).map_err(TlsError::Unverifiable)
}
