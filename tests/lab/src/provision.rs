//! Has the hosts run the provisioning scripts, in the order an administrator would.

use std::thread;
use std::time::Duration;

use crate::agent::Agent;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;
use crate::plan::Check;

/// Longest that one script may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Makes the booted hosts a cluster; `tell` hears of each step that is done.
pub(crate) fn provision(lab: &Lab, tell: &dyn Fn(&str)) -> Result<(), Error> {
    // Corosync first: the nodes find each other while the rest is made.
    on_all(lab, |host| match host {
        Host::Srv1 => &["host", "corosync", "postgresql first"],
        Host::Srv2 | Host::Srv3 => &["host", "corosync"],
        Host::Client => &["host"],
    })?;
    tell("the first instance is there");
    on_all(lab, |host| match host {
        Host::Srv1 => &["fence", "agent", "haproxy", "state"],
        Host::Srv2 | Host::Srv3 => &["fence", "postgresql copy", "agent", "haproxy", "state"],
        Host::Client => &["haproxy"],
    })?;
    tell("the others are copied");
    on_all(lab, |host| match host {
        Host::Srv1 => &["postgresql stop", "pacemaker"],
        Host::Srv2 | Host::Srv3 | Host::Client => &[],
    })?;
    tell("Pacemaker knows what to run");
    Ok(())
}

/// Has all hosts check, and be checked, in another way.
pub(crate) fn check_by(lab: &Lab, check: Check) -> Result<(), Error> {
    on_all(lab, |host| match (check, host.is_server()) {
        (Check::Daemon, true) => &["state daemon", "haproxy daemon"],
        (Check::Psql, true) => &["state psql", "haproxy psql"],
        (Check::Daemon, false) => &["haproxy daemon"],
        (Check::Psql, false) => &["haproxy psql"],
    })
}

/// Has another resource agent run the instances, which go on meanwhile.
pub(crate) fn run_by(lab: &Lab, agent: Agent) -> Result<(), Error> {
    on_all(lab, |host| match (agent, host.is_server()) {
        (Agent::Paf, true) => &["agent ocf:heartbeat:pgsqlms"],
        (Agent::Own, true) => &["agent ocf:pgsql-state:pgsqlms"],
        (_, false) => &[],
    })?;
    run(lab, Host::Srv1, &format!("exchange {}", agent.name()))
}

/// Runs each host's steps one after the other, and the hosts at the same time.
fn on_all(lab: &Lab, steps: impl Fn(Host) -> &'static [&'static str]) -> Result<(), Error> {
    thread::scope(|scope| {
        let workers: Vec<_> = Host::ALL
            .into_iter()
            .map(|host| {
                let steps = steps(host);
                scope.spawn(move || steps.iter().try_for_each(|step| run(lab, host, step)))
            })
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(Error::Unfit("provisioning a host panicked".into())))
        })
    })
}

fn run(lab: &Lab, host: Host, step: &str) -> Result<(), Error> {
    let mut words = step.split(' ');
    let name = words.next().unwrap_or_default();
    let script = format!("/lab/provision/{name}.sh");
    let mut command = vec![script.as_str(), "/lab/cluster.env"];
    command.extend(words);
    lab.host(host).run_within(LIMIT, &command).map(drop)
}
