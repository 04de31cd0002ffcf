//! Selects the lists of revoked certificates that are in force at a moment: of several from one authority, the newest that
//! has been issued by then, as in OpenSSL's `get_crl_sk`. Opens no file, and judges no certificate.

use std::cmp::Reverse;
use std::time::Duration;

use rustls::pki_types::{CertificateRevocationListDer as List, UnixTime};
use x509_cert::crl::CertificateList;
use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT;

/// The configured lists, the newest first: of several from one authority, rustls takes the first.
#[derive(Debug, Default)]
pub(crate) struct Revocations(Vec<Dated>);

#[derive(Debug)]
struct Dated {
    list: List<'static>,
    /// When the list was issued, since 1970; `None` if the list is malformed, which rustls reports.
    issued: Option<Duration>,
}

impl Revocations {
    /// Lists that cover a part of an authority's certificates only are left out: a certificate that is in no other list
    /// is refused then.
    pub(crate) fn new(lists: Vec<List<'static>>) -> Self {
        let whole = lists.into_iter().filter(|list| !covers_a_part(list));
        let dated = whole.map(|list| Dated {
            issued: issued(&list),
            list,
        });
        let mut dated: Vec<Dated> = dated.collect();
        dated.sort_by_key(|dated| Reverse(dated.issued));
        Self(dated)
    }

    /// Whether no list is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, whenever they were issued.
    pub(crate) fn all(&self) -> Vec<List<'static>> {
        self.0.iter().map(|dated| dated.list.clone()).collect()
    }

    /// The lists that were issued by `now`; `None` if that is all of them, so that the caller can use a verifier that exists
    /// already.
    pub(crate) fn without_future_ones(&self, now: UnixTime) -> Option<Vec<List<'static>>> {
        let now = Duration::from_secs(now.as_secs());
        let is_valid = |dated: &&Dated| dated.issued.is_none_or(|issued| issued <= now);
        if self.0.iter().all(|dated| is_valid(&dated)) {
            return None;
        }
        let valid = self.0.iter().filter(is_valid);
        Some(valid.map(|dated| dated.list.clone()).collect())
    }
}

/// Whether a list may be for a part of an authority's certificates, or for some reasons of revocation alone (RFC 5280,
/// section 5.2.5). Which certificates it covers is written in them, where nothing here looks it up.
fn covers_a_part(list: &List<'_>) -> bool {
    let Ok(read) = CertificateList::from_der(list) else {
        return false;
    };
    let mut extensions = read.tbs_cert_list.crl_extensions.iter().flatten();
    extensions.any(|extension| extension.extn_id == ID_CE_ISSUING_DISTRIBUTION_POINT)
}

fn issued(list: &List<'_>) -> Option<Duration> {
    let read = CertificateList::from_der(list).ok()?;
    Some(read.tbs_cert_list.this_update.to_unix_duration())
}
