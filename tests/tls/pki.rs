//! Authorities and certificates, made for one run; knows no file and no server.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, RevokedCertParams,
    date_time_ymd,
};

/// An authority that signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    /// Signs with SHA-384: channel binding hashes a certificate as its signature does, unless that is
    /// weaker than SHA-256 (RFC 5929, section 4.1), and the default would be found by luck.
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        Self(CertifiedIssuer::self_signed(authority(name), key).unwrap())
    }

    /// Certifies the common name `subject` with these names and addresses.
    pub(crate) fn certify(&self, subject: &str, alternatives: &[&str], serial: u64) -> Identity {
        let mut params = params(subject, alternatives);
        params.serial_number = Some(serial.into());
        let key = KeyPair::generate().unwrap();
        Identity {
            certificate: params.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// The list that revokes the certificate with this serial number, as PEM.
    pub(crate) fn revoke(&self, serial: u64) -> String {
        self.list(serial, 2020, 4000)
    }

    /// The same, issued in one year and good until another.
    pub(crate) fn list(&self, serial: u64, from: i32, until: i32) -> String {
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(from, 1, 1),
            next_update: date_time_ymd(until, 1, 1),
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: serial.into(),
                revocation_time: date_time_ymd(from, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.0).unwrap().pem().unwrap()
    }

    /// An authority below it.
    pub(crate) fn authority(&self, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let made = CertifiedIssuer::signed_by(authority(name), key, &self.0);
        Self(made.unwrap())
    }

    /// Certifies a server for what a key may be used for.
    pub(crate) fn certify_for(&self, subject: &str, usages: &[KeyUsagePurpose]) -> Identity {
        let mut params = params(subject, &[subject]);
        params.key_usages = usages.to_vec();
        let key = KeyPair::generate().unwrap();
        Identity {
            certificate: params.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// Another certificate of it, which differs in this, as PEM.
    pub(crate) fn renewed(&self, name: &str, change: &dyn Fn(&mut CertificateParams)) -> String {
        let mut params = authority(name);
        change(&mut params);
        params.self_signed(self.0.key()).unwrap().pem()
    }

    /// A certificate that it has for a server of this name, and its key.
    pub(crate) fn as_server(&self, name: &str) -> Identity {
        Identity {
            certificate: self.renewed(name, &|params| params.key_usages.clear()),
            key: self.0.key().serialize_pem(),
        }
    }

    /// Its own certificate, as PEM.
    pub(crate) fn certificate(&self) -> String {
        self.0.pem()
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn params(subject: &str, alternatives: &[&str]) -> CertificateParams {
    let alternatives: Vec<_> = alternatives.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(alternatives).unwrap();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, subject);
    params
}
