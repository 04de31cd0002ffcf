//! The clients of registers and sets: one that writes and reads through HAProxy, one that reads there, and one for
//! each server that asks it past HAProxy what it is. Each keeps its connection for as long as it works.

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio::{select, try_join};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use tokio_util::sync::CancellationToken;

use super::log::{Log, micros, now};
use super::{Asked, Server, Told};
use crate::client::{Door, Session, statements};
use crate::error::Error;
use crate::failure::Failure;
use crate::place::Place;
use crate::plan::{Access, some_time};

/// A value of a statement, and its type.
type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Registers that each client writes.
const KEYS: usize = 4;

/// How far back a read of a set goes, in microseconds: a member is the moment at which it was added.
const BACK: i64 = 3_000_000;

/// What the clients of a host are to do. The tables have to be there ([`statements::TABLES`]).
#[derive(Clone, Debug, Args)]
pub(crate) struct Registers {
    /// The clients' name, by which others know their registers and their set
    #[arg(long, value_name = "NAME")]
    client: String,

    /// All names, this one too
    #[arg(long, value_name = "NAME", value_delimiter = ',', required = true)]
    among: Vec<String>,

    /// What the rows bear
    #[arg(long, value_name = "NAME")]
    run: String,

    /// Where they connect, HAProxy's port for the primary
    #[arg(long, value_name = "HOST:PORT")]
    through: Place,

    /// A server that is asked past HAProxy what it is
    #[arg(long, value_name = "HOST:PORT")]
    look: Vec<Place>,

    /// Time from a client's statement to its next one
    #[arg(long, default_value = "100ms", value_name = "TIME", value_parser = some_time)]
    every: Duration,

    /// Folder for a file of what was asked and told, a line of JSON each; it is made if it is missing
    #[arg(long, value_name = "DIR")]
    into: PathBuf,

    /// How to get in.
    #[command(flatten)]
    access: Access,
}

impl Registers {
    /// Lets the clients go until `stop`.
    pub(crate) async fn until(self, stop: CancellationToken) -> Result<(), Error> {
        let log = Rc::new(Log::begin(&self.client, &self.into)?);
        let options = Rc::new(self);
        let door = Door::of(&options.through, &options.access)?;
        let looks: Result<Vec<Door>, Error> = options
            .look
            .iter()
            .map(|place| Door::of(place, &options.access))
            .collect();
        let client = |door: &Door| Client {
            door: door.clone(),
            options: Rc::clone(&options),
            log: Rc::clone(&log),
            turn: Cell::new(0),
            stop: stop.clone(),
        };
        let mut tasks = JoinSet::new();
        let clients = LocalSet::new();
        for kind in [Kind::WritesAndReads, Kind::Reads] {
            tasks.spawn_local_on(client(&door).come_and_go(kind), &clients);
        }
        for door in looks? {
            tasks.spawn_local_on(client(&door).come_and_go(Kind::Looks), &clients);
        }
        let ended = clients.run_until(tasks.join_all()).await;
        ended.into_iter().collect()
    }
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    WritesAndReads,
    Reads,
    Looks,
}

/// One client.
struct Client {
    door: Door,
    options: Rc<Registers>,
    log: Rc<Log>,
    /// Counts what it has asked.
    turn: Cell<usize>,
    stop: CancellationToken,
}

impl Client {
    async fn come_and_go(self, kind: Kind) -> Result<(), Error> {
        let ended = self.until_stopped(kind).await;
        if ended.is_err() {
            self.stop.cancel();
        }
        ended
    }

    async fn until_stopped(&self, kind: Kind) -> Result<(), Error> {
        let mut pace = interval(self.options.every);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut kept = None;
        loop {
            select! {
                biased;
                () = self.stop.cancelled() => return Ok(()),
                _ = pace.tick() => {}
            }
            let Some((session, connection)) = self.connection(kept.take()).await else {
                self.rest().await;
                continue;
            };
            let asked = self.next(kind);
            let number = self.log.number();
            self.log.ask(number, connection, &asked)?;
            let told = self.ask(&session, &asked).await;
            if let Some(told) = told {
                let works = told.server().is_some();
                self.log.tell(number, told)?;
                if works {
                    kept = Some((session, connection));
                }
            }
        }
    }

    /// The one that works still, or a new one.
    async fn connection(&self, kept: Option<(Session, u64)>) -> Option<(Session, u64)> {
        if kept.is_some() {
            return kept;
        }
        let opened = self.door.open().await.ok()?;
        Some((opened, self.log.number()))
    }

    async fn rest(&self) {
        select! {
            () = self.stop.cancelled() => {}
            () = sleep(Duration::from_millis(50)) => {}
        }
    }

    fn next(&self, kind: Kind) -> Asked {
        let turn = self.turn.get();
        self.turn.set(turn + 1);
        let Registers { client, among, .. } = &*self.options;
        let name = |index: usize| among.get(index % among.len()).unwrap_or(client).clone();
        match (kind, turn % 4) {
            (Kind::Looks, _) => Asked::Role {
                at: self.door.place.to_string(),
            },
            (Kind::WritesAndReads, 0) => Asked::Set {
                key: format!("{client}-{}", turn / 4 % KEYS),
                value: self.log.higher(),
            },
            (Kind::WritesAndReads, 1) => Asked::Add {
                member: self.log.higher(),
            },
            (Kind::WritesAndReads, 2) | (Kind::Reads, 0 | 2) => Asked::Get {
                key: format!("{}-{}", name(turn / 4), turn / 4 / among.len() % KEYS),
            },
            (Kind::WritesAndReads | Kind::Reads, _) => Asked::Members {
                of: name(turn / 4),
                above: micros(now()).saturating_sub(BACK),
            },
        }
    }

    /// Nothing for a question that was not answered.
    async fn ask(&self, session: &Session, asked: &Asked) -> Option<Told> {
        let run = &self.options.run;
        let host = &self.options.access.host_sql;
        let role = statements::role_and_timeline(host);
        let client = &session.client;
        match asked {
            Asked::Set { key, value } => {
                let set = statements::set_register(host);
                let with: [Parameter<'_>; 3] =
                    [(run, Type::TEXT), (key, Type::TEXT), (value, Type::INT8)];
                let written = session.answer(client.query_typed_one(&set, &with)).await;
                Some(written_by(written))
            }
            Asked::Add { member } => {
                let add = statements::add_member(host);
                let own = &self.options.client;
                let with: [Parameter<'_>; 3] =
                    [(run, Type::TEXT), (own, Type::TEXT), (member, Type::INT8)];
                let written = session.answer(client.query_typed_one(&add, &with)).await;
                Some(written_by(written))
            }
            Asked::Get { key } => {
                // The role first: a standby that is promoted after its snapshot may lack rows and be a primary.
                let with: [Parameter<'_>; 2] = [(run, Type::TEXT), (key, Type::TEXT)];
                let both = async {
                    try_join!(
                        client.query_typed_one(&role, &[]),
                        client.query_typed_opt(statements::GET_REGISTER, &with)
                    )
                };
                let (server, row) = session.answer(both).await.ok()?;
                let value = row.map(|row| row.try_get(0)).transpose().ok()?;
                Some(Told::Value(server_of(&server).ok()?, value))
            }
            Asked::Members { of, above } => {
                let with: [Parameter<'_>; 3] =
                    [(run, Type::TEXT), (of, Type::TEXT), (above, Type::INT8)];
                let both = async {
                    try_join!(
                        client.query_typed_one(&role, &[]),
                        client.query_typed(statements::GET_MEMBERS, &with)
                    )
                };
                let (server, rows) = session.answer(both).await.ok()?;
                let members: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get(0)).collect();
                Some(Told::Members(server_of(&server).ok()?, members.ok()?))
            }
            Asked::Role { .. } => {
                let row = session.answer(client.query_typed_one(&role, &[])).await;
                Some(Told::Role(server_of(&row.ok()?).ok()?))
            }
        }
    }
}

fn written_by(row: Result<Row, Failure>) -> Told {
    match row.and_then(|row| server_of(&row)) {
        Ok(server) => Told::Acknowledged(server),
        Err(failure) => Told::of_failed_write(failure),
    }
}

/// Host and timeline, the first two columns.
fn server_of(row: &Row) -> Result<Server, Failure> {
    let read = || {
        Ok(Server {
            host: row.try_get(0)?,
            writes: row.try_get(1)?,
        })
    };
    read().map_err(|error: tokio_postgres::Error| Failure::of_driver(&error))
}
