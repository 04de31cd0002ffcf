//! A writer: sends numbered rows and notes who acknowledged each.

use std::cell::Cell;
use std::rc::Rc;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::session::Session;
use super::statements;
use super::visit::Visitor;
use crate::error::Error;
use crate::failure::Failure;
use crate::record::{Note, Primary, Write};

/// Hands out the numbers of a run's rows. Each is given once: a lost answer may hide a row that was
/// written.
#[derive(Clone, Default)]
pub(crate) struct Numbers(Rc<Cell<i64>>);

impl Numbers {
    fn next(&self) -> i64 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
}

/// Writes rows of `run` as writer `index` until the visitor is told to stop.
pub(crate) async fn write(
    visitor: Visitor,
    index: usize,
    run: String,
    host_sql: String,
    numbers: Numbers,
) -> Result<(), Error> {
    let insert = statements::insert(&host_sql);
    let recorder = &visitor.recorder;
    let send = async |session: &Session| {
        let (number, sent) = (numbers.next(), recorder.now());
        let outcome = send(session, &insert, &run, number, index).await;
        let asked = outcome.as_ref().map(drop).map_err(|failure| *failure);
        recorder.note(Note::Write(Write {
            writer: index,
            number,
            sent,
            ended: recorder.now(),
            outcome,
        }))?;
        Ok(asked)
    };
    visitor.come_and_go(send).await
}

async fn send(
    session: &Session,
    insert: &str,
    run: &str,
    number: i64,
    index: usize,
) -> Result<Primary, Failure> {
    let writer = i64::try_from(index).unwrap_or(i64::MAX);
    let row = session
        .answer(session.client.query_typed_one(
            insert,
            &[
                (&run, Type::TEXT),
                (&number, Type::INT8),
                (&writer, Type::INT8),
            ],
        ))
        .await?;
    primary(&row)
}

/// Host and timeline, the first two columns.
pub(super) fn primary(row: &Row) -> Result<Primary, Failure> {
    let read = || {
        Ok(Primary {
            host: row.try_get(0)?,
            timeline: row.try_get(1)?,
        })
    };
    read().map_err(|error: tokio_postgres::Error| Failure::of_driver(&error))
}
