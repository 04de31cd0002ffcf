//! A client that writes through HAProxy all the time, comes back when it is cut off, and remembers
//! what was acknowledged.

use std::collections::HashSet;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use postgres::{Client, Config, NoTls};
use support::postgres::ORDINARY;
use support::{Postgres, Trouble};

/// Pause between two writes, and between two attempts to come back.
const PAUSE: Duration = Duration::from_millis(20);

/// A running client. Dropping it stops it.
pub(crate) struct Writer {
    acknowledged: Arc<Mutex<Vec<Write>>>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A row that the server acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    number: i32,
    at: Instant,
}

impl Writer {
    /// Starts to write with this configuration.
    pub(crate) fn start(config: Config) -> Self {
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&acknowledged);
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || write(&config, &shared, &stopped));
        Self {
            acknowledged,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// How many rows were acknowledged.
    pub(crate) fn count(&self) -> usize {
        locked(&self.acknowledged).len()
    }

    /// When the first row after a moment was acknowledged.
    pub(crate) fn first_after(&self, moment: Instant) -> Option<Instant> {
        let writes = locked(&self.acknowledged);
        writes.iter().map(|write| write.at).find(|at| *at > moment)
    }

    /// Stops, and returns what was acknowledged.
    pub(crate) fn finish(mut self) -> Acknowledged {
        self.end();
        Acknowledged(locked(&self.acknowledged).clone())
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

/// Everything that was acknowledged, in order.
pub(crate) struct Acknowledged(Vec<Write>);

impl Acknowledged {
    /// How many rows.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The longest time without an acknowledged row.
    pub(crate) fn longest_gap(&self) -> Duration {
        let pairs = self.0.iter().zip(self.0.iter().skip(1));
        pairs
            .map(|(one, next)| next.at - one.at)
            .max()
            .unwrap_or_default()
    }

    /// The rows that a server does not have.
    pub(crate) fn missing_on(&self, server: &Postgres) -> Result<Vec<i32>, Trouble> {
        let rows = server.query("SELECT number FROM written")?;
        let found: HashSet<&str> = rows.lines().collect();
        let numbers = self.0.iter().map(|write| write.number);
        Ok(numbers
            .filter(|number| !found.contains(number.to_string().as_str()))
            .collect())
    }
}

/// Makes the table on the primary.
pub(crate) fn prepare(primary: &Postgres) -> Result<(), Trouble> {
    let sql = format!(
        "CREATE TABLE written (number int PRIMARY KEY); GRANT INSERT, SELECT ON written TO {ORDINARY}"
    );
    primary.query(&sql).map(drop)
}

fn write(config: &Config, acknowledged: &Mutex<Vec<Write>>, stopped: &mpsc::Receiver<()>) {
    let mut session: Option<Client> = None;
    for number in 0.. {
        // A lost answer may hide a row that was written: its number is never used again.
        let written = connected(&mut session, config)
            .and_then(|client| client.execute("INSERT INTO written VALUES ($1)", &[&number]));
        match written {
            Ok(_) => locked(acknowledged).push(Write {
                number,
                at: Instant::now(),
            }),
            Err(_) => session = None,
        }
        match stopped.recv_timeout(PAUSE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn connected<'a>(
    session: &'a mut Option<Client>,
    config: &Config,
) -> Result<&'a mut Client, postgres::Error> {
    match session {
        Some(client) => Ok(client),
        None => Ok(session.insert(config.connect(NoTls)?)),
    }
}

fn locked(writes: &Mutex<Vec<Write>>) -> MutexGuard<'_, Vec<Write>> {
    writes.lock().unwrap_or_else(PoisonError::into_inner)
}
