//! Creates authorities and certificates for tests.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SigningKey, date_time_ymd,
};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use x509_cert::certificate::Version;
use x509_cert::der::asn1::BitString;
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Decode, Encode, EncodePem};

/// An authority that signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self(CertifiedIssuer::self_signed(authority(name), key()).expect("an authority"))
    }

    /// Its certificate with an end in the past, as PEM.
    pub(crate) fn expired(&self, name: &str) -> String {
        let mut params = authority(name);
        params.not_after = date_time_ymd(2020, 1, 1);
        params
            .self_signed(self.0.key())
            .expect("an authority")
            .pem()
    }

    pub(crate) fn certify(&self, params: &CertificateParams) -> Identity {
        let key = key();
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Identity {
            certificate: certificate.der().clone(),
            key,
        }
    }

    /// A certificate without extensions, which is what OpenSSL 3.0 issues for a request by default.
    pub(crate) fn certify_in_version_1(&self, subject: &str) -> Identity {
        let Identity { certificate, key } = self.certify(&params(subject, &[]));
        let certificate = self.sign_in_version_1(&certificate);
        Identity { certificate, key }
    }

    /// Its own certificate, as it would be without extensions.
    pub(crate) fn in_version_1(&self) -> Identity {
        Identity {
            certificate: self.sign_in_version_1(self.0.der()),
            key: key(),
        }
    }

    fn sign_in_version_1(&self, certificate: &CertificateDer<'_>) -> CertificateDer<'static> {
        let mut certificate = x509_cert::Certificate::from_der(certificate).expect("X.509");
        certificate.tbs_certificate.version = Version::V1;
        certificate.tbs_certificate.extensions = None;
        let signed = certificate.tbs_certificate.to_der().expect("DER");
        let signature = self.0.key().sign(&signed).expect("a signature");
        certificate.signature = BitString::from_bytes(&signature).expect("bits");
        certificate.to_der().expect("DER").into()
    }

    /// A revocation list with the certificate of this serial number.
    pub(crate) fn revoke(&self, serial: u64) -> String {
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(4000, 1, 1),
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: serial.into(),
                revocation_time: date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.0)
            .and_then(|list| list.pem())
            .expect("a revocation list")
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }
}

impl Identity {
    /// A self-signed certificate, marked as an authority as OpenSSL does.
    pub(crate) fn self_signed(mut params: CertificateParams) -> Self {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key();
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            certificate: certificate.der().clone(),
            key,
        }
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).expect("a key")
    }

    /// Makes a server present this certificate without checks by rustls.
    pub(crate) fn shown(&self) -> Arc<dyn ResolvesServerCert> {
        self.shown_as(self)
    }

    /// Makes a server present another identity's certificate without its key.
    pub(crate) fn shown_as(&self, other: &Self) -> Arc<dyn ResolvesServerCert> {
        let key = any_supported_type(&self.private_key()).expect("a key");
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(
            vec![other.certificate.clone()],
            key,
        )))
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    pub(crate) fn pem(&self) -> String {
        x509_cert::Certificate::from_der(&self.certificate)
            .and_then(|certificate| certificate.to_pem(LineEnding::LF))
            .expect("PEM")
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A certificate for the common name `subject` and these names and addresses.
pub(crate) fn params(subject: &str, alternatives: &[&str]) -> CertificateParams {
    let alternatives: Vec<_> = alternatives.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(alternatives).expect("names");
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, subject);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
