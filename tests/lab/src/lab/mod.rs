//! The lab as its commands and scenarios see it: hosts to run commands on, and ways to break them.
//!
//! - [`mod@up`], [`mod@down`]: from nothing to a running cluster, or hosts that are none, and back.
//! - [`enter`]: commands in a host.
//! - [`breakage`]: power, cables and frozen processes.

mod breakage;
mod down;
mod enter;
mod up;

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use support::until_ok_every;

use crate::error::Error;
use crate::host::Host;
use crate::places::Places;
use crate::supervisor::ASKED;
use crate::supervisor::client::Supervisor;

pub(crate) use down::down;
pub(crate) use enter::On;
pub(crate) use up::{Afterwards, apart, check, up};

/// How often something in the hosts is looked at again. A look costs a dozen processes, which must not
/// keep the hosts from what is being measured.
const PAUSE: Duration = Duration::from_millis(500);

/// A lab that is up.
#[derive(Clone, Debug)]
pub(crate) struct Lab {
    supervisor: Supervisor,
}

impl Lab {
    /// The lab of this checkout.
    pub(crate) fn find(places: &Places) -> Result<Self, Error> {
        Supervisor::find(places).map(|supervisor| Self { supervisor })
    }

    /// A host, to do something on.
    pub(crate) fn host(&self, host: Host) -> On<'_> {
        On::new(self, host)
    }

    /// Where the hosts' clients leave their notes, as this program sees it.
    pub(crate) fn results(&self) -> PathBuf {
        self.supervisor.places().results()
    }

    /// What all hosts' journals say since a moment (since 1970), a line of JSON each.
    pub(crate) fn journal_since(&self, moment: Duration) -> Result<String, Error> {
        self.host(Host::Client).run(&[
            "journalctl",
            "--merge",
            "--quiet",
            "--output=json",
            "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_HOSTNAME",
            &format!("--since=@{}", moment.as_secs()),
        ])
    }

    /// What servers have asked of the power switch so far: each host that was fenced, in words.
    pub(crate) fn fenced(&self) -> Result<Vec<String>, Error> {
        let path = self.supervisor.places().log();
        let text =
            fs::read_to_string(&path).map_err(Error::io(format!("read {}", path.display())))?;
        let asked = text.lines().filter_map(|line| line.strip_prefix(ASKED));
        Ok(asked.map(str::to_owned).collect())
    }

    /// Whether a host has power.
    pub(crate) fn has_power(&self, host: Host) -> Result<bool, Error> {
        Ok(self.supervisor.ask(&format!("status {host}"))? == "on")
    }

    /// What tells this boot of a host from another one.
    pub(crate) fn boot(&self, host: Host) -> Result<String, Error> {
        self.supervisor.ask(&format!("leader {host}"))
    }

    /// Waits until systemd has started a host's units.
    pub(crate) fn wait_until_booted(&self, host: Host) -> Result<(), Error> {
        wait_for(&format!("{host} to boot"), Duration::from_secs(60), || {
            self.host(host).is_booted()
        })
    }
}

/// Waits until `attempt` succeeds, at most for `limit`; the error says `what` was waited for and why
/// the last attempt failed.
pub(crate) fn wait_for<T, E: Display>(
    what: &str,
    limit: Duration,
    attempt: impl FnMut() -> Result<T, E>,
) -> Result<T, Error> {
    Ok(until_ok_every(PAUSE, limit, what, attempt)?)
}
