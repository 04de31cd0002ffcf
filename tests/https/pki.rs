//! Authorities and certificates, made for one test, in files.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use support::scratch::Scratch;

/// An authority that signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Certifies these names and addresses.
    pub(crate) fn certify(&self, names: &[&str]) -> Identity {
        let key = KeyPair::generate().unwrap();
        let subject = names.first().copied().unwrap_or("client");
        Identity {
            certificate: params(subject, names)
                .signed_by(&key, &self.0)
                .unwrap()
                .pem(),
            key: key.serialize_pem(),
        }
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }
}

fn params(subject: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, subject);
    params
}

/// A folder of certificates.
pub(crate) struct Files(Scratch);

impl Files {
    pub(crate) fn new() -> Self {
        Self(Scratch::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file that its owner alone may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    /// Writes certificate and key, and says so in the words of `[http]`.
    pub(crate) fn identity(&self, own: &Identity) -> String {
        let certificate = self.write("http.pem", &own.certificate);
        let key = self.write("http.key", &own.key);
        format!("certificate_file = \"{certificate}\"\nkey_file = \"{key}\"\n")
    }

    pub(crate) fn command(&self, program: &str) -> std::process::Command {
        self.0.command(program)
    }
}
