//! The TLS configuration for requests to a daemon, and the verification of its certificate; reads no file.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::identity::{Certificates, Identity, TlsFileError};
use super::{ALPN, Origin};
use crate::base::certificates::authorities::Authorities;
use crate::base::certificates::chain::{Chain, NameCheck};
use crate::base::certificates::names::{self, CommonName};
use crate::base::certificates::pem::Purpose;
use crate::base::certificates::revocations::Revocations;
use crate::base::tls_error::worded;

/// The configuration of a handshake; two are equal if they were made from the same parts.
#[derive(Clone)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    origin: Origin,
}

/// What a daemon has to prove in the handshake.
#[derive(Debug)]
enum ServerProof {
    /// That an authority has signed its certificate, for the address of the request or for the name of the node with
    /// that address.
    Node(Box<Chain>, Vec<(IpAddr, String)>),
    /// That it has the key of exactly this certificate.
    Own(Certificates),
}

#[derive(Debug)]
struct DaemonVerifier {
    proof: ServerProof,
    algorithms: WebPkiSupportedAlgorithms,
}

impl TlsClient {
    /// Creates the configuration for requests to daemons whose certificate is signed by an authority of this file, for their
    /// address or for the name that `nodes` give to it. `own` is presented to a daemon that requests a certificate.
    pub fn of_nodes(
        authorities: &[u8],
        nodes: Vec<(IpAddr, String)>,
        own: Option<&Identity>,
    ) -> Result<Self, TlsFileError> {
        let found = read(authorities)?;
        Self::trusting(found, authorities, nodes, own, |_| ()).map(|(client, ())| client)
    }

    /// The same, with what a daemon of a node finds wrong with `own` or with the authorities at a moment; names are not
    /// compared.
    pub fn of_nodes_with_objections(
        authorities: &[u8],
        nodes: Vec<(IpAddr, String)>,
        own: Option<&Identity>,
        now: UnixTime,
    ) -> Result<(Self, Vec<String>), TlsFileError> {
        let found = read(authorities)?;
        let expired = found.anchors.out_of_time(now);
        let expired: Vec<String> = expired.iter().map(ToString::to_string).collect();
        let shown = own.and_then(|own| own.certificates.0.split_first());
        let objection = |chain: &Chain| {
            let (own, intermediates) = shown?;
            let nobody = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED).into());
            let checked = chain.check(own, intermediates, &nobody, &[], now);
            let error = worded(&checked.err()?);
            Some(format!(
                "it does not vouch for http.certificate_file: {error}"
            ))
        };
        let (client, objection) = Self::trusting(found, authorities, nodes, own, objection)?;
        Ok((client, expired.into_iter().chain(objection).collect()))
    }

    /// Creates the configuration with these authorities; `look` sees the chain before it is used.
    fn trusting<T>(
        found: Authorities,
        authorities: &[u8],
        nodes: Vec<(IpAddr, String)>,
        own: Option<&Identity>,
        look: impl FnOnce(&Chain) -> T,
    ) -> Result<(Self, T), TlsFileError> {
        let provider = Arc::new(ring::default_provider());
        let chain = Chain::new(found, Revocations::default(), &provider)
            .map_err(|error| TlsFileError::Unusable(error.to_string()))?;
        let looked = look(&chain);
        let names: Vec<u8> = nodes
            .iter()
            .flat_map(|(address, name)| format!("{address} {name}\n").into_bytes())
            .collect();
        let origin = [authorities, &names];
        let proof = ServerProof::Node(Box::new(chain), nodes);
        Ok((Self::new(proof, own, &provider, &origin)?, looked))
    }

    /// Creates the configuration for requests to the daemon of this host, which presents this certificate.
    pub fn of_itself(own: &Identity) -> Result<Self, TlsFileError> {
        let provider = Arc::new(ring::default_provider());
        let proof = ServerProof::Own(own.certificates.clone());
        Self::new(proof, Some(own), &provider, &[])
    }

    fn new(
        proof: ServerProof,
        own: Option<&Identity>,
        provider: &Arc<CryptoProvider>,
        origin: &[&[u8]],
    ) -> Result<Self, TlsFileError> {
        let unusable = |error: Error| TlsFileError::Unusable(worded(&error));
        let verifier = DaemonVerifier {
            proof,
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match own {
            Some(own) => builder
                .with_client_auth_cert(own.certificates.0.clone(), own.key.der().clone_key())
                .map_err(unusable)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![ALPN.into()];
        // Every connection verifies the daemon's certificate.
        config.resumption = Resumption::disabled();
        let key = own.map(|own| own.key.der().secret_der());
        let shown = own.into_iter().flat_map(|own| own.certificates.0.iter());
        let parts = origin.iter().copied().chain(key);
        let parts = parts.chain(shown.map(AsRef::as_ref));
        Ok(Self {
            config: Arc::new(config),
            origin: Origin::of(parts),
        })
    }

    /// The configuration for rustls.
    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }
}

/// The authorities of a file.
fn read(authorities: &[u8]) -> Result<Authorities, TlsFileError> {
    Authorities::read(authorities, Purpose::Servers).map_err(TlsFileError::NoCertificate)
}

impl ServerCertVerifier for DaemonVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.proof {
            ServerProof::Own(own) if own.own() == Some(end_entity) => {}
            ServerProof::Own(_) => {
                let error = "it presents another certificate than that of http.certificate_file; if the file was \
                             replaced, reload the daemon";
                return Err(Error::General(error.into()));
            }
            ServerProof::Node(chain, nodes) => {
                match chain.check(end_entity, intermediates, server_name, ocsp_response, now)? {
                    NameCheck::Passed => {}
                    NameCheck::Failed(_, common_name)
                        if is_for(end_entity, server_name, nodes, common_name) => {}
                    NameCheck::Failed(error, _) => return Err(error),
                }
            }
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

/// Whether the certificate is valid for the address or for the node's name, by libpq's rules: servers often use their
/// PostgreSQL certificates here.
fn is_for(
    shown: &CertificateDer<'_>,
    asked: &ServerName<'_>,
    nodes: &[(IpAddr, String)],
    common_name: CommonName,
) -> bool {
    let ServerName::IpAddress(address) = asked else {
        return false;
    };
    let address = IpAddr::from(*address);
    let called = nodes.iter().filter(|(node, _)| *node == address);
    names::is_for(shown, &address.to_string(), common_name)
        || called
            .into_iter()
            .any(|(_, name)| names::is_for(shown, name, common_name))
}

impl PartialEq for TlsClient {
    fn eq(&self, other: &Self) -> bool {
        self.origin == other.origin
    }
}

impl Eq for TlsClient {}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TlsClient").field(&self.origin).finish()
    }
}
