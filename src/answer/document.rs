//! The document of `/state` (`schemas/state.json`): the one form in which it is written, and read by other nodes' daemons,
//! plugins and `doctor`. Judges nothing, and knows nothing of how it is sent.
//!
//! Every field but the version may be missing, since an older program lacks what was added later. A word that this version
//! does not know, which a newer program may send, stays [`Word::Unknown`]; no reader takes it for a known one.

use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::error::Category;
use thiserror::Error;

use crate::base::terminal::shown;
use crate::health::{
    Claim, ConnectionSlots, Lsn, Maintenance, Quorum, Receiver, Replay, SyncState,
};

/// The version of the document: it is increased when a field changes its meaning, not when one is added.
pub const VERSION: u64 = 1;

/// All known facts of one server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StateDocument {
    /// The version of the document.
    pub version: u64,
    /// The version of the program.
    pub program: Option<String>,
    /// The time since the daemon started.
    pub uptime_seconds: Option<f64>,
    /// The time since PostgreSQL was asked.
    pub age_seconds: Option<f64>,
    /// The line of the state port.
    pub answer: Option<String>,
    /// The role that the server reports, also if the answer does not say it.
    pub role: Option<Word<Claim>>,
    /// Why the answer is not a role, one of the reasons of the state port.
    pub reason: Option<String>,
    /// The order of maintenance.
    pub maintenance: Option<Word<Maintenance>>,
    /// The quorum of the node, if `guard.quorum` asks for it.
    pub quorum: Option<Word<Quorum>>,
    /// Another primary of the same system.
    pub other_primary: Option<OtherPrimary>,
    /// The ways to the other nodes' daemons.
    pub peers: Option<Vec<PeerRow>>,
    /// Whether the primary waits for this standby, if the primary's daemon reports it.
    pub sync_state: Option<Word<SyncState>>,
    /// Whether an ordinary client finds a free connection slot.
    pub connection_slots: Option<Word<ConnectionSlots>>,
    /// The value in a new session of the daemon.
    pub default_transaction_read_only: Option<bool>,
    /// `server_version_num`.
    pub server_version: Option<i64>,
    /// When the postmaster started.
    pub postmaster_start_time: Option<String>,
    /// The system identifier, which is the same on all servers of a cluster.
    pub system_identifier: Option<String>,
    /// The timeline that a primary writes, or that a standby receives.
    pub timeline: Option<i64>,
    /// The end of WAL flushed by a primary.
    pub flushed_lsn: Option<LsnText>,
    /// The replication of a standby.
    pub replication: Option<ReplicationFields>,
    /// `pg_stat_replication`.
    pub senders: Option<Vec<SenderRow>>,
    /// `pg_replication_slots`.
    pub slots: Option<Vec<SlotRow>>,
    /// Which of `senders` and `slots` are null because they are too long.
    pub left_out: Option<Vec<Word<ListName>>>,
}

/// A list of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListName {
    /// `senders`
    Senders,
    /// `slots`
    Slots,
}

/// A word of a set that a newer version may extend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Word<T> {
    /// A word that this version knows.
    Known(T),
    /// Any other word.
    Unknown(String),
}

/// Another server of the same system that is a primary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherPrimary {
    /// Its name in `cluster.nodes`.
    pub node: String,
    /// The timeline that it writes.
    pub timeline: i64,
    /// Seconds since its daemon last reported it as a primary.
    pub heard_seconds_ago: f64,
}

/// The way to another node's daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerRow {
    /// Its name in `cluster.nodes`.
    pub node: String,
    /// Whether the daemon answered the last request.
    pub answers: Option<bool>,
    /// The server, if the daemon has proved where its report comes from.
    pub server: Option<PeerServerRow>,
}

/// The server of another node, as its daemon reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerServerRow {
    /// The system identifier.
    pub system_identifier: Option<String>,
    /// The role that it claims.
    pub role: Option<Word<Claim>>,
    /// The timeline that it writes or receives.
    pub timeline: Option<i64>,
    /// The end of the WAL that it has.
    pub end_lsn: Option<LsnText>,
    /// Its physical slots that reserve WAL.
    pub slots: Option<Vec<PeerSlotRow>>,
}

/// A physical replication slot of the server of another node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerSlotRow {
    /// The name of the slot.
    pub slot_name: Option<String>,
    /// Where the WAL that it reserves begins.
    pub restart_lsn: Option<LsnText>,
}

/// A standby's replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationFields {
    /// The WAL receiver.
    pub receiver: Option<Word<ReceiverWord>>,
    /// The end of the primary's WAL, as the WAL receiver last heard it.
    pub primary_end_lsn: Option<LsnText>,
    /// The end of WAL received.
    pub received_lsn: Option<LsnText>,
    /// The end of WAL replayed.
    pub replayed_lsn: Option<LsnText>,
    /// When the last transaction replayed was committed.
    pub replayed_commit: Option<String>,
    /// Whether replay is paused.
    pub replay: Option<Word<Replay>>,
    /// Bytes of WAL that are known and not replayed.
    pub lag_bytes: Option<u64>,
    /// How long the oldest WAL that is not replayed has waited.
    pub delay_seconds: Option<f64>,
}

/// The state of a WAL receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiverWord {
    /// It streams.
    Streaming,
    /// There is none.
    None,
    /// Its figures need `pg_monitor`.
    Hidden,
}

/// A row of `pg_stat_replication`, as PostgreSQL writes it; what is hidden from the daemon's role is null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderRow {
    /// The role of the standby.
    pub usename: Option<String>,
    /// The `application_name` of the standby's WAL receiver.
    pub application_name: Option<String>,
    /// The address of the standby.
    pub client_addr: Option<String>,
    /// `streaming`, `catchup`, `backup` and the like.
    pub state: Option<String>,
    /// Whether a commit waits for it.
    pub sync_state: Option<String>,
    /// Its priority among the standbys that a commit may wait for.
    pub sync_priority: Option<i64>,
}

/// A row of `pg_replication_slots`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRow {
    /// The name of the slot.
    pub slot_name: Option<String>,
    /// `physical` or `logical`.
    pub slot_type: Option<String>,
    /// Whether a session streams from it.
    pub active: Option<bool>,
    /// Whether it goes with its session.
    pub temporary: Option<bool>,
    /// Where the WAL that it reserves begins.
    pub restart_lsn: Option<LsnText>,
    /// The oldest transaction whose rows it keeps from `VACUUM`.
    pub xmin: Option<String>,
    /// `reserved`, `extended`, `unreserved` or `lost`.
    pub wal_status: Option<String>,
    /// The bytes of WAL that can still be written until it is in danger of losing some.
    pub safe_wal_size: Option<i64>,
    /// The bytes of WAL from `restart_lsn` to where the server is.
    pub retained_bytes: Option<i64>,
    /// How long no session has streamed from it.
    pub inactive_seconds: Option<i64>,
}

/// A position in the WAL, written as PostgreSQL writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LsnText(pub Lsn);

/// Why a response is not a state document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateDocumentError {
    /// It is not JSON.
    #[error("the answer is not JSON: {0}")]
    NoJson(String),
    /// It has no version.
    #[error("the answer is not from pgsql-state")]
    Foreign,
    /// It is of another version.
    #[error("version {0} of /state is not supported")]
    Version(u64),
    /// A field has another type than the schema says.
    #[error("cannot read its state document: {0}")]
    Field(String),
}

/// The part of a document by which its version is determined.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl StateDocument {
    /// Reads a document. The caller bounds its length, and `serde_json` its depth.
    pub fn read(body: &[u8]) -> Result<Self, StateDocumentError> {
        let versioned: Versioned =
            serde_json::from_slice(body).map_err(|error| match error.classify() {
                Category::Data => StateDocumentError::Foreign,
                Category::Io | Category::Syntax | Category::Eof => {
                    StateDocumentError::NoJson(quoted(&error))
                }
            })?;
        match versioned.version {
            VERSION => serde_json::from_slice(body)
                .map_err(|error| StateDocumentError::Field(quoted(&error))),
            other => Err(StateDocumentError::Version(other)),
        }
    }
}

/// Returns an error that may quote the answer, escaped and cut to the length of a line in the log.
fn quoted(error: &serde_json::Error) -> String {
    const LONGEST: usize = 200;
    shown(&error.to_string()).chars().take(LONGEST).collect()
}

impl<T: Copy> Word<T> {
    /// Returns the word, if this version knows it.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(word) => Some(*word),
            Self::Unknown(_) => None,
        }
    }
}

impl From<Receiver> for ReceiverWord {
    fn from(receiver: Receiver) -> Self {
        match receiver {
            Receiver::Streaming { primary_end: _ } => Self::Streaming,
            Receiver::Gone => Self::None,
            Receiver::Hidden => Self::Hidden,
        }
    }
}

impl Serialize for LsnText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'d> Deserialize<'d> for LsnText {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

/// Parses rows that the server returned as JSON text: `json_agg` of no rows is NULL. `None` if the text is not such rows,
/// as that of a list that is too long: an empty list would say that there are none.
pub(crate) fn rows<T: DeserializeOwned>(text: Option<&str>) -> Option<Vec<T>> {
    match text {
        None => Some(Vec::new()),
        Some(text) => serde_json::from_str(text).ok(),
    }
}

#[cfg(test)]
mod tests;
