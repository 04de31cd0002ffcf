//! The daemon of this project, as its users start it: with a configuration file, asking its PostgreSQL
//! over the Unix socket.

use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Contender, Name, Running, version_of};
use crate::client::Endpoint;
use crate::error::Error;
use crate::host::packages::{FOR_ACTIVATION, FOR_POSTGRES, Needed};
use crate::host::{Host, ports};
use crate::postgres::Postgres;

/// What `pgsql-state` says of a primary.
const ANSWER: &[u8] = b"production\n";

/// `pgsql-state serve`.
#[derive(Clone, Debug)]
pub(crate) struct Ours {
    program: PathBuf,
}

impl Ours {
    /// The daemon in this file.
    pub(crate) fn new(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
        }
    }

    /// The command that serves `postgres`; without an address it needs a socket from systemd.
    pub(crate) fn command(
        &self,
        host: &Host,
        postgres: &Postgres,
        address: Option<SocketAddrV4>,
    ) -> Result<Command, Error> {
        let config = host
            .folder
            .write("pgsql-state.toml", &config(&postgres.conninfo(), address))?;
        let mut command = Command::new(host.folder.copy_program(&self.program)?);
        command.arg("serve").arg("--config").arg(config);
        Ok(command)
    }

    /// What clients of this daemon at `address` expect.
    pub(crate) const fn endpoint(address: SocketAddrV4) -> Endpoint {
        Endpoint::speaks_first(address, ANSWER)
    }
}

impl Contender for Ours {
    fn name(&self) -> Name {
        Name::Ours
    }

    fn needs(&self) -> Vec<Needed> {
        [FOR_POSTGRES, FOR_ACTIVATION].concat()
    }

    fn version(&self) -> Result<String, Error> {
        version_of(&self.program)
    }

    fn start(&self, host: &Host) -> Result<Running, Error> {
        Running::asking_postgres(host, self.name(), &[], |enclosure, postgres| {
            let address = ports::free()?;
            enclosure.spawn(&self.command(host, postgres, Some(address))?)?;
            Ok(Self::endpoint(address))
        })
    }
}

/// The bench's clients are the load balancers, which are trusted.
fn config(conninfo: &str, address: Option<SocketAddrV4>) -> String {
    let listen = address.map(|address| format!("\n[listen]\nstate = [\"{address}\"]\n"));
    format!(
        "[postgres]\nconninfo = \"{conninfo}\"\n\n[admission]\ntrusted = [\"127.0.0.0/8\"]\n{}",
        listen.unwrap_or_default()
    )
}
