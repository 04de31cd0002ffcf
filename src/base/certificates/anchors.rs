//! The authorities at which a chain may end, and the limits in their own certificates. webpki uses only the name and the
//! key of such an authority; OpenSSL also checks its validity and its pathLenConstraint. Opens no file.

use std::cell::RefCell;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, TrustAnchor, UnixTime};
use thiserror::Error;
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage,
    RevocationOptionsBuilder, VerifiedPath,
};

use super::certificate::{self, Contents, Period, TimeError};
use super::names::CommonName;
use super::pem::Purpose;

/// The authorities, each with the limits that its certificate sets.
#[derive(Debug)]
pub(crate) struct Anchors {
    store: Arc<RootCertStore>,
    /// In the order of the store.
    limits: Vec<AnchorLimits>,
}

/// What an authority's certificate says of the chains that end at it.
#[derive(Debug)]
struct AnchorLimits {
    subject: String,
    period: Period,
    /// The most authorities between it and the certificate that is verified (RFC 5280, section 4.2.1.9).
    path_length: Option<u8>,
    common_name: CommonName,
    lists: Lists,
}

/// Whether an authority's key is for lists of revoked certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lists {
    Signed,
    NotSigned,
}

/// Why a chain is refused that webpki accepts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum AnchorError {
    /// The authority's certificate is not valid at this time.
    #[error("the certificate of the authority {subject} {error}")]
    Time {
        /// The authority.
        subject: String,
        /// Why it is not valid now.
        error: TimeError,
    },
    /// There are more authorities in between than the authority allows.
    #[error(
        "the authority {subject} allows {allowed} authorities below it (pathlen), and the chain has {found}"
    )]
    TooLong {
        /// The authority.
        subject: String,
        /// The most authorities below it.
        allowed: u8,
        /// The number of authorities in the chain below it.
        found: usize,
    },
    /// Its key is not for the lists that are to be looked up.
    #[error(
        "the authority {subject} may not sign lists of revoked certificates: its keyUsage has no cRLSign"
    )]
    Lists {
        /// The authority.
        subject: String,
    },
    /// No chain was found.
    #[error("no chain leads to an authority ({0})")]
    NoChain(webpki::Error),
}

impl Anchors {
    /// Creates an empty set.
    pub(crate) fn new() -> Self {
        Self {
            store: Arc::new(RootCertStore::empty()),
            limits: Vec::new(),
        }
    }

    /// Adds one.
    pub(crate) fn add(
        &mut self,
        certificate: CertificateDer<'static>,
        contents: &Contents,
    ) -> Result<(), String> {
        let added = Arc::make_mut(&mut self.store).add(certificate);
        added.map_err(|error| error.to_string())?;
        self.limits.push(AnchorLimits::of(contents));
        Ok(())
    }

    /// What is wrong with those that are not valid at a moment.
    pub(crate) fn out_of_time(&self, now: UnixTime) -> Vec<AnchorError> {
        let errors = self.limits.iter().filter_map(|limits| {
            let error = limits.period.check(now).err()?;
            let subject = limits.subject.clone();
            Some(AnchorError::Time { subject, error })
        });
        errors.collect()
    }

    /// For webpki.
    pub(crate) fn store(&self) -> &Arc<RootCertStore> {
        &self.store
    }

    /// Whether the set is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }

    /// Verifies that one of the chains that webpki accepts also keeps what its authority says, and returns
    /// whether the common name may stand for a host. `revocations` are the lists that count.
    pub(crate) fn check(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        revocations: &[CertificateRevocationListDer<'_>],
        purpose: Purpose,
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<CommonName, AnchorError> {
        let certificate = EndEntityCert::try_from(certificate).map_err(AnchorError::NoChain)?;
        let lists: Result<Vec<CertRevocationList<'_>>, _> = revocations
            .iter()
            .map(|list| BorrowedCertRevocationList::from_der(list).map(Into::into))
            .collect();
        let lists = lists.map_err(AnchorError::NoChain)?;
        let lists: Vec<&CertRevocationList<'_>> = lists.iter().collect();
        // The builder refuses an empty list; then webpki checks no revocation.
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            let enforced = options.with_expiration_policy(ExpirationPolicy::Enforce);
            enforced.build()
        });
        let usage = match purpose {
            Purpose::Servers => KeyUsage::server_auth(),
            Purpose::Clients => KeyUsage::client_auth(),
        };
        let refused = RefCell::new(None);
        let lists = if revocations.is_empty() {
            Lists::NotSigned
        } else {
            Lists::Signed
        };
        let within_limits = |path: &VerifiedPath<'_>| {
            self.keeps(path, lists, now).map_err(|error| {
                refused.replace(Some(error));
                webpki::Error::UnknownIssuer
            })
        };
        let verified = certificate.verify_for_usage(
            provider.signature_verification_algorithms.all,
            &self.store.roots,
            intermediates,
            now,
            usage,
            revocation,
            Some(&within_limits),
        );
        match (verified, refused.take()) {
            (Ok(path), _) => Ok(self.common_name_below(&path)),
            (Err(_), Some(error)) => Err(error),
            (Err(error), None) => Err(AnchorError::NoChain(error)),
        }
    }

    /// An authority may be there several times, with certificates that were renewed: one that allows the path is enough.
    fn keeps(
        &self,
        path: &VerifiedPath<'_>,
        needed: Lists,
        now: UnixTime,
    ) -> Result<(), AnchorError> {
        // An authority that replaces its own key counts for nothing (RFC 5280, section 6.1.4 (l)).
        let between = path
            .intermediate_certificates()
            .filter(|one| one.issuer() != one.subject())
            .count();
        let mut result = Err(AnchorError::NoChain(webpki::Error::UnknownIssuer));
        for limits in self.limits_of(path.anchor()) {
            result = limits.keep(between, needed, now);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// webpki holds alternative names against what authorities restrict, and no common name.
    fn common_name_below(&self, path: &VerifiedPath<'_>) -> CommonName {
        let mut between = path.intermediate_certificates();
        let restricts = |der: &[u8]| {
            let read = certificate::read(der);
            read.is_none_or(|read| CommonName::below(&read.tbs_certificate) == CommonName::Ignored)
        };
        let mut limits = self.limits_of(path.anchor());
        let is_restricted = between.any(|one| restricts(&one.der()))
            || limits.any(|limits| limits.common_name == CommonName::Ignored);
        if is_restricted {
            CommonName::Ignored
        } else {
            CommonName::Counts
        }
    }

    fn limits_of(&self, anchor: &TrustAnchor<'_>) -> impl Iterator<Item = &AnchorLimits> {
        let all = self.store.roots.iter().zip(&self.limits);
        all.filter(move |(one, _)| *one == anchor)
            .map(|(_, limits)| limits)
    }
}

impl AnchorLimits {
    fn of(authority: &Contents) -> Self {
        Self {
            subject: authority.subject.to_string(),
            period: Period::of(authority),
            path_length: certificate::path_length(authority),
            common_name: CommonName::below(authority),
            lists: if certificate::may_sign_lists(authority) {
                Lists::Signed
            } else {
                Lists::NotSigned
            },
        }
    }

    fn keep(&self, between: usize, needed: Lists, now: UnixTime) -> Result<(), AnchorError> {
        let subject = || self.subject.clone();
        self.period.check(now).map_err(|error| AnchorError::Time {
            subject: subject(),
            error,
        })?;
        if (needed, self.lists) == (Lists::Signed, Lists::NotSigned) {
            return Err(AnchorError::Lists { subject: subject() });
        }
        match self.path_length {
            Some(allowed) if between > usize::from(allowed) => Err(AnchorError::TooLong {
                subject: subject(),
                allowed,
                found: between,
            }),
            Some(_) | None => Ok(()),
        }
    }
}
