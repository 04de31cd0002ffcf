//! A reader: asks for the server's role and for the newest row, and notes what it saw.

use tokio_postgres::types::Type;

use super::session::Session;
use super::statements;
use super::visit::Visitor;
use crate::error::Error;
use crate::failure::Failure;
use crate::record::{Note, Read, Seen};

/// Reads about `run` as reader `index` until the visitor is told to stop.
pub(crate) async fn read(
    visitor: Visitor,
    index: usize,
    run: String,
    host_sql: String,
) -> Result<(), Error> {
    let role = statements::role(&host_sql);
    let recorder = &visitor.recorder;
    let look = async |session: &Session| {
        let sent = recorder.now();
        let outcome = look(session, &role, &run).await;
        let asked = outcome.as_ref().map(drop).map_err(|failure| *failure);
        recorder.note(Note::Read(Read {
            reader: index,
            sent,
            ended: recorder.now(),
            outcome,
        }))?;
        Ok(asked)
    };
    visitor.come_and_go(look).await
}

async fn look(session: &Session, role: &str, run: &str) -> Result<Seen, Failure> {
    let wrong = |error: tokio_postgres::Error| Failure::of_driver(&error);
    let client = &session.client;
    let row = session.answer(client.query_typed_one(role, &[])).await?;
    // A standby that lags may not have the table yet.
    let newest = if row.try_get(2).map_err(wrong)? {
        let newest = session
            .answer(client.query_typed_one(statements::NEWEST, &[(&run, Type::TEXT)]))
            .await?;
        newest.try_get(0).map_err(wrong)?
    } else {
        None
    };
    Ok(Seen {
        host: row.try_get(0).map_err(wrong)?,
        in_recovery: row.try_get(1).map_err(wrong)?,
        newest,
    })
}
