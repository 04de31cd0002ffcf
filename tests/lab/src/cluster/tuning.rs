//! Settings for a while: of the instances, and of what the daemon asks of a standby. Each is marked where
//! it stands, so that it can be taken back whoever made it.

use std::time::Duration;

use super::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::wait_for;

/// Longest until a setting is in force.
const IN_FORCE: Duration = Duration::from_secs(20);

/// Ends each line that is to be taken back.
pub(crate) const MARK: &str = "# for a while";

const INSTANCE: &str = "/etc/pgsql-cluster/server.conf";
/// Asks Pacemaker for the daemon.
const QUORUM: &str = "pgsql-state-quorum.service";
const DAEMON: &str = "/etc/pgsql-state/pgsql-state.toml";

impl Cluster<'_> {
    /// Has each row wait for one standby, and waits until there is one to wait for.
    pub(crate) fn be_synchronous(self) -> Result<(), Error> {
        for host in Host::SERVERS {
            self.set(host, "synchronous_standby_names = 'ANY 1 (*)'")?;
        }
        let on = self.lab.host(self.primary()?);
        let standbys = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'";
        wait_for("synchronous standbys", IN_FORCE, || {
            match on.sql(standbys)?.as_str() {
                "2" => Ok(()),
                number => Err(Error::Unfit(format!("there are {number}"))),
            }
        })
    }

    /// Adds a line to the settings of a server's instance.
    pub(crate) fn set(self, host: Host, line: &str) -> Result<(), Error> {
        let on = self.lab.host(host);
        on.shell(&format!("echo \"{line} {MARK}\" >>{INSTANCE}"))?;
        on.sql("SELECT pg_reload_conf()").map(drop)
    }

    /// Takes back what [`Cluster::set`] added there.
    pub(crate) fn unset(self, host: Host) -> Result<(), Error> {
        let on = self.lab.host(host);
        on.shell(&format!("sed -i '/{MARK}$/d' {INSTANCE}"))?;
        on.sql("SELECT pg_reload_conf()").map(drop)
    }

    /// Adds a condition to those that a host's daemon has for standbys.
    pub(crate) fn condition(self, host: Host, line: &str) -> Result<(), Error> {
        let text = format!(
            "printf '[standby] {MARK}\\n%s {MARK}\\n' '{line}' >>{DAEMON}\n\
             systemctl reload pgsql-state.service"
        );
        self.lab.host(host).shell(&text).map(drop)
    }

    /// Has a host's daemon tell a primary only while Pacemaker says that the host has quorum.
    pub(crate) fn guard_by_quorum(self, host: Host) -> Result<(), Error> {
        let text = format!(
            "printf '[guard] {MARK}\\nquorum = \"pacemaker\" {MARK}\\n' >>{DAEMON}\n\
             systemctl start {QUORUM} && systemctl restart pgsql-state.service"
        );
        self.lab.host(host).shell(&text).map(drop)
    }

    /// Takes back whatever was set for a while on a server, and starts what may have ended there.
    pub(crate) fn as_usual(self, host: Host) -> Result<(), Error> {
        let text = format!(
            "pkill --signal=CONT --exact postgres || true\n\
             rm -f /var/lib/postgresql/ballast\n\
             nft flush ruleset\n\
             if grep --quiet '{MARK}' {DAEMON} 2>/dev/null; then\n\
             sed -i '/{MARK}$/d' {DAEMON}; systemctl try-reload-or-restart pgsql-state.service; fi\n\
             systemctl stop {QUORUM} || true\n\
             systemctl reset-failed\n\
             systemctl start haproxy.service pgsql-state.socket corosync.service pacemaker.service\n\
             if grep --quiet '{MARK}' {INSTANCE}; then echo set; fi"
        );
        let said = self.lab.host(host).shell(&text)?;
        if said.trim() == "set" {
            // A stopped instance reads its settings when it starts.
            self.unset(host).ok();
        }
        Ok(())
    }
}
