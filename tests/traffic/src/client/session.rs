//! One connection: how it is opened, how long it and its statements may take, and why it ended.

use std::fs;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::error::Severity;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket};

use crate::error::Error;
use crate::failure::Failure;
use crate::place::Place;
use crate::plan::{Access, SynchronousCommit};

/// Where a client gets in, and how.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) place: Place,
    config: Config,
    connect_timeout: Duration,
    statement_timeout: Duration,
}

impl Door {
    /// Reads the password, if there is to be one.
    pub(crate) fn of(place: &Place, access: &Access) -> Result<Self, Error> {
        let mut config = Config::new();
        config
            .port(place.port)
            .user(&access.user)
            .dbname(&access.dbname)
            .application_name(env!("CARGO_PKG_NAME"))
            .tcp_user_timeout(access.tcp_user_timeout)
            .keepalives_idle(access.keepalives_idle)
            .keepalives_interval(access.keepalives_interval)
            .keepalives_retries(access.keepalives_count);
        if let Some(path) = &access.password_file {
            let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
            config.password(text.lines().next().unwrap_or_default());
        }
        Ok(Self {
            place: place.clone(),
            config,
            connect_timeout: access.connect_timeout,
            statement_timeout: access.statement_timeout,
        })
    }

    /// The same door, behind which commits wait for this.
    pub(crate) fn committing(mut self, level: SynchronousCommit) -> Self {
        self.config
            .options(format!("-c synchronous_commit={}", level.word()));
        self
    }

    /// Opens a session. A name is resolved each time, since it may lead elsewhere.
    pub(crate) async fn open(&self) -> Result<Session, Failure> {
        let opening = async {
            let Place { host, port } = &self.place;
            let found = lookup_host((host.as_str(), *port)).await;
            let mut config = self.config.clone();
            for address in found.map_err(|_| Failure::NoName)? {
                // The driver wants as many names as addresses, or none.
                config.hostaddr(address.ip());
            }
            let connected = config.connect(NoTls).await;
            connected.map_err(|error| Failure::of_driver(&error))
        };
        let (client, connection) = timeout(self.connect_timeout, opening)
            .await
            .map_err(|_| Failure::ConnectTimeout)??;
        let said = Arc::new(Said::default());
        Ok(Session {
            client,
            statement_timeout: self.statement_timeout,
            driving: tokio::spawn(drive(connection, Arc::clone(&said))),
            said,
        })
    }
}

/// A connection that is open. Dropping it says goodbye to the server.
pub(crate) struct Session {
    pub(crate) client: Client,
    statement_timeout: Duration,
    driving: JoinHandle<()>,
    said: Arc<Said>,
}

/// What a connection says besides answers.
#[derive(Default)]
struct Said {
    warned: AtomicBool,
    end: Mutex<Option<Failure>>,
}

impl Session {
    /// Waits for the answer to a statement of this session. After a failure the session is of no more
    /// use.
    ///
    /// The driver ends an answer with `ReadyForQuery`, as libpq does: `CommandComplete` may have been
    /// sent before the commit (PostgreSQL manual, "Extended Query").
    pub(crate) async fn answer<T>(
        &self,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failure> {
        self.said.warned.store(false, Ordering::Relaxed);
        let answer = match timeout(self.statement_timeout, statement).await {
            Err(_) => Err(Failure::StatementTimeout),
            Ok(Err(error)) => Err(self.failure(&error)),
            Ok(Ok(_)) if self.said.warned.load(Ordering::Relaxed) => Err(Failure::Warned),
            Ok(Ok(answer)) => Ok(answer),
        };
        if answer.is_err() {
            // No goodbye: a host that has vanished would not hear it.
            self.driving.abort();
        }
        answer
    }

    /// Where a connection has ended, the statement only learns that it has; the connection knows why.
    fn failure(&self, error: &tokio_postgres::Error) -> Failure {
        let end = *self.said.end.lock().unwrap_or_else(PoisonError::into_inner);
        match end {
            Some(end) if error.is_closed() => end,
            Some(_) | None => Failure::of_driver(error),
        }
    }
}

/// Moves messages until the connection ends.
async fn drive(mut connection: Connection<Socket, NoTlsStream>, said: Arc<Said>) {
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) => {
                if notice.parsed_severity() == Some(Severity::Warning) {
                    said.warned.store(true, Ordering::Relaxed);
                }
            }
            Ok(_) => {}
            Err(error) => {
                let end = Failure::of_driver(&error);
                *said.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
                return;
            }
        }
    }
}
