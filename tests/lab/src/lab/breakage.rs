//! What scenarios do to hosts. Nothing here is undone by itself.

use std::time::Duration;

use super::{Lab, wait_for};
use crate::error::Error;
use crate::host::Host;
use crate::program::{output, within};
use crate::supervisor::network::BRIDGE;

/// Longest that the kernel may take to switch a cable.
const LIMIT: Duration = Duration::from_secs(10);

/// Longest that a host's services may take to end: those of Pacemaker, and an instance that waits for its
/// standbys.
const SHUTDOWN: Duration = Duration::from_secs(300);

/// The table of nftables that cuts replication.
const CUT: &str = "cut";

/// Where each host's PostgreSQL listens.
const PORT: u16 = 5434;

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
        self.switch_cable(host, &["nomaster"], "pulling the cable")
    }

    /// Puts it back, if it was taken out and the host has not got a new one.
    pub(crate) fn restore_network(&self, host: Host) -> Result<(), Error> {
        self.switch_cable(host, &["master", BRIDGE], "plugging in the cable")
    }

    fn switch_cable(&self, host: Host, how: &[&str], doing: &str) -> Result<(), Error> {
        let mut command = within(LIMIT, "nsenter");
        command
            .args(["--target", &self.supervisor.pid().to_string()])
            .args(["--net", "--", "ip", "link", "set", &host.cable()])
            .args(how);
        output(&mut command, &format!("{doing} of {host}")).map(drop)
    }

    /// Drops what goes between a standby's host and the port of the primary's PostgreSQL, both ways, so that
    /// replication stands still and nobody is told. All else goes on.
    pub(crate) fn cut_replication(&self, standby: Host, primary: Host) -> Result<(), Error> {
        let address = primary.address();
        let rules = format!(
            "nft --file - <<'END'\n\
             table inet {CUT} {{\n\
             chain in {{ type filter hook input priority 0; ip saddr {address} tcp sport {PORT} drop; }}\n\
             chain out {{ type filter hook output priority 0; ip daddr {address} tcp dport {PORT} drop; }}\n\
             }}\nEND"
        );
        self.host(standby).shell(&rules).map(drop)
    }

    /// Takes that back, if it was done.
    pub(crate) fn restore_replication(&self, standby: Host) -> Result<(), Error> {
        let restore = format!("nft delete table inet {CUT} 2>/dev/null || true");
        self.host(standby).shell(&restore).map(drop)
    }

    /// Shuts a host down as an administrator does, and waits until its power is off.
    pub(crate) fn shut_down(&self, host: Host) -> Result<(), Error> {
        self.host(host)
            .run(&["systemctl", "--no-block", "poweroff"])?;
        wait_for(&format!("{host} to shut down"), SHUTDOWN, || {
            match self.has_power(host) {
                Ok(false) => Ok(()),
                Ok(true) => Err(Error::Unfit("it still runs".into())),
                Err(error) => Err(error),
            }
        })
    }

    /// Stops every process of a host's PostgreSQL where it stands (SIGSTOP).
    pub(crate) fn freeze(&self, host: Host) -> Result<(), Error> {
        self.host(host)
            .run(&["pkill", "--signal=STOP", "--exact", "postgres"])
            .map(drop)
    }

    /// Kills a host's postmaster and nothing else (SIGKILL).
    pub(crate) fn kill_postmaster(&self, host: Host) -> Result<(), Error> {
        let kill = "kill -KILL \"$(head -n 1 $PG_DATA/postmaster.pid)\"";
        self.host(host).shell(kill).map(drop)
    }
}
