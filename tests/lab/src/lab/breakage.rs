//! What scenarios do to hosts. Nothing here is undone by itself.

use std::time::Duration;

use super::Lab;
use crate::error::Error;
use crate::host::Host;
use crate::program::{output, within};

/// Longest that the kernel may take to switch a cable.
const LIMIT: Duration = Duration::from_secs(10);

impl Lab {
    /// Ends a host as a power cut would: no process of it does anything any more.
    pub(crate) fn cut_power(&self, host: Host) -> Result<(), Error> {
        self.supervisor.ask(&format!("off {host}")).map(drop)
    }

    /// Gives a host its power back; it boots with the disk it had.
    pub(crate) fn restore_power(&self, host: Host) -> Result<(), Error> {
        self.supervisor.ask(&format!("on {host}")).map(drop)
    }

    /// Takes a host's cable out of the switch at the far end: it reaches nobody, and nobody it, while its
    /// link stays up, so that it keeps its address and goes on by itself. Its power switch still works,
    /// and a host that is fenced comes back with a new cable.
    pub(crate) fn cut_network(&self, host: Host) -> Result<(), Error> {
        let mut command = within(LIMIT, "nsenter");
        command
            .args(["--target", &self.supervisor.pid().to_string()])
            .args([
                "--net",
                "--",
                "ip",
                "link",
                "set",
                &host.cable(),
                "nomaster",
            ]);
        output(&mut command, &format!("pulling the cable of {host}")).map(drop)
    }

    /// Stops every process of a host's PostgreSQL where it stands (SIGSTOP).
    pub(crate) fn freeze(&self, host: Host) -> Result<(), Error> {
        self.host(host)
            .run(&["pkill", "--signal=STOP", "--exact", "postgres"])
            .map(drop)
    }

    /// Kills a host's postmaster and nothing else (SIGKILL).
    pub(crate) fn kill_postmaster(&self, host: Host) -> Result<(), Error> {
        let kill = "kill -KILL \"$(head -n 1 /var/lib/postgresql/15/main/postmaster.pid)\"";
        self.host(host).shell(kill).map(drop)
    }
}
