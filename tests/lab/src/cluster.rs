//! The cluster in the hosts, as an administrator sees it: who is what, and moving roles about.
//!
//! - [`fencing`]: a slower fence device for a while.
//! - [`leftovers`]: what is left of an earlier trouble.
//! - [`out_of_service`]: a node that runs nothing for a while.
//! - [`roles`]: what Pacemaker says, as text; pure.
//! - [`slow_stop`]: an agent that takes long to stop an instance, for a while.
//! - [`tuning`]: settings for a while.

mod fencing;
mod leftovers;
mod out_of_service;
mod roles;
mod slow_stop;
mod tuning;

use std::collections::BTreeMap;
use std::time::Duration;

use support::haproxy::{Row, Status, rows};

use crate::agent::Agent;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, On, wait_for};

pub(crate) use fencing::FenceDelay;
pub(crate) use out_of_service::OutOfService;
pub(crate) use roles::Role;
pub(crate) use slow_stop::SlowStop;
pub(crate) use tuning::MARK;

/// The resource of the instances: `pgsqld`, once on each server.
const CLONE: &str = "pgsqld-clone";

/// Longest from Pacemaker's first election to a cluster that works.
const WHOLE: Duration = Duration::from_secs(120);

/// The cluster of a lab.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster<'a> {
    lab: &'a Lab,
}

impl<'a> Cluster<'a> {
    /// The cluster that the lab's hosts make.
    pub(crate) fn new(lab: &'a Lab) -> Self {
        Self { lab }
    }

    /// Who runs the instances.
    pub(crate) fn agent(self) -> Result<Agent, Error> {
        let query = ["crm_resource", "--resource", "pgsqld", "--query-xml"];
        let text = self.lab.host(Host::Srv1).run(&query)?;
        Agent::of_resource(&text)
            .ok_or_else(|| Error::Unfit("no agent that is known here runs the instances".into()))
    }

    /// The roles of the instances as Pacemaker on `asked` knows them.
    pub(crate) fn roles(self, asked: Host) -> Result<BTreeMap<Host, Role>, Error> {
        let limit = Duration::from_secs(10);
        let command = ["crm_resource", "--resource", CLONE, "--locate"];
        let text = self.lab.host(asked).run_within(limit, &command)?;
        Ok(roles::parse(&text))
    }

    /// The primary that Pacemaker knows, asked on the first server that answers.
    pub(crate) fn primary(self) -> Result<Host, Error> {
        let mut why = Error::Unfit("no server has power".into());
        for server in Host::SERVERS {
            match self.roles(server) {
                Ok(roles) => {
                    let primary = roles.iter().find(|(_, role)| **role == Role::Primary);
                    match primary {
                        Some((&host, _)) => return Ok(host),
                        None => why = Error::Unfit("no instance is primary".into()),
                    }
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// The standbys that stream from `primary` what it writes now, by name. One that went another way
    /// streams too, the end of an old timeline, again and again.
    pub(crate) fn following(self, primary: Host) -> Result<Vec<Host>, Error> {
        let on = self.lab.host(primary);
        let streaming =
            on.sql("SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'")?;
        let timeline = on.sql("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)")?;
        let follows = |host: &Host| {
            let received =
                "SELECT upper(lpad(to_hex(received_tli), 8, '0')) FROM pg_stat_wal_receiver";
            streaming.lines().any(|name| name == host.name())
                && self
                    .lab
                    .host(*host)
                    .sql(received)
                    .is_ok_and(|of| of == timeline)
        };
        Ok(Host::SERVERS.into_iter().filter(follows).collect())
    }

    /// What a host's port 5431 says to another host.
    pub(crate) fn answer(self, host: Host) -> Result<String, Error> {
        let limit = Duration::from_secs(5);
        let command = ["ncat", "--recv-only", "--wait", "2", host.name(), "5431"];
        let text = self.lab.host(Host::Client).run_within(limit, &command)?;
        Ok(text.trim_end().to_owned())
    }

    /// How a host's HAProxy sees the servers.
    pub(crate) fn haproxy(self, host: Host) -> Result<Vec<Row>, Error> {
        let ask = "echo 'show stat' | socat -t 5 - UNIX-CONNECT:/run/haproxy/admin.sock";
        let text = self
            .lab
            .host(host)
            .run_within(Duration::from_secs(10), &["sh", "-c", ask])?;
        rows(&text).map_err(|why| Error::Unfit(format!("HAProxy of {host}: {why}")))
    }

    /// Has Pacemaker move the primary's role to another host; returns at once.
    pub(crate) fn move_to(self, to: Host) -> Result<(), Error> {
        let on = self.lab.host(to);
        let node = ["--move", "--promoted", "--node", to.name()];
        resource(on, &node)
    }

    /// Withdraws the preference that [`Cluster::move_to`] left, told on any server that lives.
    pub(crate) fn withdraw(self, told: Host) -> Result<(), Error> {
        resource(self.lab.host(told), &["--clear"])
    }

    /// The same, and forgets failures.
    pub(crate) fn forget(self) -> Result<(), Error> {
        let primary = self.primary()?;
        self.withdraw(primary)?;
        let on = self.lab.host(primary);
        on.run(&["crm_resource", "--cleanup"]).map(drop)
    }

    /// Makes a server's instance anew from the primary's, as an administrator does with a former
    /// primary that holds rows nobody else has.
    pub(crate) fn rebuild(self, host: Host) -> Result<(), Error> {
        let primary = self.primary()?;
        let on = self.lab.host(host);
        let limit = Duration::from_secs(90);
        self.stop_instance(host)?;
        let script = "/lab/provision/postgresql.sh";
        let copy = [script, "/lab/cluster.env", "copy", primary.name()];
        on.run_within(limit, &copy)?;
        self.allow_instance(host)
    }

    /// Has Pacemaker stop a server's instance, and waits until it has.
    pub(crate) fn stop_instance(self, host: Host) -> Result<(), Error> {
        let on = self.lab.host(host);
        let ban = ["--ban", "--node", host.name()];
        resource(on, &ban)?;
        let stopped = ["crm_resource", "--wait", "--timeout", "60"];
        on.run_within(Duration::from_secs(90), &stopped).map(drop)
    }

    /// Lets Pacemaker start it again.
    pub(crate) fn allow_instance(self, host: Host) -> Result<(), Error> {
        let on = self.lab.host(host);
        let clear = ["--clear", "--node", host.name()];
        resource(on, &clear)?;
        on.run(&["crm_resource", "--cleanup"]).map(drop)
    }

    /// Waits until Pacemaker counts a server that was away among those online.
    pub(crate) fn wait_until_member(self, host: Host) -> Result<(), Error> {
        wait_for(&format!("{host} to be online again"), WHOLE, || {
            let on = self.lab.host(self.primary()?);
            let text = on.run(&["crm_mon", "--one-shot", "--include=none,nodes"])?;
            let online = text.lines().find(|line| line.contains("Online:"));
            let words = online.unwrap_or_default().split_whitespace();
            if words.into_iter().any(|word| word == host.name()) {
                Ok(())
            } else {
                Err(Error::Unfit(format!("Pacemaker says {:?}", text.trim())))
            }
        })
    }

    /// Waits until there is one primary, two standbys stream from it, Pacemaker would promote either of
    /// them, and every HAProxy sends clients where they belong.
    pub(crate) fn wait_until_whole(self) -> Result<Host, Error> {
        self.wait_until_whole_within(WHOLE)
    }

    /// The same with a limit of one's own.
    pub(crate) fn wait_until_whole_within(self, limit: Duration) -> Result<Host, Error> {
        let what = "one primary, two streaming standbys, and every HAProxy to know them";
        wait_for(what, limit, || {
            let primary = self.is_whole()?;
            self.is_promotable_behind(primary)?;
            Ok::<_, Error>(primary)
        })
    }

    /// PAF gives a standby its promotion score at the primary's next monitor, up to 15 s after it
    /// streams; until then nobody is promoted in the primary's place. Nor is the old primary's score taken
    /// away before, so that the role would go back to it.
    fn is_promotable_behind(self, primary: Host) -> Result<(), Error> {
        let first = self.score(primary)?;
        for host in Host::SERVERS {
            let score = self.score(host)?;
            if score <= 0 || (host != primary && score >= first) {
                return Err(Error::Unfit(format!(
                    "the promotion score of {host} is {score}, that of {primary} {first}"
                )));
            }
        }
        Ok(())
    }

    fn score(self, host: Host) -> Result<i64, Error> {
        let said = self.lab.host(host).run(&[
            "crm_attribute",
            "--quiet",
            "--query",
            "--lifetime",
            "forever",
            "--node",
            host.name(),
            "--name",
            "master-pgsqld",
        ])?;
        let score = said.trim();
        let told = || Error::Unfit(format!("the promotion score of {host} is {score:?}"));
        score.parse().map_err(|_| told())
    }

    /// Waits until Pacemaker has nothing more to do; a demote or stop of PAF may take minutes.
    pub(crate) fn wait_until_idle(self) -> Result<(), Error> {
        let on = self.lab.host(Host::Srv1);
        let idle = ["crm_resource", "--wait", "--timeout", "360"];
        on.run_within(Duration::from_secs(370), &idle).map(drop)
    }

    /// The primary of a cluster that lacks nothing, or what it lacks.
    fn is_whole(self) -> Result<Host, Error> {
        let primary = self.primary()?;
        let standbys = self.following(primary)?;
        let mut wanted = Host::SERVERS.to_vec();
        wanted.retain(|host| *host != primary);
        if standbys != wanted {
            return Err(Error::Unfit(format!("{standbys:?} follow {primary}")));
        }
        let wanted: Vec<&str> = wanted.into_iter().map(Host::name).collect();
        for host in Host::ALL {
            let rows = self.haproxy(host)?;
            for (listen, wanted) in [("prod", &vec![primary.name()]), ("stdby", &wanted)] {
                let up = servers_up(&rows, listen);
                if up != *wanted {
                    return Err(Error::Unfit(format!(
                        "HAProxy of {host} sends {listen} to {up:?}"
                    )));
                }
            }
        }
        Ok(primary)
    }
}

/// Tells Pacemaker something about the instances.
fn resource(on: On<'_>, words: &[&str]) -> Result<(), Error> {
    on.run(&[&["crm_resource", "--resource", CLONE], words].concat())
        .map(drop)
}

/// The servers of a listen block that get clients.
pub(crate) fn servers_up<'a>(rows: &'a [Row], listen: &str) -> Vec<&'a str> {
    rows.iter()
        .filter(|row| row.proxy == listen && row.status == Status::Up)
        .map(|row| row.server.as_str())
        .collect()
}
