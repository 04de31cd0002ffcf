//! The sentence for each error of the TLS library: what failed, on what, and what to do. Knows neither side's settings but
//! by their names.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, OtherError};
use x509_cert::der::DateTime;

/// The sentence for an error.
pub fn worded(error: &Error) -> String {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other errors keep rustls's message"
    )]
    match error {
        Error::General(sentence) => sentence.clone(),
        Error::InvalidCertificate(why) => certificate(why).unwrap_or_else(|| error.to_string()),
        Error::AlertReceived(alert) => received(*alert),
        _ => error.to_string(),
    }
}

/// The sentence for an alert, by which the peer has refused this side.
fn received(alert: AlertDescription) -> String {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other alerts are named as RFC 8446 names them"
    )]
    let sentence = match alert {
        AlertDescription::UnknownCA => {
            "the peer does not trust the authority of the certificate that it is shown; name that authority there \
             (http.client_ca_file or cluster.ca_file of a daemon, ssl_ca_file of PostgreSQL), or install a certificate of an \
             authority that it trusts"
        }
        AlertDescription::CertificateExpired => {
            "the certificate that the peer is shown has expired; install another one, and compare the clocks of both hosts"
        }
        AlertDescription::CertificateRevoked => {
            "the peer says that the certificate that it is shown is revoked; install another one"
        }
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            "the peer requires a certificate, and is shown none; name one here (http.certificate_file of a daemon, sslcert of \
             a connection string)"
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied => {
            "the peer refuses the certificate that it is shown; look at its log, and at the certificate with \"openssl x509 \
             -text\""
        }
        AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity => {
            "the peer and this host have no version of TLS in common; compare the lowest version that each allows (http.min_tls \
             of a daemon, ssl_min_protocol_version of PostgreSQL)"
        }
        _ => {
            return format!("the peer ended TLS with the alert {alert:?}; look at its log");
        }
    };
    sentence.to_owned()
}

/// The sentence for a certificate that is refused here.
fn certificate(why: &CertificateError) -> Option<String> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other errors keep rustls's message"
    )]
    let sentence = match why {
        CertificateError::Expired => {
            "a certificate of the peer has expired; install another one there, and compare the clocks of both hosts"
        }
        CertificateError::ExpiredContext { not_after, .. } => {
            return Some(format!(
                "a certificate of the peer has expired on {}; install another one there, and compare the clocks of both hosts",
                date(*not_after)
            ));
        }
        CertificateError::NotValidYet => {
            "a certificate of the peer is not valid yet; compare the clocks of both hosts"
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            return Some(format!(
                "a certificate of the peer is not valid before {}; compare the clocks of both hosts",
                date(*not_before)
            ));
        }
        CertificateError::Revoked => {
            "a certificate of the peer is revoked; install another one there"
        }
        CertificateError::UnknownIssuer => {
            "no authority that is trusted here has signed the peer's certificate; name the authority that has (cluster.ca_file or \
             http.client_ca_file of the daemon, sslrootcert of a connection string), or install a certificate of a trusted one \
             there"
        }
        CertificateError::BadSignature => {
            "the signature of a certificate of the peer is not that of its authority: another authority may have the same name; \
             compare both with \"openssl x509 -text\""
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the peer's certificate is not valid for the name or the address by which it is asked; issue one that has it as its \
             subjectAltName"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the peer's certificate is not for this use (extendedKeyUsage); issue one for servers and clients"
        }
        CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. } => {
            "a list of revoked certificates has expired; get the newest one of its authority"
        }
        CertificateError::BadEncoding => {
            "a certificate of the peer is not encoded as X.509 requires; look at it with \"openssl x509 -text\" and \
             issue it anew"
        }
        CertificateError::UnhandledCriticalExtension => {
            "a certificate of the peer has a critical extension that is not supported; issue it without that extension, \
             or with one that is not critical"
        }
        CertificateError::UnknownRevocationStatus => {
            "no list of revoked certificates covers a certificate of the peer; add the list of the authority that has \
             issued it"
        }
        CertificateError::Other(OtherError(other)) => {
            let kind = other.downcast_ref::<webpki::Error>()?;
            return Some(format!(
                "a certificate of the peer cannot be verified ({kind:?}); look at it with \"openssl x509 -text\" and issue \
                 it without what is unusual"
            ));
        }
        _ => return None,
    };
    Some(sentence.to_owned())
}

/// A moment in UTC.
fn date(moment: UnixTime) -> String {
    let since_1970 = Duration::from_secs(moment.as_secs());
    let date = DateTime::from_unix_duration(since_1970);
    date.map_or_else(
        |_| format!("{} s after 1970", moment.as_secs()),
        |date| date.to_string(),
    )
}
