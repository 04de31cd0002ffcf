//! The certificates of a file that may vouch for others; opens no file.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::Error as PemError;
use x509_cert::name::Name;

use super::certificate;
use super::pem::{self, Listed, Purpose, Trust};

/// Whose certificates count.
#[derive(Debug)]
pub(crate) struct Authorities {
    /// Those that may vouch for others.
    pub(crate) store: RootCertStore,
    /// The certificates somebody put into a file for this purpose; none for the system's.
    pub(crate) named: Vec<CertificateDer<'static>>,
    /// Those of the file that may vouch for nobody.
    pub(crate) barred: Vec<Barred>,
}

/// Somebody whose signature does not count.
#[derive(Debug)]
pub(crate) struct Barred {
    /// Who.
    pub(crate) subject: Name,
    /// What is wrong with the certificate.
    pub(crate) why: &'static str,
}

impl Authorities {
    /// Those of a file, at least one certificate; the error is what is wrong with the file.
    pub(crate) fn read(text: &[u8], purpose: Purpose) -> Result<Self, String> {
        let mut found = Self {
            store: RootCertStore::empty(),
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
                let added = found.store.add(certificate.clone());
                added.map_err(|error| error.to_string())?;
            }
            match trust {
                Trust::Given => found.named.push(certificate),
                Trust::Withheld => {}
            }
        }
        Ok(found)
    }
}
