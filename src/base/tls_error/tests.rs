use std::sync::Arc;
use std::time::Duration;

use rustls::OtherError;
use rustls::pki_types::UnixTime;

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
}

#[test]
fn an_expired_certificate_has_the_same_sentence_and_kind_at_any_moment() {
    let at = |now| {
        let [time, not_after] = [now, 1_796_068_586]
            .map(|seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds)));
        let why = CertificateError::ExpiredContext { time, not_after };
        let error = io::Error::other(Error::InvalidCertificate(why));
        let worded = of_handshake(error);
        (
            worded.to_string(),
            TlsErrorKind::of_worded(&worded).unwrap(),
        )
    };
    assert_eq!(at(1_796_068_601), at(1_796_068_602));
    let (said, kind) = at(1_796_068_601);
    assert!(
        said.contains("has expired on 2026-11-30T19:56:26Z; "),
        "{said}"
    );
    let other = of_handshake(io::Error::other(Error::InvalidCertificate(
        CertificateError::UnknownIssuer,
    )));
    assert_ne!(TlsErrorKind::of_worded(&other), Some(kind));
}

#[test]
fn no_sentence_has_words_of_the_library() {
    use AlertDescription as Alert;
    let alerts = [
        Alert::UnknownCA,
        Alert::CertificateExpired,
        Alert::CertificateRevoked,
        Alert::CertificateRequired,
        Alert::BadCertificate,
        Alert::ProtocolVersion,
        Alert::InternalError,
    ];
    let alerts = alerts.map(Error::AlertReceived);
    let certificates = [
        CertificateError::Revoked,
        CertificateError::UnknownIssuer,
        CertificateError::NotValidForName,
        CertificateError::InvalidPurpose,
        CertificateError::BadSignature,
    ];
    let certificates = certificates.map(Error::InvalidCertificate);
    for error in alerts.into_iter().chain(certificates) {
        let said = worded(&error);
        for word in [
            "fatal alert",
            "invalid peer",
            "UnknownIssuer",
            "UnknownCA",
            "(UNIX)",
        ] {
            assert!(!said.contains(word), "{said}");
        }
        assert!(said.contains("; "), "no remedy: {said}");
    }
}

#[test]
fn an_alert_after_the_handshake_is_found_behind_other_errors() {
    let alert = Error::AlertReceived(AlertDescription::UnknownCA);
    let read = io::Error::other(alert.clone());
    let outer = SentenceAround(read);
    let found = behind(&outer).unwrap();
    assert_eq!(found.to_string(), worded(&alert));
    let reset = SentenceAround(io::Error::from(io::ErrorKind::ConnectionReset));
    assert!(behind(&reset).is_none());
}

#[derive(Debug, SentenceError)]
#[error("reading failed")]
struct SentenceAround(#[source] io::Error);
