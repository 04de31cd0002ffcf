//! How far the server is, from its own word and from what lies on its disk. Knows neither how it is asked nor
//! what is made of the answer.

use super::conversation::Conversation;
use super::pg_wal::{PgWal, WalError};
use super::{asking, files, processes};
use crate::agent::actions::ServerError;
use crate::agent::decide::extent::{self, Extent, Measured, StandbyWord};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::postgres::Progress;
use crate::postgres::Timeline;
use crate::postgres::branch::PromotionTime;
use crate::postgres::control::Control;
use crate::postgres::position::{Position, Traces};
use crate::postgres::wal::{History, Magic};

/// How far it is, running or not.
pub(super) fn traces(
    conversation: &mut Conversation,
    parameters: &Parameters,
    deadline: Deadline,
) -> Result<Traces, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let magic = magic(parameters)?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let extent = Extent::new(&control, magic, &mut pg_wal);
    let progress = match processes::postmaster(&parameters.datadir) {
        Some(postmaster) => {
            // The disk is read where it does not answer.
            let patience = asking::patience(deadline);
            match asking::progress(conversation, parameters, &postmaster.file, patience) {
                Ok(progress) => Some(progress),
                Err(error) => {
                    tracing::warn!("{error}; how far it is will be read from its disk");
                    None
                }
            }
        }
        None => None,
    };
    let measured = match progress {
        Some(Progress::Primary { timeline, flushed }) => Measured {
            traces: Traces {
                received: None,
                replayed: None,
                on_disk: Some(Position {
                    timeline: Timeline(timeline),
                    lsn: flushed,
                }),
            },
            doubt: None,
        },
        Some(Progress::Standby {
            received,
            receiving,
            replayed,
        }) => extent.of_standby(StandbyWord {
            received,
            receiving: receiving.map(Timeline),
            replayed,
        }),
        None => extent.of_silent(),
    };
    if let Some(doubt) = measured.doubt {
        tracing::warn!("{doubt}");
    }
    Ok(measured.traces)
}

/// The end of the WAL on its disk, where nothing speaks against it. The server is not asked.
pub(super) fn certain(
    parameters: &Parameters,
    control: &Control,
    deadline: Deadline,
) -> Option<Position> {
    let magic = magic(parameters).ok()?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let measured = Extent::new(control, magic, &mut pg_wal).of_silent();
    if let Some(doubt) = measured.doubt {
        tracing::debug!("{doubt}");
        return None;
    }
    measured.traces.on_disk
}

/// Where its WAL ends, if it ends with the checkpoint of a primary that was stopped cleanly.
pub(super) fn shutdown_checkpoint(
    parameters: &Parameters,
    deadline: Deadline,
) -> Result<Option<Position>, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let magic = magic(parameters)?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let end = Extent::new(&control, magic, &mut pg_wal).shutdown_checkpoint();
    end.map_err(unread)
}

/// When the newest timeline of a history began.
pub(super) fn promoted_at(
    parameters: &Parameters,
    history: &History,
    deadline: Deadline,
) -> Result<Option<PromotionTime>, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let magic = magic(parameters)?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let found = extent::promoted_at(&mut pg_wal, control.wal_format(magic), history);
    found.map_err(unread)
}

/// Why the files of `pg_wal` could not be read.
fn unread(error: WalError) -> ServerError {
    match error {
        WalError::Late => ServerError::Late("the reading of WAL"),
        error @ WalError::File { .. } => ServerError::File {
            what: "its WAL is not known".into(),
            cause: error.to_string(),
        },
    }
}

/// The mark of its version's WAL.
fn magic(parameters: &Parameters) -> Result<Magic, ServerError> {
    let major = files::major(&parameters.datadir)?;
    Magic::of(major).ok_or_else(|| ServerError::File {
        what: format!("the WAL of {} cannot be read", parameters.datadir.display()),
        cause: format!("PostgreSQL {major} is none of 10 to 18"),
    })
}
