//! What clients are to do, told once: the command line's options, which other programs give as well.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};

use crate::place::Place;

/// What the clients of a run are to do.
#[derive(Clone, Debug, Args)]
pub struct Plan {
    /// Where a writer connects, usually HAProxy's port for the primary; each place given, be it the
    /// same, has a writer of its own
    #[arg(long, required = true, value_name = "HOST:PORT")]
    pub write: Vec<Place>,

    /// Where a reader connects, usually HAProxy's port for standbys; each has one of its own
    #[arg(long, value_name = "HOST:PORT")]
    pub read: Vec<Place>,

    /// Time from a client's statement to its next one
    #[arg(long, default_value = "20ms", value_name = "TIME", value_parser = some_time)]
    pub every: Duration,

    /// Time from a client's failure to its next attempt
    #[arg(long, default_value = "50ms", value_name = "TIME", value_parser = some_time)]
    pub retry_after: Duration,

    /// Whether writers keep their connection while it works
    #[arg(long, default_value = "kept", value_name = "HOW")]
    pub write_session: Keep,

    /// Whether readers keep their connection while it works
    #[arg(long, default_value = "fresh", value_name = "HOW")]
    pub read_session: Keep,

    /// What a commit of the writers waits for [default: as the server has it]
    #[arg(long, value_name = "LEVEL")]
    pub synchronous_commit: Option<SynchronousCommit>,

    /// File to which every row and every answer is noted as it comes, a line of JSON each; `verify`
    /// reads it
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// How to get in.
    #[command(flatten)]
    pub access: Access,
}

/// How clients get in, and when they give up.
#[derive(Clone, Debug, Args)]
pub struct Access {
    /// The role
    #[arg(long, default_value = "postgres", value_name = "ROLE")]
    pub user: String,

    /// The database; the role must be able to create a table in it, or own one of that name
    #[arg(long, default_value = "postgres", value_name = "NAME")]
    pub dbname: String,

    /// File whose first line is the password
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,

    /// Longest that a session may take, from the name's resolution to the login
    #[arg(long, default_value = "2s", value_name = "TIME", value_parser = some_time)]
    pub connect_timeout: Duration,

    /// Longest that a statement may take; then the session is given up, as drivers do that have a
    /// socket timeout
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = some_time)]
    pub statement_timeout: Duration,

    /// Longest that sent data may stay unacknowledged by the peer's kernel (tcp(7))
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = some_time)]
    pub tcp_user_timeout: Duration,

    /// Silence after which the peer's kernel is asked whether it is there (tcp(7))
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = some_time)]
    pub keepalives_idle: Duration,

    /// Time between two such questions
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = some_time)]
    pub keepalives_interval: Duration,

    /// Unanswered questions after which the connection is given up
    #[arg(long, default_value_t = 3, value_name = "NUMBER")]
    pub keepalives_count: u32,

    /// SQL expression by which a server names itself; it must differ from host to host
    #[arg(
        long,
        value_name = "SQL",
        default_value = "coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'socket')"
    )]
    pub host_sql: String,

    /// Longest wait for a primary, before the run and when its rows are looked at
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = some_time)]
    pub patience: Duration,
}

/// Whether a client keeps its connection while it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// It does, as a connection pool does.
    Kept,
    /// It connects anew for every statement, and so meets every server to which it may be led.
    Fresh,
}

/// What a commit waits for (PostgreSQL manual, `synchronous_commit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum SynchronousCommit {
    /// Nothing.
    Off,
    /// The primary's disk.
    Local,
    /// A synchronous standby's memory.
    RemoteWrite,
    /// A synchronous standby's disk.
    On,
    /// Until a synchronous standby shows it.
    RemoteApply,
}

impl SynchronousCommit {
    /// The value of the server's parameter.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Local => "local",
            Self::RemoteWrite => "remote_write",
            Self::On => "on",
            Self::RemoteApply => "remote_apply",
        }
    }
}

impl Plan {
    /// The plan that these options make, as on the command line: `["--write", "srv1:5432"]`.
    pub fn of_options<I, T>(options: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        #[derive(Parser)]
        #[command(no_binary_name = true)]
        struct Alone {
            #[command(flatten)]
            plan: Plan,
        }
        Alone::try_parse_from(options).map(|alone| alone.plan)
    }
}

/// A time above zero.
pub(crate) fn some_time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if time.is_zero() {
        return Err("it must be more than nothing".into());
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_enough_and_none_is_not() {
        let plan = Plan::of_options(["--write", "srv1:5432"]).unwrap();
        assert_eq!(plan.write.len(), 1);
        assert!(plan.read.is_empty());
        assert_eq!(plan.every, Duration::from_millis(20));
        assert_eq!(
            (plan.write_session, plan.read_session),
            (Keep::Kept, Keep::Fresh)
        );
        assert!(Plan::of_options(["--read", "srv1:5433"]).is_err());
    }

    #[test]
    fn levels_of_commit_are_spelt_as_postgresql_spells_them() {
        for level in SynchronousCommit::value_variants() {
            let options = ["--write", "a:1", "--synchronous-commit", level.word()];
            let plan = Plan::of_options(options).unwrap();
            assert_eq!(plan.synchronous_commit, Some(*level));
        }
    }

    #[test]
    fn no_time_at_all_is_refused() {
        assert!(Plan::of_options(["--write", "a:1", "--every", "0s"]).is_err());
        assert_eq!(some_time("1m 30s"), Ok(Duration::from_secs(90)));
    }
}
