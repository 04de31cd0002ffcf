//! Channel binding of type `tls-server-end-point` (RFC 5929, section 4): the hash of the server's
//! certificate, with the hash function of its signature.

use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use rustls::pki_types::CertificateDer;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, SHA_1_WITH_RSA_ENCRYPTION,
    SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};

/// Returns the binding of a certificate; `None` if its signature has no hash function of its own, as Ed25519.
pub(super) fn server_end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let signed = crate::base::certificates::certificate::read(certificate)?;
    let hash = hash_of(signed.signature_algorithm.oid)?;
    Some(digest(hash, certificate).as_ref().into())
}

fn hash_of(signature: ObjectIdentifier) -> Option<&'static Algorithm> {
    match signature {
        // The RFC replaces SHA-1 by SHA-256.
        SHA_1_WITH_RSA_ENCRYPTION | SHA_256_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_256 => {
            Some(&SHA256)
        }
        SHA_384_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_384 => Some(&SHA384),
        SHA_512_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_512 => Some(&SHA512),
        _ => None,
    }
}
