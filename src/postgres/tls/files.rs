//! Reads the TLS files: knows which may be missing, who may read a key, and what they contain; judges no server.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder};

use super::encrypted_key::{self, KeyProblem};
use super::error::{TlsError, TlsFile};
use crate::base::certificates::authorities::Authorities;
use crate::base::certificates::pem::{self, Listed, Purpose};
use crate::base::certificates::{certificate, is_exposed};
use crate::base::regular_file;
use crate::postgres::conninfo::{ClientCertificate, FileChoice, Roots, Secret};
use crate::postgres::optional_file;

/// Most bytes of a file: the certificate authorities of a whole system have some 200 kB.
pub(super) const MOST: u64 = 16 << 20;

/// The client certificate and its key.
pub(super) struct ClientIdentity {
    certificate: PathBuf,
    key: PathBuf,
    chain: Vec<CertificateDer<'static>>,
    secret: PrivateKeyDer<'static>,
}

/// Reads the root certificates; returns `None` if no file is named or the file does not exist.
pub(super) fn authorities(roots: &Roots) -> Result<Option<Authorities>, TlsError> {
    match roots {
        Roots::Nowhere => Ok(None),
        Roots::File(choice) => root_file(choice),
        Roots::System => {
            let mut authorities = Authorities::none();
            for certificate in rustls_native_certs::load_native_certs().certs {
                if let Err(reason) = authorities.add(certificate, Purpose::Servers) {
                    tracing::debug!("an authority of the system is left out: {reason}");
                }
            }
            if authorities.anchors.is_empty() {
                return Err(TlsError::NoSystemRoots);
            }
            Ok(Some(authorities))
        }
    }
}

/// Reads the client certificate, if its file exists, and its key, which must then exist too.
pub(super) fn client_certificate(
    client: &ClientCertificate,
) -> Result<Option<ClientIdentity>, TlsError> {
    let path = client.certificate.path();
    let Some(text) = read(&client.certificate, TlsFile::ClientCertificate)? else {
        return Ok(None);
    };
    let key = read_key(client)?;
    let chain = certificates(&text, TlsFile::ClientCertificate, path)?;
    let chain: Vec<_> = chain.into_iter().map(|listed| listed.certificate).collect();
    let own = chain.first().and_then(|own| certificate::read(own));
    if own.is_some_and(|own| certificate::is_version_1(&own.tbs_certificate)) {
        return Err(TlsError::OldVersion {
            certificate: path.into(),
        });
    }
    Ok(Some(ClientIdentity {
        chain,
        secret: secret(client, &key)?,
        certificate: path.into(),
        key: client.key.path().into(),
    }))
}

fn secret(client: &ClientCertificate, key: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    let passphrase = client.passphrase.as_ref().map(Secret::expose);
    encrypted_key::read(key, passphrase).map_err(|problem| match problem {
        KeyProblem::Pem(error) => unusable(TlsFile::PrivateKey, client.key.path(), &error),
        KeyProblem::NoPassphrase
        | KeyProblem::Old
        | KeyProblem::Cipher(_)
        | KeyProblem::TooCostly(_)
        | KeyProblem::Passphrase => TlsError::KeyLocked {
            path: client.key.path().into(),
            why: problem.to_string(),
        },
    })
}

impl ClientIdentity {
    /// Completes the configuration with this certificate.
    pub(super) fn present(
        self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig, TlsError> {
        builder
            .with_client_auth_cert(self.chain, self.secret)
            .map_err(|source| TlsError::KeyMismatch {
                certificate: self.certificate,
                key: self.key,
                source,
            })
    }
}

fn root_file(choice: &FileChoice) -> Result<Option<Authorities>, TlsError> {
    let what = TlsFile::RootCertificates;
    let Some(text) = read(choice, what)? else {
        return Ok(None);
    };
    Authorities::read(&text, Purpose::Servers)
        .map(Some)
        .map_err(|reason| unusable(what, choice.path(), &reason))
}

pub(super) fn read(choice: &FileChoice, what: TlsFile) -> Result<Option<Vec<u8>>, TlsError> {
    let read = optional_file::open(choice.path()).and_then(contents);
    unless_unreachable(read, choice, what)
}

/// A default file that this user may not reach counts as missing: a sandboxed daemon often cannot
/// enter its home directory.
fn unless_unreachable(
    read: io::Result<Option<Vec<u8>>>,
    choice: &FileChoice,
    what: TlsFile,
) -> Result<Option<Vec<u8>>, TlsError> {
    match (read, choice) {
        (Ok(contents), _) => Ok(contents),
        (Err(error), FileChoice::Default(_)) if error.kind() == ErrorKind::PermissionDenied => {
            Ok(None)
        }
        (Err(source), _) => Err(unreadable(what, choice.path(), source)),
    }
}

/// Reads the private key, if it meets libpq's conditions.
fn read_key(client: &ClientCertificate) -> Result<Vec<u8>, TlsError> {
    let path = client.key.path();
    let failed = |source| unreadable(TlsFile::PrivateKey, path, source);
    let file = optional_file::open(path)
        .map_err(failed)?
        .ok_or_else(|| TlsError::NoKey {
            certificate: client.certificate.path().into(),
            key: path.into(),
        })?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(TlsError::KeyNotPlain { path: path.into() });
    }
    if is_exposed(metadata.uid(), metadata.mode()) {
        return Err(TlsError::KeyExposed {
            path: path.into(),
            mode: metadata.mode() & 0o7777,
        });
    }
    Ok(contents(Some(file)).map_err(failed)?.unwrap_or_default())
}

fn contents(file: Option<File>) -> io::Result<Option<Vec<u8>>> {
    file.map(|file| regular_file::contents(&file, MOST))
        .transpose()
}

/// Reads the certificates of a file; none is an error.
fn certificates(text: &[u8], what: TlsFile, path: &Path) -> Result<Vec<Listed>, TlsError> {
    match pem::certificates(text, Purpose::Servers) {
        Ok(found) if found.is_empty() => {
            Err(unusable(what, path, &pem::worded(&PemError::NoItemsFound)))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(unusable(what, path, &pem::worded(&error))),
    }
}

/// Reads the PEM items of one kind; none is an error.
pub(super) fn items<T: PemObject>(
    text: &[u8],
    what: TlsFile,
    path: &Path,
) -> Result<Vec<T>, TlsError> {
    let items: Vec<T> = T::pem_slice_iter(pem::unmarked(text))
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(what, path, &pem::worded(&error)))?;
    if items.is_empty() {
        return Err(unusable(what, path, &pem::worded(&PemError::NoItemsFound)));
    }
    Ok(items)
}

pub(super) fn unreadable(what: TlsFile, path: &Path, source: io::Error) -> TlsError {
    TlsError::Unreadable {
        what,
        path: path.into(),
        source,
    }
}

fn unusable(what: TlsFile, path: &Path, reason: &impl ToString) -> TlsError {
    TlsError::Unusable {
        what,
        path: path.into(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests;
