//! Decrypts a private key with a passphrase (`sslpassword`): PKCS#8 (RFC 5958), encrypted by PKCS#5 (RFC 8018).
//! Opens no file.

use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;

use crate::base::certificates::pem;

/// The beginning of a PEM section, the ends of the labels of keys, and the label of an encrypted key.
const BEGIN: &str = "-----BEGIN ";
const KEY: &str = "PRIVATE KEY-----";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY-----";

/// A header of OpenSSL's older form (RFC 1421, section 4.6.1.1).
const OLD: &str = "Proc-Type: 4,ENCRYPTED";

/// Most iterations of the passphrase's hash; `openssl pkcs8` uses 2048. The key is read for each connection, in the
/// thread that answers the load balancers: this many take some 30 ms.
const MOST_ITERATIONS: u32 = 100_000;

/// The scheme that OpenSSL used by default until version 1.0.
const OTHER_THAN_PBES2: &str = "something other than PBES2";

/// Why a key cannot be read.
#[derive(Debug, Error)]
pub(super) enum KeyProblem {
    /// The text has no key.
    #[error("{}", pem::worded(.0))]
    Pem(#[from] PemError),
    /// The key is encrypted, and no passphrase is given.
    #[error("it is encrypted, and there is no passphrase; write it into sslpassword")]
    NoPassphrase,
    /// The key is encrypted in OpenSSL's older form.
    #[error(
        "it is encrypted in an old form; convert it with: openssl pkcs8 -topk8 -in KEY -out NEWKEY"
    )]
    Old,
    /// The key is encrypted by a method that is not supported.
    #[error(
        "it is encrypted by {0}, which is not supported; convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY \
         -out NEWKEY"
    )]
    Cipher(&'static str),
    /// The key takes too long to decrypt.
    #[error(
        "its passphrase takes {0} iterations, more than {MOST_ITERATIONS}, and each connection needs the key; convert it \
         with: openssl pkcs8 -topk8 -iter 2048 -in KEY -out NEWKEY"
    )]
    TooCostly(u32),
    /// The passphrase is wrong, or the key is broken.
    #[error("the passphrase in sslpassword does not decrypt it")]
    Passphrase,
}

/// Reads the first private key of a file, in any form; as in OpenSSL, a passphrase that is not needed has no effect.
pub(super) fn read(
    text: &[u8],
    passphrase: Option<&[u8]>,
) -> Result<PrivateKeyDer<'static>, KeyProblem> {
    let labelled = String::from_utf8_lossy(text);
    let first = labelled.split(BEGIN).skip(1).find(|section| {
        let label = section.lines().next().unwrap_or_default();
        label.trim_end().ends_with(KEY)
    });
    match first {
        Some(section) if section.starts_with(ENCRYPTED) => {
            let plain = format!("{BEGIN}{}", section.replace(ENCRYPTED, KEY));
            let encrypted = PrivatePkcs8KeyDer::from_pem_slice(plain.as_bytes())?;
            decrypt(
                encrypted.secret_pkcs8_der(),
                passphrase.ok_or(KeyProblem::NoPassphrase)?,
            )
        }
        Some(section) if section.contains(OLD) => Err(KeyProblem::Old),
        Some(_) | None => Ok(pem::key(text)?),
    }
}

fn decrypt(der: &[u8], passphrase: &[u8]) -> Result<PrivateKeyDer<'static>, KeyProblem> {
    let encrypted = EncryptedPrivateKeyInfo::try_from(der);
    let encrypted = encrypted.map_err(|_| KeyProblem::Cipher(OTHER_THAN_PBES2))?;
    let EncryptionScheme::Pbes2(parameters) = &encrypted.encryption_algorithm else {
        return Err(KeyProblem::Cipher(OTHER_THAN_PBES2));
    };
    // With scrypt each connection would take 16 MB of the 96 MB that the shipped unit gives the daemon.
    let Kdf::Pbkdf2(hash) = &parameters.kdf else {
        return Err(KeyProblem::Cipher("scrypt"));
    };
    if hash.iteration_count > MOST_ITERATIONS {
        return Err(KeyProblem::TooCostly(hash.iteration_count));
    }
    let decrypted = encrypted.decrypt(passphrase);
    let decrypted = decrypted.map_err(|_| KeyProblem::Passphrase)?;
    Ok(PrivatePkcs8KeyDer::from(decrypted.as_bytes().to_vec()).into())
}
