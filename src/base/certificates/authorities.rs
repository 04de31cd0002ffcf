//! Selects the certificates of a trust file that may sign others; opens no file.
//!
//! As in OpenSSL without `X509_V_FLAG_PARTIAL_CHAIN`, which libpq does not set, a chain ends at a certificate that names
//! itself as its issuer. The others of a file stand between such a one and a server or client.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::Error as PemError;
use x509_cert::name::Name;

use super::anchors::Anchors;
use super::certificate;
use super::pem::{self, Listed, Purpose, Trust};

/// The trusted authorities.
#[derive(Debug)]
pub(crate) struct Authorities {
    /// The authorities at which a chain may end.
    pub(crate) anchors: Anchors,
    /// The authorities that another one has signed.
    pub(crate) intermediates: Vec<CertificateDer<'static>>,
    /// The certificates that a named file trusts for this purpose; empty for the system's store.
    pub(crate) named: Vec<CertificateDer<'static>>,
    /// The certificates of the file that may not sign others.
    pub(crate) barred: Vec<Barred>,
}

/// A certificate whose signatures are not accepted.
#[derive(Debug)]
pub(crate) struct Barred {
    /// The certificate.
    pub(crate) certificate: CertificateDer<'static>,
    /// The subject of the certificate.
    pub(crate) subject: Name,
    /// The reason for which its signatures are not accepted.
    pub(crate) why: &'static str,
}

impl Authorities {
    /// None yet.
    pub(crate) fn none() -> Self {
        Self {
            anchors: Anchors::new(),
            intermediates: Vec::new(),
            named: Vec::new(),
            barred: Vec::new(),
        }
    }

    /// Parses a file, which must contain at least one certificate; the error is a message about the file.
    pub(crate) fn read(text: &[u8], purpose: Purpose) -> Result<Self, String> {
        let mut found = Self::none();
        let listed = pem::certificates(text, purpose).map_err(|error| pem::worded(&error))?;
        if listed.is_empty() {
            return Err(pem::worded(&PemError::NoItemsFound));
        }
        for Listed { certificate, trust } in listed {
            match trust {
                Trust::Given => {
                    found.named.push(certificate.clone());
                    found.add(certificate, purpose)?;
                }
                Trust::Withheld => {
                    let subject = read(&certificate)?.subject;
                    let why = purpose.withheld();
                    found.barred.push(Barred {
                        certificate,
                        subject,
                        why,
                    });
                }
            }
        }
        Ok(found)
    }

    /// Adds a certificate that is trusted for this purpose, as what it may be.
    pub(crate) fn add(
        &mut self,
        certificate: CertificateDer<'static>,
        purpose: Purpose,
    ) -> Result<(), String> {
        let contents = read(&certificate)?;
        let is_last = certificate::is_self_issued(&contents);
        let why = if is_last {
            certificate::bar_at_the_end(&contents, purpose)
        } else {
            certificate::why_no_signer(&contents)
        };
        match why {
            Some(why) => {
                let subject = contents.subject;
                self.barred.push(Barred {
                    certificate,
                    subject,
                    why,
                });
            }
            None if is_last => self.anchors.add(certificate, &contents)?,
            None => self.intermediates.push(certificate),
        }
        Ok(())
    }

    /// The reason for which nobody is trusted; `None` if somebody is.
    pub(crate) fn why_none(&self) -> Option<String> {
        if !self.anchors.is_empty() {
            return None;
        }
        Some(match self.barred.first() {
            Some(Barred { subject, why, .. }) => format!("{subject}: {why}"),
            None => "another authority has signed each of them; add the certificate of the one that has signed itself"
                .into(),
        })
    }
}

fn read(certificate: &CertificateDer<'_>) -> Result<certificate::Contents, String> {
    let read = certificate::read(certificate).ok_or("a certificate in it is broken")?;
    Ok(read.tbs_certificate)
}
