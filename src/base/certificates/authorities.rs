//! Selects the certificates of a trust file that may sign others; opens no file.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::Error as PemError;
use x509_cert::name::Name;

use super::anchors::Anchors;
use super::certificate;
use super::pem::{self, Listed, Purpose, Trust};

/// The trusted authorities.
#[derive(Debug)]
pub(crate) struct Authorities {
    /// The certificates that may sign others.
    pub(crate) anchors: Anchors,
    /// The certificates that a named file trusts for this purpose; empty for the system's store.
    pub(crate) named: Vec<CertificateDer<'static>>,
    /// The certificates of the file that may not sign others.
    pub(crate) barred: Vec<Barred>,
}

/// A certificate whose signatures are not accepted.
#[derive(Debug)]
pub(crate) struct Barred {
    /// The subject of the certificate.
    pub(crate) subject: Name,
    /// The reason for which its signatures are not accepted.
    pub(crate) why: &'static str,
}

impl Authorities {
    /// Parses a file, which must contain at least one certificate; the error is a message about the file.
    pub(crate) fn read(text: &[u8], purpose: Purpose) -> Result<Self, String> {
        let mut found = Self {
            anchors: Anchors::new(),
            named: Vec::new(),
            barred: Vec::new(),
        };
        let listed = pem::certificates(text, purpose).map_err(|error| error.to_string())?;
        if listed.is_empty() {
            return Err(PemError::NoItemsFound.to_string());
        }
        for Listed { certificate, trust } in listed {
            let contents = certificate::read(&certificate).map(|read| read.tbs_certificate);
            let why = match trust {
                Trust::Given => contents.as_ref().and_then(certificate::bar),
                Trust::Withheld => Some(purpose.withheld()),
            };
            if let (Some(why), Some(contents)) = (why, contents) {
                let subject = contents.subject;
                found.barred.push(Barred { subject, why });
            } else {
                found.anchors.add(certificate.clone())?;
            }
            match trust {
                Trust::Given => found.named.push(certificate),
                Trust::Withheld => {}
            }
        }
        Ok(found)
    }
}
