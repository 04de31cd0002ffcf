//! What a query adds to a path: how far behind a standby may be, how it must replicate, what tags it must
//! have.

use form_urlencoded::parse;

use crate::base::units::Bytes;
use crate::config::Strictness;

/// The conditions of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct QueryLimits {
    /// `lag`: the most bytes that a standby may have to replay.
    pub(super) lag: Option<Bytes>,
    /// `replication_state`.
    pub(super) replication: Option<Replicating>,
    /// `mode`: what `lag` counts, of `/readiness` alone.
    pub(super) counted: CountedWal,
    /// `tag_NAME`: no server has any here.
    pub(super) tags: Tags,
}

/// How a standby must get its WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replicating {
    Streaming,
    FromArchive,
    /// In a way that no server does.
    Otherwise,
}

/// Up to where WAL counts as there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CountedWal {
    #[default]
    Replayed,
    Received,
}

/// Whether a tag is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tags {
    #[default]
    None,
    Some,
}

impl QueryLimits {
    /// Reads a query; the error is a `lag` that is none.
    pub(super) fn read(query: &str, strictness: Strictness) -> Result<Self, String> {
        let mut limits = Self::default();
        // Of a name that comes twice the first counts; an empty value counts as none.
        for (name, value) in parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            match name.as_ref() {
                "lag" if limits.lag.is_none() => {
                    limits.lag = lag(&value);
                    if limits.lag.is_none() && strictness == Strictness::Strict {
                        return Err(value.into_owned());
                    }
                }
                "replication_state" if limits.replication.is_none() => {
                    limits.replication = Some(match value.as_ref() {
                        "streaming" => Replicating::Streaming,
                        "in archive recovery" => Replicating::FromArchive,
                        _ => Replicating::Otherwise,
                    });
                }
                "mode" if value == "write" => limits.counted = CountedWal::Received,
                name if name.starts_with("tag_") => limits.tags = Tags::Some,
                _ => {}
            }
        }
        Ok(limits)
    }
}

/// Bytes as a plain number, or with a unit of `PostgreSQL`.
fn lag(value: &str) -> Option<Bytes> {
    let value = value.trim();
    let plain = value.parse().map(Bytes);
    plain.ok().or_else(|| value.parse().ok())
}
