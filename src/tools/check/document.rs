//! Reads the daemon's `/state` document (`schemas/state.json`) back into facts; opens no socket. Another
//! program or another version may answer on that port, so a document with a missing or invalid field is an
//! error as a whole.

use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use super::facts::{CheckFacts, Senders};
use crate::health::{
    ConnectionSlots, DownReason, LagReason, Lsn, Receiver, Replay, Replication, Standby, State,
    Verdict,
};

/// The version of the document that this module reads.
const VERSION: u64 = 1;

/// Why a document cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// Not JSON, or of another version.
    #[error("its response is not a state document of version {VERSION}")]
    Foreign,
    /// A field is missing or has a value that the schema does not allow.
    #[error("cannot read the field \"{0}\" of its state document")]
    Field(&'static str),
}

/// Reads a document.
///
/// # Errors
///
/// [`DocumentError`] if the text is not JSON, has another version, or contradicts itself.
pub fn read(text: &str) -> Result<CheckFacts, DocumentError> {
    let document: Value = serde_json::from_str(text).map_err(|_| DocumentError::Foreign)?;
    if document.get("version").and_then(Value::as_u64) != Some(VERSION) {
        return Err(DocumentError::Foreign);
    }
    let replication = present(&document, "replication")?.map(replication);
    let standby = Standby {
        replication: replication.transpose()?,
    };
    let verdict = verdict(&document)?;
    let state = match (text_of(&document, "role")?, verdict) {
        (Some("primary"), Verdict::Production | Verdict::Down(_)) => {
            State::Primary(room(&document)?)
        }
        (Some("standby"), Verdict::Standby | Verdict::Lagging(_) | Verdict::Down(_)) => {
            State::Standby(room(&document)?, standby)
        }
        (None, Verdict::Down(reason)) => State::Down(reason),
        (_, _) => return Err(DocumentError::Field("role")),
    };
    let delay = document
        .pointer("/replication/delay_seconds")
        .and_then(Value::as_f64);
    Ok(CheckFacts {
        verdict,
        state,
        delay: delay.and_then(|delay| Duration::try_from_secs_f64(delay).ok()),
        senders: present(&document, "senders")?
            .map(|rows| Senders::count(rows).ok_or(DocumentError::Field("senders")))
            .transpose()?,
    })
}

/// Reads the verdict. `reason` is null exactly if the answer is a role; then `role` tells which, because the
/// word for a role can be configured. The words before a reason (`lagging`, `down`) cannot.
fn verdict(document: &Value) -> Result<Verdict, DocumentError> {
    let wrong = DocumentError::Field("answer");
    let answer = text_of(document, "answer")?.ok_or(wrong)?;
    let Some(reason) = text_of(document, "reason")? else {
        return match text_of(document, "role")? {
            _ if answer.contains(' ') => Err(wrong),
            Some("primary") => Ok(Verdict::Production),
            Some("standby") => Ok(Verdict::Standby),
            Some(_) | None => Err(DocumentError::Field("role")),
        };
    };
    let unknown = DocumentError::Field("reason");
    match answer.split_once(' ') {
        Some(("lagging", said)) if said == reason => {
            let mut known = LagReason::ALL.iter();
            let found = known.find(|known| known.word() == reason);
            found.map(|reason| Verdict::Lagging(*reason)).ok_or(unknown)
        }
        Some(("down", said)) if said == reason => {
            let mut known = DownReason::ALL.iter();
            let found = known.find(|known| known.word() == reason);
            found.map(|reason| Verdict::Down(*reason)).ok_or(unknown)
        }
        Some(_) | None => Err(wrong),
    }
}

fn room(document: &Value) -> Result<ConnectionSlots, DocumentError> {
    match text_of(document, "connection_slots")? {
        Some("free") => Ok(ConnectionSlots::Free),
        Some("full") => Ok(ConnectionSlots::Full),
        Some(_) | None => Err(DocumentError::Field("connection_slots")),
    }
}

fn replication(fields: &Value) -> Result<Replication, DocumentError> {
    let receiver = match text_of(fields, "receiver")? {
        Some("streaming") => Receiver::Streaming {
            primary_end: lsn(fields, "primary_end_lsn")?,
        },
        Some("none") => Receiver::Gone,
        Some("hidden") => Receiver::Hidden,
        Some(_) | None => return Err(DocumentError::Field("receiver")),
    };
    let replay = match text_of(fields, "replay")? {
        Some("running") => Replay::Running,
        Some("paused") => Replay::Paused,
        Some(_) | None => return Err(DocumentError::Field("replay")),
    };
    Ok(Replication {
        receiver,
        received: lsn(fields, "received_lsn")?,
        replayed: lsn(fields, "replayed_lsn")?,
        replay,
        last_commit_age: None,
    })
}

fn lsn(fields: &Value, name: &'static str) -> Result<Option<Lsn>, DocumentError> {
    let text = text_of(fields, name)?;
    let lsn = text.map(str::parse).transpose();
    lsn.map_err(|_| DocumentError::Field(name))
}

/// Reads a string field that must be present; `None` if it is null.
fn text_of<'v>(value: &'v Value, name: &'static str) -> Result<Option<&'v str>, DocumentError> {
    let text = present(value, name)?.map(|text| text.as_str().ok_or(DocumentError::Field(name)));
    text.transpose()
}

/// Finds a field that must be present; `None` if it is null.
fn present<'v>(value: &'v Value, name: &'static str) -> Result<Option<&'v Value>, DocumentError> {
    let field = value.get(name).ok_or(DocumentError::Field(name))?;
    Ok(Some(field).filter(|field| !field.is_null()))
}

#[cfg(test)]
mod tests;
