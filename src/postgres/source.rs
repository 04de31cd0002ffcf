//! Asks a primary what a server has to know that is to follow it. It is asked over a replication connection, as a WAL
//! receiver asks, because `pg_hba.conf` may admit a standby's role to nothing else. Judges nothing.

use super::position::Position;
use super::timeline::Timeline;
use super::wal::History;
use super::wire::{Messages, Request, Row, WireError};
use crate::base::units::Bytes;
use crate::health::Lsn;

/// What a server answers to one that would follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceAnswer {
    /// It is a primary.
    Primary(SourceReport),
    /// A server in recovery, or one on which transactions are read-only by default.
    Standby,
}

/// A primary as it tells of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceReport {
    /// The system identifier of its database cluster.
    pub system_identifier: u64,
    /// The major version.
    pub major: u32,
    /// The end of its flushed WAL.
    pub end: Position,
    /// The history of its timeline.
    pub history: History,
    /// `wal_segment_size`.
    pub segment: Bytes,
    /// `wal_log_hints`, or data checksums, are on.
    pub logs_hint_bits: bool,
    /// `full_page_writes` is on.
    pub writes_full_pages: bool,
}

/// Asks the server. The commands are those of the manual's "Streaming Replication Protocol".
pub(super) async fn ask(messages: &mut Messages) -> Result<SourceAnswer, WireError> {
    if shown(messages, "transaction_read_only").await? != "off" {
        return Ok(SourceAnswer::Standby);
    }
    let identity = messages
        .ask_one(&Request::command("IDENTIFY_SYSTEM")?)
        .await?;
    let timeline = number(&identity, 1, "a timeline").map(Timeline)?;
    let lsn: Lsn = Row::known(identity.text(2)?)?
        .parse()
        .map_err(|_| WireError::unexpected("a WAL position"))?;
    let version: u32 = shown(messages, "server_version_num")
        .await?
        .parse()
        .map_err(|_| WireError::unexpected("a version"))?;
    let segment = shown(messages, "wal_segment_size").await?;
    let hints = shown(messages, "wal_log_hints").await?;
    let checksums = shown(messages, "data_checksums").await?;
    let full_pages = shown(messages, "full_page_writes").await?;
    Ok(SourceAnswer::Primary(SourceReport {
        system_identifier: number(&identity, 0, "a system identifier")?,
        major: version / 10_000,
        end: Position { timeline, lsn },
        history: history(messages, timeline).await?,
        segment: segment
            .parse()
            .map_err(|_| WireError::unexpected("a size of WAL segments"))?,
        logs_hint_bits: [hints, checksums].contains(&"on".to_owned()),
        writes_full_pages: full_pages == "on",
    }))
}

async fn history(messages: &mut Messages, timeline: Timeline) -> Result<History, WireError> {
    if timeline == Timeline(1) {
        return Ok(History::alone(timeline));
    }
    let command = Request::command(&format!("TIMELINE_HISTORY {timeline}"))?;
    let row = messages.ask_one(&command).await?;
    let read = History::parse(timeline, Row::known(row.text(1)?)?);
    read.map_err(|_| WireError::unexpected("the history of a timeline"))
}

async fn shown(messages: &mut Messages, setting: &str) -> Result<String, WireError> {
    let command = Request::command(&format!("SHOW {setting}"))?;
    let row = messages.ask_one(&command).await?;
    Ok(Row::known(row.text(0)?)?.to_owned())
}

fn number<T: std::str::FromStr>(
    row: &Row,
    column: usize,
    what: &'static str,
) -> Result<T, WireError> {
    let number = Row::known(row.text(column)?)?.parse();
    number.map_err(|_| WireError::unexpected(what))
}
