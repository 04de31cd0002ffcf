//! The process that the hosts are children of. It runs as PID 1 of namespaces of its own (processes,
//! mounts, network), so it cannot signal a process that it did not start, and when it is killed the
//! kernel ends its hosts, mounts and network with it.
//!
//! - [`machine`]: one host: its power on and off.
//! - [`network`]: the bridge and the cables.
//! - [`mounts`]: the roots of the hosts.
//! - [`request`]: what it can be asked, as text; pure.
//! - [`serve`]: who asks it, and when it ends.
//! - [`client`]: how other processes find it and ask.

pub(crate) mod client;
mod machine;
mod mounts;
pub(crate) mod network;
mod request;
mod serve;

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::cgroup::{self, Cgroups};
use crate::error::Error;
use crate::host::Host;
use crate::places::Places;
use machine::Machine;

pub(crate) use serve::ASKED;

/// Starts these hosts and keeps them until it is told to end; then nothing of the run is left.
pub(crate) fn supervise(places: &Places, base: &Path, hosts: &[Host]) -> Result<(), Error> {
    let run = places.run();
    let lock = fs::File::open(&run).map_err(Error::io(format!("open {}", run.display())))?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| Error::AlreadyUp)?;
    let cgroups = Cgroups::make(places)?;
    let result = keep(places, base, hosts, &cgroups);
    cgroups.leave()?;
    cgroup::remove(places)?;
    mounts::remove(places);
    fs::remove_dir_all(&run).map_err(Error::io(format!("remove {}", run.display())))?;
    result
}

fn keep(places: &Places, base: &Path, hosts: &[Host], cgroups: &Cgroups) -> Result<(), Error> {
    mounts::make(places, base)?;
    network::make()?;
    let power = listen(&places.power().join("socket"))?;
    let suite = places.suite_of_the_run()?;
    let mut machines = Host::ALL.map(|host| Machine::new(host, places, &suite));
    for machine in &mut machines {
        if hosts.contains(&machine.host()) {
            machine.boot(cgroups)?;
        }
    }
    // Last, since whoever asks on it may take the hosts for started.
    let control = listen(&places.control())?;
    let result = serve::serve(&power, &control, &mut machines, cgroups);
    for machine in &mut machines {
        machine.off()?;
    }
    result
}

fn listen(path: &Path) -> Result<UnixListener, Error> {
    let doing = || Error::io(format!("listen on {}", path.display()));
    let listener = UnixListener::bind(path).map_err(doing())?;
    listener.set_nonblocking(true).map_err(doing())?;
    Ok(listener)
}
