//! From nothing to a cluster of one primary and two standbys, or to hosts that are none.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{FlockOperation, flock};

use super::Lab;
use super::down::clear;
use crate::agent::Agent;
use crate::base::{self, Root};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::places::Places;
use crate::plan::{Check, Plan};
use crate::provision::provision;
use crate::requirements;
use crate::say::say;
use crate::supervisor::client::{Starting, Supervisor};

/// Programs that are put into every host as `/lab/bin/…`, if they are beside this one.
const PROGRAMS: [&str; 3] = ["pgsql-state", "pgsql-state-traffic", "pgsqlms"];

/// Starts the lab. If that fails, or this process is killed, nothing is left of it; with
/// `keep_failed` the hosts stay for a look.
pub(crate) fn up(places: &Places, plan: &Plan, keep_failed: bool) -> Result<(), Error> {
    requirements::check_root()?;
    let _lock = lock(places)?;
    let started = Instant::now();
    let starting = start(places, &Root::Cluster(plan), plan, &Host::ALL, started)?;
    let lab = Lab {
        supervisor: starting.supervisor.clone(),
        suite: plan.suite.clone(),
    };
    let result = bring_up(&lab, started);
    if result.is_ok() || keep_failed {
        starting.stay()?;
    }
    result
}

/// Whether hosts go on when they have been used.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Afterwards {
    /// They do, whatever came of it.
    Stay,
    /// They do not.
    End,
}

/// Starts hosts that are no cluster, and has them used.
pub(crate) fn apart<T>(
    places: &Places,
    root: &Root<'_>,
    hosts: &[Host],
    afterwards: Afterwards,
    usage: impl FnOnce(&Lab) -> Result<T, Error>,
) -> Result<T, Error> {
    requirements::check_root()?;
    let _lock = lock(places)?;
    let started = Instant::now();
    let plan = Plan::of_no_cluster(root.suite().clone());
    let starting = start(places, root, &plan, hosts, started)?;
    let lab = Lab {
        supervisor: starting.supervisor.clone(),
        suite: plan.suite.clone(),
    };
    let booted = hosts
        .iter()
        .try_for_each(|host| lab.wait_until_booted(*host));
    let used = booted.and_then(|()| {
        tell(started, "booted");
        usage(&lab)
    });
    let ended = match afterwards {
        Afterwards::Stay => starting.stay().map(drop),
        Afterwards::End => starting.supervisor.end().and_then(|()| clear(places)),
    };
    used.and_then(|used| ended.map(|()| used))
}

/// What every start begins with: hosts that boot, and a supervisor that ends with the result.
fn start(
    places: &Places,
    root: &Root<'_>,
    plan: &Plan,
    hosts: &[Host],
    started: Instant,
) -> Result<Starting, Error> {
    requirements::check(places)?;
    if Supervisor::find(places).is_ok() {
        return Err(Error::AlreadyUp);
    }
    clear(places)?;
    let base = base::provide(places, root)?;
    tell(started, &format!("the base of {} is there", plan.suite));
    prepare(places, plan)?;
    Starting::begin(places, &base, hosts)
}

/// Fails where no lab can be started, for the reason for which [`up`] would.
pub(crate) fn check(places: &Places) -> Result<(), Error> {
    requirements::check_root()?;
    let _lock = lock(places)?;
    requirements::check(places)
}

fn bring_up(lab: &Lab, started: Instant) -> Result<(), Error> {
    for host in Host::ALL {
        lab.wait_until_booted(host)?;
    }
    tell(started, "the hosts have booted");
    provision(lab, &|step| tell(started, step))?;
    Cluster::new(lab).wait_until_whole()?;
    tell(
        started,
        "one primary, two standbys, and every HAProxy knows them",
    );
    Ok(())
}

fn tell(started: Instant, what: &str) {
    say(&format!(
        "{:6.1} s  {what}",
        started.elapsed().as_secs_f64()
    ));
}

/// One command at a time starts or ends the lab. Held until the result is dropped.
pub(super) fn lock(places: &Places) -> Result<File, Error> {
    let folder = places.lab();
    fs::create_dir_all(folder).map_err(Error::io(format!("make {}", folder.display())))?;
    let lock = File::open(folder).map_err(Error::io(format!("open {}", folder.display())))?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| Error::Busy)?;
    Ok(lock)
}

/// The folders of a run, and what the hosts are to find in `/lab`.
fn prepare(places: &Places, plan: &Plan) -> Result<(), Error> {
    let share = places.share();
    let bin = share.join("bin");
    let mut folders: Vec<PathBuf> = vec![places.power(), share.join("power"), bin.clone()];
    folders.push(places.run().join("console"));
    // Mount points in what the hosts see read-only.
    folders.extend([places.results(), share.join("results")]);
    folders.extend(Host::ALL.map(|host| places.journals().join(host.machine_id())));
    for folder in folders {
        fs::create_dir_all(&folder).map_err(Error::io(format!("make {}", folder.display())))?;
    }
    let suite = places.suite();
    fs::write(&suite, plan.suite.to_string())
        .map_err(Error::io(format!("write {}", suite.display())))?;
    copy_folder(&places.provision(), &share.join("provision"))?;
    copy_folder(&places.units(), &share.join("systemd"))?;
    let variables = share.join("cluster.env");
    fs::write(&variables, plan.variables())
        .map_err(Error::io(format!("write {}", variables.display())))?;
    let this = std::env::current_exe().map_err(Error::io("find this program"))?;
    for program in PROGRAMS {
        let from = this.with_file_name(program);
        if from.exists() {
            base::copy(&from, &bin.join(program))?;
        } else if is_needed(program, plan) {
            return Err(Error::NoProgram(from));
        }
    }
    Ok(())
}

/// Whether a cluster of this kind cannot do without a program.
fn is_needed(program: &str, plan: &Plan) -> bool {
    match program {
        "pgsql-state" => plan.check == Check::Daemon,
        "pgsqlms" => plan.agent == Agent::Own,
        _ => false,
    }
}

/// The files of a folder, without those below it.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::io(format!("make {}", to.display())))?;
    let entries = fs::read_dir(from).map_err(Error::io(format!("read {}", from.display())))?;
    for entry in entries.flatten() {
        let copy = to.join(entry.file_name());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            copy_folder(&entry.path(), &copy)?;
        } else {
            base::copy(&entry.path(), &copy)?;
        }
    }
    Ok(())
}
