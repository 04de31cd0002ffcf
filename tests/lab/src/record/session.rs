//! A cluster whose agents are recorded, and what scenarios do with it. Everything that is done to it is noted
//! beside what comes of it.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::calls::{merge, read};
use super::journal::{changes, decisions};
use super::recording::{Recording, State};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, wait_for};
use crate::scenario::time_of_day;

/// Longest until a cluster is what a scenario waits for.
const HEALING: Duration = Duration::from_secs(180);

/// Longest until Pacemaker has nothing to do, as its tool and as this program counts.
const IDLE: [&str; 2] = ["--wait", "--timeout=120"];
const IDLE_LIMIT: Duration = Duration::from_secs(150);

/// A cluster that is recorded.
#[derive(Debug)]
pub(super) struct Session<'a> {
    pub(super) lab: &'a Lab,
    pub(super) cluster: Cluster<'a>,
    scenario: &'static str,
    began: Duration,
    before: State,
    did: RefCell<Vec<(Duration, String)>>,
    /// The primary at the beginning.
    pub(super) primary: Host,
    /// Another server.
    pub(super) standby: Host,
    /// And the other one.
    pub(super) third: Host,
}

impl<'a> Session<'a> {
    /// Has a whole cluster's agents recorded from now on.
    pub(super) fn begin(lab: &'a Lab, scenario: &'static str) -> Result<Self, Error> {
        let cluster = Cluster::new(lab);
        let primary = cluster.wait_until_whole()?;
        let mut standbys = Host::SERVERS.into_iter().filter(|host| *host != primary);
        let (Some(standby), Some(third)) = (standbys.next(), standbys.next()) else {
            return Err(Error::Unfit("there are no two standbys".into()));
        };
        for host in Host::SERVERS {
            let on = ["/lab/provision/record.sh", "/lab/cluster.env", "on"];
            lab.host(host).run(&on)?;
        }
        let session = Self {
            lab,
            cluster,
            scenario,
            began: time_of_day(),
            before: state(lab, cluster),
            did: RefCell::default(),
            primary,
            standby,
            third,
        };
        Ok(session)
    }

    /// Has everything that was noted since the lab is up belong to this recording.
    pub(super) fn since_the_beginning(&self) -> Result<(), Error> {
        let first = self.calls(Duration::ZERO);
        let first = first.first().filter(|call| call.action == "monitor");
        first.map(drop).ok_or_else(|| {
            Error::Unfit(
                "the first start was not noted; start the lab with `up --recording`".into(),
            )
        })
    }

    /// Notes what is being done.
    pub(super) fn did(&self, what: impl Into<String>) {
        self.did.borrow_mut().push((time_of_day(), what.into()));
    }

    /// Runs an administrator's command on a host.
    pub(super) fn command(&self, on: Host, command: &str) -> Result<(), Error> {
        self.did(format!("{on}: {command}"));
        self.lab.host(on).shell(command).map(drop)
    }

    /// Has a host run lines of shell once, before the next call of this action there. With an exit status other
    /// than 0 that call fails with it.
    pub(super) fn hook(&self, on: Host, action: &str, lines: &str) -> Result<(), Error> {
        self.did(format!("{on}: at the next {action}: {lines}"));
        let path = self.lab.results().join(format!("hook-{on}-{action}"));
        fs::write(&path, lines).map_err(Error::io(format!("write {}", path.display())))
    }

    /// Waits until this server is the primary, and Pacemaker has nothing to do.
    pub(super) fn until_primary(&self, is_wanted: impl Fn(Host) -> bool) -> Result<Host, Error> {
        let primary = wait_for("the right primary", HEALING, || {
            match self.cluster.primary()? {
                host if is_wanted(host) => Ok(host),
                host => Err(Error::Unfit(format!("{host} is the primary"))),
            }
        })?;
        self.idle(primary)?;
        Ok(primary)
    }

    /// Waits until a server knows no primary any more.
    pub(super) fn until_no_primary(&self, asked: Host) -> Result<(), Error> {
        wait_for("no primary", HEALING, || {
            if self.cluster.roles(asked)?.is_empty() {
                Ok(())
            } else {
                Err(Error::Unfit("instances run".into()))
            }
        })
    }

    /// Waits until Pacemaker has nothing to do.
    pub(super) fn idle(&self, asked: Host) -> Result<(), Error> {
        let words = [&["crm_resource"], IDLE.as_slice()].concat();
        let on = self.lab.host(asked);
        on.run_within(IDLE_LIMIT, &words).map(drop)
    }

    /// Waits until nothing is lacking.
    pub(super) fn whole(&self) -> Result<(), Error> {
        let primary = self.cluster.wait_until_whole()?;
        self.idle(primary)
    }

    /// Lets so many seconds pass.
    pub(super) fn pause(&self, seconds: u8) -> Result<(), Error> {
        let client = self.lab.host(Host::Client);
        client.run(&["sleep", &seconds.to_string()]).map(drop)
    }

    /// What was recorded.
    pub(super) fn end(self) -> Result<Recording, Error> {
        let began = if self.scenario == super::list::FIRST_START {
            let calls = self.calls(Duration::ZERO);
            // The plan for the first call belongs to it.
            let first = calls.first().map_or(self.began, |call| call.at);
            first.saturating_sub(Duration::from_secs(1))
        } else {
            self.began
        };
        let journal = self.lab.journal_since(began)?;
        let mut decisions = decisions(&journal);
        decisions.retain(|decision| decision.at >= began);
        let mut changes = changes(&self.logs());
        changes.retain(|change| change.at >= began);
        let before = if began < self.began {
            State::default()
        } else {
            self.before.clone()
        };
        for host in Host::SERVERS {
            for entry in fs::read_dir(self.lab.results())
                .into_iter()
                .flatten()
                .flatten()
            {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(&format!("hook-{host}-")) {
                    fs::remove_file(entry.path()).ok();
                }
            }
        }
        Ok(Recording {
            scenario: self.scenario,
            began,
            before,
            calls: self.calls(began),
            decisions,
            changes,
            after: state(self.lab, self.cluster),
            did: self.did.into_inner(),
        })
    }

    fn calls(&self, since: Duration) -> Vec<super::calls::Call> {
        let notes = Host::SERVERS.map(|host| {
            let path: PathBuf = self.lab.results().join(format!("calls-{host}"));
            // A host that has not called it yet has no notes.
            let text = fs::read_to_string(&path).unwrap_or_default();
            let mut calls = read(host, &text);
            calls.retain(|call| call.at >= since);
            calls
        });
        merge(notes.into())
    }

    /// What the hosts' log files say of attributes, each line after its time.
    fn logs(&self) -> String {
        let script = "log=/var/log/pacemaker/pacemaker.log\n\
             lines=$(grep -E \"cib_perform_op.*(nodes|status)-[1-3]-\" $log)\n\
             paste <(cut -c1-19 <<<\"$lines\" | date --file=- +%s%3N) - <<<\"$lines\"";
        let said = Host::SERVERS.map(|host| {
            // One that has no power tells nothing; the others do.
            self.lab.host(host).shell(script).unwrap_or_default()
        });
        said.concat()
    }
}

/// What Pacemaker knows now, as the first server that answers tells.
fn state(lab: &Lab, cluster: Cluster<'_>) -> State {
    let mut state = State::default();
    let roles = Host::SERVERS
        .into_iter()
        .find_map(|host| cluster.roles(host).ok())
        .unwrap_or_default();
    for host in Host::SERVERS {
        let query = format!(
            "crm_attribute --quiet --query --lifetime forever --node {host} --name master-pgsqld"
        );
        let score = Host::SERVERS
            .into_iter()
            .find_map(|asked| lab.host(asked).shell(&query).ok());
        let role = roles.get(&host).map(ToString::to_string);
        state.add(host, role, score.map(|score| score.trim().to_owned()));
    }
    let dc = Host::SERVERS
        .into_iter()
        .find_map(|host| lab.host(host).shell("crmadmin --quiet --dc_lookup").ok());
    // Pacemaker 2.1 says "Designated Controller is: srv2 2.1.5-…", or the name alone.
    let dc = dc.unwrap_or_default();
    let named = Host::SERVERS
        .into_iter()
        .find(|host| dc.split_whitespace().any(|word| word == host.name()));
    state.dc = named.map(|host| host.name().to_owned()).unwrap_or_default();
    state
}
