//! Statements on a server, and its connection slots.

use std::net::SocketAddrV4;
use std::time::Duration;

use ::postgres::error::SqlState;
use ::postgres::{Client, Config, NoTls, SimpleQueryMessage};

use super::{ORDINARY, Postgres, SUPERUSER};
use crate::trouble::Trouble;

/// Longest that a connection may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sessions that hold every slot an ordinary role may have; dropping them frees the slots.
pub struct Slots {
    sessions: Vec<Client>,
}

impl Slots {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.sessions.len()
    }
}

impl Postgres {
    /// Opens a session on the Unix socket.
    pub fn connect(&self, role: &str) -> Result<Client, Trouble> {
        let doing = format!("connect to {} as {role}", self.name);
        self.config(role)
            .connect(NoTls)
            .map_err(Trouble::sql(doing))
    }

    /// Runs statements as the superuser and returns their rows as `psql -At` prints them: a line a
    /// row, `|` between columns, nothing for NULL.
    pub fn query(&self, sql: &str) -> Result<String, Trouble> {
        let mut session = self.connect(SUPERUSER)?;
        rows(&mut session, sql).map_err(Trouble::sql(format!("run `{sql}` on {}", self.name)))
    }

    /// Opens connections as an ordinary role until the server has no slot left for one (53300).
    pub fn fill_slots(&self) -> Result<Slots, Trouble> {
        let mut sessions = Vec::new();
        loop {
            match self.config(ORDINARY).connect(NoTls) {
                Ok(session) => sessions.push(session),
                Err(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => {
                    return Ok(Slots { sessions });
                }
                Err(error) => {
                    return Err(Trouble::sql(format!("fill {}", self.name))(error));
                }
            }
        }
    }

    pub(super) fn config(&self, role: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(self.socket_dir())
            .port(self.port)
            .user(role)
            .dbname("postgres")
            .application_name("test")
            .connect_timeout(PATIENCE);
        config
    }
}

/// Runs statements as the superuser wherever an address leads, a load balancer's too; see
/// [`Postgres::query`].
pub fn query_at(address: SocketAddrV4, sql: &str) -> Result<String, Trouble> {
    let mut session = connect_at(address)?;
    rows(&mut session, sql).map_err(Trouble::sql(format!("run `{sql}` at {address}")))
}

/// Opens a session as the superuser wherever an address leads.
pub fn connect_at(address: SocketAddrV4) -> Result<Client, Trouble> {
    let mut config = Config::new();
    config
        .host(&address.ip().to_string())
        .port(address.port())
        .user(SUPERUSER)
        .dbname("postgres")
        .connect_timeout(PATIENCE);
    let connected = config.connect(NoTls);
    connected.map_err(Trouble::sql(format!("connect to {address}")))
}

/// Runs statements in a session; see [`Postgres::query`].
pub fn rows(session: &mut Client, sql: &str) -> Result<String, ::postgres::Error> {
    let messages = session.simple_query(sql)?;
    let lines: Vec<String> = messages
        .iter()
        .filter_map(|message| {
            let SimpleQueryMessage::Row(row) = message else {
                return None;
            };
            let fields: Vec<&str> = (0..row.len())
                .map(|column| row.get(column).unwrap_or_default())
                .collect();
            Some(fields.join("|"))
        })
        .collect();
    Ok(lines.join("\n"))
}
