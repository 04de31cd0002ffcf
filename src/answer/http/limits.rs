//! Parses the conditions in a query: how far behind a standby may be, how it must replicate, which tags it must
//! have.

use form_urlencoded::parse;

use crate::base::units::Bytes;
use crate::config::Strictness;

/// The conditions of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct QueryLimits {
    /// `lag`: the most bytes of WAL that a standby may still have to replay.
    pub(super) lag: Option<Bytes>,
    /// `replication_state`.
    pub(super) replication: Option<Replicating>,
    /// `mode`: the position from which `lag` counts; only for `/readiness`.
    pub(super) counted: CountedWal,
    /// `tag_NAME`: this program knows no tags, so no server has any.
    pub(super) tags: Tags,
}

/// How a standby must receive its WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replicating {
    Streaming,
    FromArchive,
    /// An unknown value, which no server meets.
    Otherwise,
}

/// The position that is compared with the primary's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CountedWal {
    #[default]
    Replayed,
    Received,
}

/// Whether the query requires a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tags {
    #[default]
    None,
    Some,
}

impl QueryLimits {
    /// Parses a query; the error is the value of an invalid `lag`.
    pub(super) fn read(query: &str, strictness: Strictness) -> Result<Self, String> {
        let mut limits = Self::default();
        // If a name occurs twice, the first counts; a parameter with an empty value is ignored.
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

/// Parses bytes as a plain number, or with a unit of `PostgreSQL`.
fn lag(value: &str) -> Option<Bytes> {
    let value = value.trim();
    let plain = value.parse().map(Bytes);
    plain.ok().or_else(|| value.parse().ok())
}
