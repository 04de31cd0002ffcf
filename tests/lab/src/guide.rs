//! Follows the guide from three empty machines, as a reader would, and tells how long it took.
//!
//! - [`page`]: the guide as steps; pure.

mod page;

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use support::suites::Suite;

use crate::base::{self, Root};
use crate::error::Error;
use crate::host::Host;
use crate::lab::{self, Afterwards, Lab};
use crate::places::Places;
use crate::say::say;
use page::{Step, Whose, commands, packages, steps, with_version};

/// Longest that one step may take.
const LIMIT: Duration = Duration::from_secs(240);

/// The lab's fence device, in place of the reader's: its agent is for every server, and one of them tells
/// Pacemaker of the device.
const FENCE_AGENT: &str = "install -m 755 /lab/provision/fence_lab /usr/sbin/fence_lab";
const FENCE_DEVICE: &str = "pcs stonith create fence fence_lab socket=/lab/power/socket \
     pcmk_host_list='srv1 srv2 srv3' pcmk_host_check=static-list --wait=30";

/// The key that the reader copies from the first host to the others.
const KEY: &str = "/etc/pgsql-state/cluster.key";

/// What to follow, and with which package.
#[derive(Clone, Debug, Args)]
pub(crate) struct Guide {
    /// The page
    #[arg(long, value_name = "FILE", default_value = "docs/guide/cluster.md")]
    page: PathBuf,
    /// Debian's suite that the hosts are of, one of tests/suites
    #[arg(long, env = "SUITE", default_value = "stable")]
    suite: Suite,
    /// Leave the hosts running for a look
    #[arg(long)]
    keep: bool,
    /// The package that the page installs, as `make packages` makes it
    package: PathBuf,
}

/// Starts empty hosts and does on them what the page says.
pub(crate) fn follow(places: &Places, guide: &Guide) -> Result<(), Error> {
    let page = guide.page.display();
    let text = fs::read_to_string(&guide.page).map_err(Error::io(format!("read {page}")))?;
    let mut steps = steps(&text).map_err(|error| Error::Unfit(format!("{page}, {error}")))?;
    // As the page tells its reader.
    let pages: Suite = "stable".parse()?;
    for step in &mut steps {
        let (here, there) = (pages.postgresql, guide.suite.postgresql);
        step.commands = with_version(&step.commands, here, there);
    }
    let root = Root::Bare(&guide.suite, packages(&steps));
    let afterwards = if guide.keep {
        Afterwards::Stay
    } else {
        Afterwards::End
    };
    lab::apart(places, &root, &Host::ALL, afterwards, |lab| {
        let name = guide.package.file_name().unwrap_or_default();
        base::copy(&guide.package, &places.share().join("bin").join(name))?;
        on_each(&Host::SERVERS, |host| {
            lab.host(host).shell("cp /lab/bin/*.deb /root/").map(drop)
        })?;
        do_all(lab, &steps)
    })
}

fn do_all(lab: &Lab, steps: &[Step]) -> Result<(), Error> {
    let begun = Instant::now();
    let mut typed = 0;
    for step in steps {
        let before = Instant::now();
        take(lab, step)?;
        typed += commands(&step.commands);
        say(&format!(
            "{:6.1} s  line {:3} is done, in {:.1} s",
            begun.elapsed().as_secs_f64(),
            step.line,
            before.elapsed().as_secs_f64()
        ));
    }
    say(&format!(
        "{typed} commands and {:.0} s from three empty machines to the end of the page",
        begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

fn take(lab: &Lab, step: &Step) -> Result<(), Error> {
    if step.by == Whose::ReadersOwn && step.commands.contains(KEY) {
        return copy_key(lab, &step.hosts);
    }
    if step.by == Whose::ReadersOwn {
        let instead = match step.hosts.as_slice() {
            [_] => FENCE_DEVICE,
            _ => FENCE_AGENT,
        };
        return on_each(&step.hosts, |host| lab.host(host).shell(instead).map(drop));
    }
    on_each(&step.hosts, |host| {
        let shell = ["bash", "-euo", "pipefail", "-c", &step.commands];
        let said = lab.host(host).run_within(LIMIT, &shell)?;
        match &step.shows {
            Some(shown) if *shown != said => Err(Error::Unfit(format!(
                "line {} of the page shows {shown:?}, and {host} says {said:?}",
                step.line
            ))),
            Some(_) | None => Ok(()),
        }
    })
}

/// Copies the key as the reader would over SSH, which the hosts do not have.
fn copy_key(lab: &Lab, hosts: &[Host]) -> Result<(), Error> {
    let [first, ..] = Host::SERVERS;
    let key = lab.host(first).shell(&format!("cat {KEY}"))?;
    let key = key.trim_end();
    let install = format!("echo {key} | install -m 640 -g pgsql-state /dev/stdin {KEY}");
    on_each(hosts, |host| lab.host(host).shell(&install).map(drop))
}

/// Does something on several hosts at the same time.
fn on_each(hosts: &[Host], what: impl Fn(Host) -> Result<(), Error> + Sync) -> Result<(), Error> {
    thread::scope(|scope| {
        let what = &what;
        let workers: Vec<_> = hosts
            .iter()
            .map(|&host| scope.spawn(move || what(host)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            let panicked = |_| Err(Error::Unfit("a step of the guide panicked".into()));
            worker.join().unwrap_or_else(panicked)
        })
    })
}
