//! A transaction of more subtransactions than a snapshot of the running transactions tells of: a standby whose recovery
//! begins within it lets nobody in before it has ended.

use std::time::Duration;

use ::postgres::Client;

use super::{Postgres, SUPERUSER};
use crate::trouble::Trouble;
use crate::wait::until;

/// More than a transaction may have before its snapshot is incomplete (`PGPROC_MAX_CACHED_SUBXIDS` in
/// `src/include/storage/proc.h`).
const SUBTRANSACTIONS: usize = 80;

/// Longest wait for a standby to have a checkpoint of its primary's.
const PATIENCE: Duration = Duration::from_secs(45);

/// Where a recovery begins.
const REDO: &str = "SELECT redo_lsn FROM pg_control_checkpoint()";

/// The transaction.
#[must_use = "the transaction ends with it"]
pub struct Overflow {
    session: Client,
}

impl Postgres {
    /// Begins such a transaction.
    pub fn overflow(&self) -> Result<Overflow, Trouble> {
        let mut session = self.connect(SUPERUSER)?;
        let mut statements = "BEGIN; CREATE TABLE overflow (number int);".to_owned();
        for number in 0..SUBTRANSACTIONS {
            let subtransaction =
                format!("SAVEPOINT s{number}; INSERT INTO overflow VALUES ({number});");
            statements.push_str(&subtransaction);
        }
        let begun = session.batch_execute(&statements);
        begun.map_err(Trouble::sql("begin a transaction of many subtransactions"))?;
        Ok(Overflow { session })
    }

    /// Has the next recovery of each of these standbys begin with a checkpoint that this primary writes now.
    pub fn checkpoint_with(&self, standbys: &[&Postgres]) -> Result<(), Trouble> {
        self.query("CHECKPOINT")?;
        let redo = self.query(REDO)?;
        for standby in standbys {
            until(PATIENCE, "a restartpoint", || {
                // What a checkpoint makes on a standby, if it has replayed another of its primary's.
                standby.query("CHECKPOINT").is_ok()
                    && standby.query(REDO).is_ok_and(|own| own == redo)
            })?;
        }
        Ok(())
    }
}

impl Overflow {
    /// Rolls it back.
    pub fn end(mut self) -> Result<(), Trouble> {
        let ended = self.session.batch_execute("ROLLBACK");
        ended.map_err(Trouble::sql("end a transaction of many subtransactions"))
    }
}
