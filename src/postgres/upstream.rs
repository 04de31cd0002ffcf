//! Asks the server from which a standby gets its WAL whether it is a primary. It is asked over a replication
//! connection, because `pg_hba.conf` may admit a standby's role to nothing else. Judges nothing.

use super::wire::{Messages, Request, Row, WireError};

/// A server from which WAL is streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// A server that accepts writes.
    Primary {
        /// The system identifier of its database cluster.
        system_identifier: u64,
    },
    /// A server in recovery, or one on which transactions are read-only by default.
    Standby,
}

/// Asks the server. The commands are those of the manual's "Streaming Replication Protocol".
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
