//! The primary behind a door: waited for until it is there, given the table before a run, and asked
//! for the run's rows afterwards.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::types::Type;

use super::session::{Door, Session};
use super::statements;
use super::writer::primary;
use crate::error::{Error, Instead};
use crate::failure::Failure;
use crate::plan::Access;
use crate::tally::Found;

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the table, unless it is there.
pub(crate) async fn prepare(door: &Door, patience: Duration) -> Result<(), Error> {
    await_primary(door, patience, async |session| {
        let client = &session.client;
        let there = session
            .answer(client.query_typed_one(statements::THERE, &[]))
            .await?;
        if there
            .try_get(0)
            .map_err(|error| Failure::of_driver(&error))?
        {
            return Ok(Ok(()));
        }
        match session
            .answer(client.batch_execute(statements::CREATE))
            .await
        {
            Ok(()) => Ok(Ok(())),
            // Waiting gives nobody a right.
            Err(Failure::Unfit) => Ok(Err(Error::Table {
                place: door.place.clone(),
            })),
            Err(failure) => Err(failure.into()),
        }
    })
    .await?
}

/// Finds the rows of a run. The primary must write to timeline `newest` or a later one: an older one
/// that HAProxy still leads to has been succeeded, and what it has proves nothing.
pub(crate) async fn find(
    door: &Door,
    access: &Access,
    run: &str,
    newest: i64,
) -> Result<Found, Error> {
    let identify = statements::identify(&access.host_sql);
    await_primary(door, access.patience, async |session| {
        let client = &session.client;
        let row = session
            .answer(client.query_typed_one(&identify, &[]))
            .await?;
        let found = primary(&row)?;
        if found.timeline < newest {
            return Err(Instead::Former { found, newest });
        }
        let rows = session
            .answer(client.query_typed(statements::NUMBERS, &[(&run, Type::TEXT)]))
            .await?;
        let numbers: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        Ok(Found {
            on: found,
            numbers: numbers.map_err(|error| Failure::of_driver(&error))?,
        })
    })
    .await
}

/// Asks primaries until one gives what is wanted.
async fn await_primary<T>(
    door: &Door,
    patience: Duration,
    mut ask: impl AsyncFnMut(&Session) -> Result<T, Instead>,
) -> Result<T, Error> {
    let deadline = Instant::now() + patience;
    loop {
        match attempt(door, &mut ask).await {
            Ok(value) => return Ok(value),
            Err(seen) if Instant::now() >= deadline => {
                return Err(Error::NoPrimary {
                    place: door.place.clone(),
                    patience,
                    seen,
                });
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn attempt<T>(
    door: &Door,
    ask: &mut impl AsyncFnMut(&Session) -> Result<T, Instead>,
) -> Result<T, Instead> {
    let session = door.open().await?;
    let question = session.client.query_typed_one(statements::IN_RECOVERY, &[]);
    let row = session.answer(question).await?;
    let in_recovery = row.try_get(0).map_err(|error| Failure::of_driver(&error))?;
    if in_recovery {
        return Err(Instead::Standby);
    }
    ask(&session).await
}
