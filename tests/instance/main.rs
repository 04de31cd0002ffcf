//! The agent's hands on a real server: what it sees of one in every state, and what it does to it. For the
//! newest version installed.
//!
//! - [`conversation`]: over how many sessions it is asked.
//! - [`evidence`]: what is seen.
//! - [`histories`]: several timelines.
//! - [`inherited`]: defaults of the server.
//! - [`life`]: start, stop, promotion, sweep.
//! - [`neighbour`]: an address that leads to another server.
//! - [`problem`]: what is wrong with its configuration.
//! - [`recycled`]: how far standbys are that have received a part.
//! - [`upstream`]: whether the primary before still runs.
//! - [`wal`]: how far a server is, and whether a standby gets what is committed.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod as_standby;
mod conversation;
mod evidence;
mod histories;
mod inherited;
mod life;
mod neighbour;
mod problem;
mod recycled;
mod upstream;
mod wal;

use std::fs;
use std::path::Path;
use std::time::Duration;

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::decide::state::{ServerState, judge};
use pgsql_state::agent::local::Instance;
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use support::{Postgres, Trouble};

const SECONDS: Duration = Duration::from_secs(30);

/// A deadline that a busy machine does not miss.
fn soon() -> Deadline {
    Deadline::after(SECONDS)
}

/// A primary that standbys can follow.
fn primary() -> Postgres {
    let setup = Postgres::primary().tcp(support::ports::free().unwrap());
    setup.start().unwrap()
}

fn parameters(server: &Postgres) -> Parameters {
    let data = server.data_dir();
    let user = match uzers::get_current_uid() {
        0 => "postgres".into(),
        _ => uzers::get_current_username().unwrap(),
    };
    Parameters {
        system_user: user.into_string().unwrap(),
        bindir: Postgres::program("pg_ctl")
            .unwrap()
            .parent()
            .unwrap()
            .into(),
        pgdata: data.clone(),
        datadir: data.clone(),
        pghost: server.socket_dir().to_str().unwrap().into(),
        pgport: server.port(),
        maxlag: None,
        recovery_template: data.join("recovery.conf.pcmk"),
        start_opts: String::new(),
    }
}

/// A server in the agent's hands. What it logs while it starts is removed afterwards, wherever it is.
struct Held {
    instance: Instance,
    resource: String,
}

impl Held {
    fn of(server: &Postgres) -> Self {
        Self::with(parameters(server))
    }

    fn with(parameters: Parameters) -> Self {
        // Its folder's name is nobody else's.
        let folder = parameters.datadir.parent().unwrap().file_name().unwrap();
        let resource = format!("test-{}", folder.to_str().unwrap());
        Self {
            instance: Instance::new(parameters, &resource),
            resource,
        }
    }

    fn state(&mut self) -> ServerState {
        judge(&self.instance.evidence(soon()))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let name = format!("pgsqlms-{}.log", self.resource);
        drop(fs::remove_file(Path::new("/var/log/postgresql").join(name)));
    }
}

/// Adds lines to a file of a server's configuration, in which the last one counts.
fn add(server: &Postgres, file: &str, lines: &str) {
    let path = server.data_dir().join(file);
    let before = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{before}{lines}\n")).unwrap();
}

/// Waits until a standby streams from its primary.
fn wait_for_stream(primary: &Postgres) -> Result<(), Trouble> {
    support::until(SECONDS, "the standby to stream", || {
        let streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        primary.query(streaming).is_ok_and(|count| count != "0")
    })
}
