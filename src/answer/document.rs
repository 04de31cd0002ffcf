//! The document of `/state` (`schemas/state.json`): the one form in which it is written, and read by other nodes' daemons,
//! plugins and `doctor`. Judges nothing, and knows nothing of how it travels.
//!
//! All but the version may be missing, since an older program lacks what was added. A word that is not known here, which a
//! newer program may have, stays [`Word::Unknown`], and no reader takes it for a known one.

use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::error::Category;
use thiserror::Error;

use crate::base::terminal::shown;
use crate::health::{
    Claim, ConnectionSlots, Lsn, Maintenance, Quorum, Receiver, Replay, SyncState,
};

/// The form's version: it grows when a field changes its meaning, not when one is added.
pub const VERSION: u64 = 1;

/// Everything that is known of one server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StateDocument {
    /// Of this form.
    pub version: u64,
    /// The version of the program.
    pub program: Option<String>,
    /// Since the daemon started.
    pub uptime_seconds: Option<f64>,
    /// Since PostgreSQL was asked.
    pub age_seconds: Option<f64>,
    /// The line of the state port.
    pub answer: Option<String>,
    /// What the server says of itself, whether or not the answer says it too.
    pub role: Option<Word<Claim>>,
    /// Why the answer is not a role, one of the reasons of the state port.
    pub reason: Option<String>,
    /// What an administrator has ordered.
    pub maintenance: Option<Word<Maintenance>>,
    /// The node's, where it is asked for.
    pub quorum: Option<Word<Quorum>>,
    /// Another primary of the same system.
    pub other_primary: Option<OtherPrimary>,
    /// The ways to the other nodes' daemons.
    pub peers: Option<Vec<PeerRow>>,
    /// A standby's, where its primary's daemon has told it.
    pub sync_state: Option<Word<SyncState>>,
    /// Whether an ordinary client finds one.
    pub connection_slots: Option<Word<ConnectionSlots>>,
    /// As a new session of the daemon has it.
    pub default_transaction_read_only: Option<bool>,
    /// `server_version_num`.
    pub server_version: Option<i64>,
    /// When the postmaster started.
    pub postmaster_start_time: Option<String>,
    /// The same for all servers of a cluster.
    pub system_identifier: Option<String>,
    /// Written by a primary, received by a standby.
    pub timeline: Option<i64>,
    /// The end of WAL flushed by a primary.
    pub flushed_lsn: Option<LsnText>,
    /// A standby's.
    pub replication: Option<ReplicationFields>,
    /// `pg_stat_replication`.
    pub senders: Option<Vec<SenderRow>>,
    /// `pg_replication_slots`.
    pub slots: Option<Vec<SlotRow>>,
}

/// A word of a closed set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Word<T> {
    /// One that this version knows.
    Known(T),
    /// Any other.
    Unknown(String),
}

/// Another server of the same system that is a primary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherPrimary {
    /// Its name in `cluster.nodes`.
    pub node: String,
    /// The timeline that it writes.
    pub timeline: i64,
    /// Since it was last heard to be one.
    pub heard_seconds_ago: f64,
}

/// The way to another node's daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerRow {
    /// Its name in `cluster.nodes`.
    pub node: String,
    /// Whether a daemon answered the last question.
    pub answers: Option<bool>,
}

/// A standby's replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationFields {
    /// The WAL receiver.
    pub receiver: Option<Word<ReceiverWord>>,
    /// The primary's end of WAL as last told.
    pub primary_end_lsn: Option<LsnText>,
    /// The end of WAL received.
    pub received_lsn: Option<LsnText>,
    /// The end of WAL replayed.
    pub replayed_lsn: Option<LsnText>,
    /// When the last transaction replayed was committed.
    pub replayed_commit: Option<String>,
    /// Whether replay is paused.
    pub replay: Option<Word<Replay>>,
    /// WAL that is known and not replayed.
    pub lag_bytes: Option<u64>,
    /// How long the oldest of it has waited.
    pub delay_seconds: Option<f64>,
}

/// What there is of a WAL receiver.
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
    /// What the standby's receiver calls itself.
    pub application_name: Option<String>,
    /// From where it streams.
    pub client_addr: Option<String>,
    /// `streaming`, `catchup`, `backup` and the like.
    pub state: Option<String>,
    /// Whether a commit waits for it.
    pub sync_state: Option<String>,
    /// Its place among those that a commit may wait for.
    pub sync_priority: Option<i64>,
}

/// A row of `pg_replication_slots`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRow {
    /// What it is called.
    pub slot_name: Option<String>,
    /// `physical` or `logical`.
    pub slot_type: Option<String>,
    /// Whether somebody streams from it.
    pub active: Option<bool>,
}

/// A position in the WAL, as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LsnText(pub Lsn);

/// Why a text is no document of this form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateDocumentError {
    /// It is no JSON.
    #[error("no JSON came: {0}")]
    NoJson(String),
    /// It has no version.
    #[error("another program answers there")]
    Foreign,
    /// It is of another version.
    #[error("version {0} of the form is not known here")]
    Version(u64),
    /// A field is of another type.
    #[error("its state document cannot be read: {0}")]
    Field(String),
}

/// What is read first.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl StateDocument {
    /// Reads one. The reader bounds its length, and `serde_json` how deep it is nested.
    pub fn read(body: &[u8]) -> Result<Self, StateDocumentError> {
        let versioned: Versioned =
            serde_json::from_slice(body).map_err(|error| match error.classify() {
                Category::Data => StateDocumentError::Foreign,
                Category::Io | Category::Syntax | Category::Eof => {
                    StateDocumentError::NoJson(told(&error))
                }
            })?;
        match versioned.version {
            VERSION => serde_json::from_slice(body)
                .map_err(|error| StateDocumentError::Field(told(&error))),
            other => Err(StateDocumentError::Version(other)),
        }
    }
}

/// What is wrong, which may quote what came: harmless, and not longer than a line of the log.
fn told(error: &serde_json::Error) -> String {
    const LONGEST: usize = 200;
    shown(&error.to_string()).chars().take(LONGEST).collect()
}

impl<T: Copy> Word<T> {
    /// The word, where it is known here.
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

/// Rows that the server wrote as JSON; none where it wrote none.
pub(crate) fn rows<T: DeserializeOwned>(text: Option<&str>) -> Option<Vec<T>> {
    serde_json::from_str(text?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(value: impl Serialize) -> String {
        serde_json::to_value(value)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn words_are_spelled_as_everywhere_else() {
        for quorum in [Quorum::Held, Quorum::Lost, Quorum::Unknown] {
            assert_eq!(word(quorum), quorum.word());
        }
        for state in SyncState::ALL {
            assert_eq!(word(state), state.word());
        }
    }

    #[test]
    fn what_is_not_known_here_is_no_known_word_and_no_mistake() {
        let text =
            br#"{"version": 1, "role": "leader", "quorum": "", "of_tomorrow": [], "replication":
            {"receiver": "Streaming", "replay": "RUNNING"}}"#;
        let document = StateDocument::read(text).unwrap();
        assert_eq!(document.role.unwrap().known(), None);
        assert_eq!(document.quorum.unwrap().known(), None);
        let replication = document.replication.unwrap();
        assert_eq!(replication.receiver.unwrap().known(), None);
        assert_eq!(replication.replay.unwrap().known(), None);
    }

    #[test]
    fn another_type_is_told_with_its_field() {
        for wrong in [
            r#"{"version": 1, "role": 7}"#,
            r#"{"version": 1, "timeline": "3"}"#,
            r#"{"version": 1, "flushed_lsn": "0"}"#,
            r#"{"version": 1, "senders": [7]}"#,
            r#"{"version": 1, "replication": []}"#,
        ] {
            let error = StateDocument::read(wrong.as_bytes()).unwrap_err();
            assert!(matches!(error, StateDocumentError::Field(_)), "{wrong}");
        }
    }

    #[test]
    fn a_mistake_is_told_on_one_short_line() {
        let lsn = format!("\\u001b[2J\\n{}", "0".repeat(10_000));
        let wrong = format!(r#"{{"version": 1, "flushed_lsn": "{lsn}"}}"#);
        let said = StateDocument::read(wrong.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            !said.contains(char::is_control) && said.len() < 300,
            "{said}"
        );
    }

    #[test]
    fn other_answers_are_told_for_what_they_are() {
        for (other, error) in [
            ("{}", StateDocumentError::Foreign),
            ("[]", StateDocumentError::Foreign),
            ("null", StateDocumentError::Foreign),
            (r#"{"state": "running"}"#, StateDocumentError::Foreign),
            (r#"{"version": "1"}"#, StateDocumentError::Foreign),
            (
                r#"{"version": 2, "role": 7}"#,
                StateDocumentError::Version(2),
            ),
        ] {
            assert_eq!(StateDocument::read(other.as_bytes()), Err(error), "{other}");
        }
        let nested = format!("{{\"version\": 1, \"of_tomorrow\": {}", "[".repeat(100_000));
        for other in ["", "production\n", &nested] {
            let error = StateDocument::read(other.as_bytes()).unwrap_err();
            assert!(matches!(error, StateDocumentError::NoJson(_)), "{error}");
        }
    }
}
