//! Words an error of the TLS library for people: what failed, on what, and what to do; does no handshake.

use std::io;

use rustls::{CertificateError, Error, OtherError};
use thiserror::Error as SentenceError;

/// Why a handshake failed, in one sentence.
#[derive(Debug, SentenceError)]
#[error("{0}")]
pub struct HandshakeError(String);

/// Replaces the library's error in that of a handshake, also where the library has put a sentence of this program
/// behind words of its own.
pub fn of_handshake(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner.map(worded) {
        Some(sentence) => io::Error::new(error.kind(), HandshakeError(sentence)),
        None => error,
    }
}

/// The sentence for an error.
pub fn worded(error: &Error) -> String {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other errors keep rustls's message"
    )]
    match error {
        Error::General(sentence) => sentence.clone(),
        Error::InvalidCertificate(why) => rare(why).unwrap_or_else(|| error.to_string()),
        _ => error.to_string(),
    }
}

/// The sentence for an error of which rustls has only the name of its kind.
fn rare(why: &CertificateError) -> Option<String> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other errors keep rustls's message"
    )]
    match why {
        CertificateError::BadEncoding => Some(
            "a certificate of the peer is not encoded as X.509 requires; look at it with \"openssl x509 -text\" and \
             issue it anew"
                .to_owned(),
        ),
        CertificateError::UnhandledCriticalExtension => Some(
            "a certificate of the peer has a critical extension that is not supported; issue it without that extension, \
             or with one that is not critical"
                .to_owned(),
        ),
        CertificateError::UnknownRevocationStatus => Some(
            "no list of revoked certificates covers a certificate of the peer; add the list of the authority that has \
             issued it"
                .to_owned(),
        ),
        CertificateError::Other(OtherError(other)) => {
            let kind = other.downcast_ref::<webpki::Error>()?;
            Some(format!(
                "a certificate of the peer cannot be verified ({kind:?}); look at it with \"openssl x509 -text\" and issue \
                 it without what is unusual"
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_sentence_of_this_program_stands_alone() {
        let error = Error::General("the server's certificate is old; issue another".to_owned());
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        let worded = of_handshake(error);
        assert_eq!(worded.kind(), io::ErrorKind::InvalidData);
        assert_eq!(
            worded.to_string(),
            "the server's certificate is old; issue another"
        );
        let other = io::Error::from(io::ErrorKind::ConnectionReset);
        let shown = other.to_string();
        assert_eq!(of_handshake(other).to_string(), shown);
    }

    #[test]
    fn rare_certificates_have_a_sentence() {
        let webpki = webpki::Error::UnsupportedNameType;
        for why in [
            CertificateError::BadEncoding,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownRevocationStatus,
            CertificateError::Other(OtherError(Arc::new(webpki))),
        ] {
            let said = worded(&Error::InvalidCertificate(why));
            assert!(said.contains("certificate of the peer"), "{said}");
            assert!(said.contains("; "), "{said}");
        }
        let usual = Error::InvalidCertificate(CertificateError::Revoked);
        assert_eq!(worded(&usual), usual.to_string());
    }
}
