//! Reads the daemon's `/state` document as facts. Another program or another version may answer on that port, so a
//! document with a missing or invalid field is an error as a whole.

use std::time::Duration;

use thiserror::Error;

use super::facts::{CheckFacts, Senders};
use crate::answer::document::{
    LsnText, ReceiverWord, ReplicationFields, StateDocument, StateDocumentError, Word,
};
use crate::health::{Claim, DownReason, LagReason, Receiver, Replication, Standby, State, Verdict};

/// Why a document cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// It is none of this form.
    #[error(transparent)]
    Form(#[from] StateDocumentError),
    /// A field that is missing, or says what it cannot.
    #[error("cannot read the field \"{0}\" of its state document")]
    Field(&'static str),
}

/// Reads a document.
///
/// # Errors
///
/// [`DocumentError`] if the text is not JSON, has another version, or contradicts itself.
pub fn read(body: &[u8]) -> Result<CheckFacts, DocumentError> {
    let document = StateDocument::read(body)?;
    let role = word(document.role.as_ref(), "role")?;
    let verdict = verdict(&document, role)?;
    let fields = document.replication.as_ref();
    let standby = Standby {
        replication: fields.map(replication).transpose()?,
    };
    let slots = || required(document.connection_slots.as_ref(), "connection_slots");
    let state = match (role, verdict) {
        (Some(Claim::Primary), Verdict::Production | Verdict::Down(_)) => State::Primary(slots()?),
        (Some(Claim::Standby), Verdict::Standby | Verdict::Lagging(_) | Verdict::Down(_)) => {
            State::Standby(slots()?, standby)
        }
        (None, Verdict::Down(reason)) => State::Down(reason),
        (_, _) => return Err(DocumentError::Field("role")),
    };
    let delay = fields.and_then(|fields| fields.delay_seconds);
    Ok(CheckFacts {
        verdict,
        state,
        delay: delay.and_then(|delay| Duration::try_from_secs_f64(delay).ok()),
        senders: document.senders.as_deref().map(Senders::count),
        slots: document.slots,
    })
}

/// Reads the verdict. `reason` is null exactly if the answer is a role; then `role` tells which, because the
/// word for a role can be configured. The words before a reason (`lagging`, `down`) cannot.
fn verdict(document: &StateDocument, role: Option<Claim>) -> Result<Verdict, DocumentError> {
    let wrong = DocumentError::Field("answer");
    let Some(answer) = document.answer.as_deref() else {
        return Err(wrong);
    };
    let Some(reason) = document.reason.as_deref() else {
        return match role {
            _ if answer.contains(' ') => Err(wrong),
            Some(Claim::Primary) => Ok(Verdict::Production),
            Some(Claim::Standby) => Ok(Verdict::Standby),
            None => Err(DocumentError::Field("role")),
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

fn replication(fields: &ReplicationFields) -> Result<Replication, DocumentError> {
    let lsn = |text: Option<LsnText>| text.map(|LsnText(lsn)| lsn);
    Ok(Replication {
        receiver: match required(fields.receiver.as_ref(), "receiver")? {
            ReceiverWord::Streaming => Receiver::Streaming {
                primary_end: lsn(fields.primary_end_lsn),
            },
            ReceiverWord::None => Receiver::Gone,
            ReceiverWord::Hidden => Receiver::Hidden,
        },
        received: lsn(fields.received_lsn),
        replayed: lsn(fields.replayed_lsn),
        replay: required(fields.replay.as_ref(), "replay")?,
        last_commit_age: None,
    })
}

/// A word that is known here, where there is one.
fn word<T: Copy>(word: Option<&Word<T>>, field: &'static str) -> Result<Option<T>, DocumentError> {
    let known = word.map(|word| word.known().ok_or(DocumentError::Field(field)));
    known.transpose()
}

fn required<T: Copy>(given: Option<&Word<T>>, field: &'static str) -> Result<T, DocumentError> {
    word(given, field)?.ok_or(DocumentError::Field(field))
}

#[cfg(test)]
mod tests;
