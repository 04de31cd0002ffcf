//! Who answers where a standby gets its WAL from, asked over a replication connection: `pg_hba.conf` may let a standby's
//! role do nothing else. Judges nothing.

use super::wire::{Messages, Request, Row, WireError};

/// A server that WAL is streamed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// One that takes writes.
    Primary {
        /// Which database cluster it is.
        system_identifier: u64,
    },
    /// One in recovery, or one on which transactions are read-only by default.
    Standby,
}

/// Asks it. The commands are those of the manual's "Streaming Replication Protocol".
pub(super) async fn ask(messages: &mut Messages) -> Result<Upstream, WireError> {
    let read_only = Request::command("SHOW transaction_read_only")?;
    let read_only = messages.ask_one(&read_only).await?;
    if Row::known(read_only.text(0)?)? != "off" {
        return Ok(Upstream::Standby);
    }
    let identity = messages
        .ask_one(&Request::command("IDENTIFY_SYSTEM")?)
        .await?;
    let system_identifier = Row::known(identity.text(0)?)?
        .parse()
        .map_err(|_| WireError::unexpected("a system identifier"))?;
    Ok(Upstream::Primary { system_identifier })
}
