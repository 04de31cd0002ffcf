//! The one-liner that is common practice: systemd starts `psql` for every check.

use std::process::Command;

use super::{Contender, Name, Running, version_of};
use crate::client::Endpoint;
use crate::error::Error;
use crate::host::packages::{FOR_ACTIVATION, Needed, for_postgres};
use crate::host::{Host, ports};
use crate::postgres::program;

/// `psql` behind `systemd-socket-activate --accept --inetd`, which stands for a socket unit with
/// `Accept=yes` and costs less than systemd itself.
pub(crate) struct Psql;

/// The question of the one-liner.
const QUESTION: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'production' END";

impl Contender for Psql {
    fn name(&self) -> Name {
        Name::Psql
    }

    fn needs(&self) -> Vec<Needed> {
        [&for_postgres()[..], FOR_ACTIVATION].concat()
    }

    fn version(&self) -> Result<String, Error> {
        version_of(program("psql"))
    }

    fn start(&self, host: &Host) -> Result<Running, Error> {
        Running::asking_postgres(host, self.name(), &[], |enclosure, postgres| {
            let address = ports::free()?;
            let mut activate = Command::new("systemd-socket-activate");
            activate
                .args(["--accept", "--inetd", "--listen", &address.to_string()])
                .arg(program("psql"))
                .args(["--dbname", &postgres.conninfo(), "-Atc", QUESTION]);
            enclosure.spawn(&activate)?;
            Ok(Endpoint::speaks_first(address, b"production\n"))
        })
    }
}
