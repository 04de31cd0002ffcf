//! Measures how far the server's WAL reaches, from its own report and from its disk. Knows neither how the server is
//! asked nor what the result is used for.

use super::conversation::Conversation;
use super::pg_wal::{PgWal, WalError};
use super::{files, pg_wal, processes, queries};
use crate::agent::actions::ServerError;
use crate::agent::decide::wal_extent::{self, Extent, Measured, StandbyWord};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::postgres::MAJORS;
use crate::postgres::Progress;
use crate::postgres::Timeline;
use crate::postgres::control::Control;
use crate::postgres::position::{Position, Traces};
use crate::postgres::timeline::PromotionTime;
use crate::postgres::wal::{History, Magic};

/// Measures it, whether the server runs or not.
pub(super) fn traces(
    conversation: &mut Conversation,
    parameters: &Parameters,
    deadline: Deadline,
) -> Result<Traces, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let magic = magic(parameters, &control)?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let extent = Extent::new(&control, magic, &mut pg_wal);
    let progress = match processes::postmaster(&parameters.datadir) {
        Some(postmaster) => {
            // If it does not answer in this time, its disk is read.
            let patience = queries::patience(deadline);
            match queries::progress(conversation, parameters, &postmaster.file, patience) {
                Ok(progress) => Some(progress),
                Err(error) => {
                    tracing::warn!("{error}; reading its position from its disk");
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
            target: Some(target),
            ..
        }) => {
            tracing::warn!(
                "{target} is set: a promotion would end the replay there, so this standby reports no position. \
                 Remove the setting and restart the server"
            );
            return Ok(Traces::default());
        }
        Some(Progress::Standby {
            received,
            receiving,
            replayed,
            target: None,
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

/// Returns the end of the WAL on its disk, if nothing casts doubt on it. The server is not asked.
pub(super) fn certain(
    parameters: &Parameters,
    control: &Control,
    deadline: Deadline,
) -> Option<Position> {
    let magic = magic(parameters, control).ok()?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let measured = Extent::new(control, magic, &mut pg_wal).of_silent();
    if let Some(doubt) = measured.doubt {
        tracing::debug!("{doubt}");
        return None;
    }
    measured.traces.on_disk
}

/// Returns where its WAL ends, if it ends with the shutdown checkpoint of a primary.
pub(super) fn shutdown_checkpoint(
    parameters: &Parameters,
    deadline: Deadline,
) -> Result<Option<Position>, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let magic = magic(parameters, &control)?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let end = Extent::new(&control, magic, &mut pg_wal).shutdown_checkpoint();
    end.map_err(unread)
}

/// Returns when the newest timeline of a history began.
pub(super) fn promoted_at(
    parameters: &Parameters,
    history: &History,
    deadline: Deadline,
) -> Result<Option<PromotionTime>, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let magic = magic(parameters, &control)?;
    let mut pg_wal = PgWal::of(&parameters.datadir, deadline);
    let found = wal_extent::promoted_at(&mut pg_wal, control.wal_format(magic), history);
    found.map_err(unread)
}

/// Converts the error of reading `pg_wal`.
fn unread(error: WalError) -> ServerError {
    match error {
        WalError::Late => ServerError::Late("the reading of WAL"),
        error @ WalError::File { .. } => ServerError::File {
            what: "cannot determine the end of its WAL".into(),
            cause: error.to_string(),
        },
    }
}

/// Returns the magic number of its version's WAL: that of a version newer than those that are known stands in the file of its checkpoint.
fn magic(parameters: &Parameters, control: &Control) -> Result<Magic, ServerError> {
    let datadir = &parameters.datadir;
    let major = files::major(datadir)?;
    if let Some(known) = Magic::of(major) {
        return Ok(known);
    }
    let wrong = |cause: String| ServerError::File {
        what: format!("cannot read the WAL of {}", datadir.display()),
        cause: format!("PostgreSQL {major} is not known, and {cause}"),
    };
    if major < *MAJORS.end() {
        return Err(wrong(format!("is older than {}", MAJORS.start())));
    }
    pg_wal::mark(datadir, control).map_err(|error| wrong(error.to_string()))
}
