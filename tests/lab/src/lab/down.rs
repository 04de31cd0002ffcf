//! Ends the lab, and clears what a killed one left.

use std::fs::{self, File};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use support::until_ok_every;

use super::up::lock;
use crate::cgroup;
use crate::error::Error;
use crate::places::Places;
use crate::requirements;
use crate::say::say;
use crate::supervisor::client::Supervisor;

/// How often it is looked again whether the kernel is done.
const PAUSE: Duration = Duration::from_millis(50);

/// Ends the lab if one is up. Only the cached base stays.
pub(crate) fn down(places: &Places) -> Result<(), Error> {
    requirements::check_root()?;
    let _lock = lock(places)?;
    if let Ok(supervisor) = Supervisor::find(places) {
        supervisor.end()?;
    }
    clear(places)
}

/// Removes what a run left that was killed. Its processes, mounts, bridge and network were ended by the
/// kernel with its supervisor; files and control groups are left.
pub(super) fn clear(places: &Places) -> Result<(), Error> {
    let run = places.run();
    let Ok(folder) = File::open(&run) else {
        return Ok(());
    };
    // A supervisor that answers nobody any more may still be ending its hosts.
    let limit = Duration::from_secs(30);
    until_ok_every(PAUSE, limit, "an earlier lab to end", || {
        flock(&folder, FlockOperation::NonBlockingLockExclusive)
    })?;
    if !run.exists() {
        return Ok(());
    }
    say("clearing what a killed lab left");
    cgroup::remove(places)?;
    // A root stays busy until the last process of the killed run is gone.
    until_ok_every(
        PAUSE,
        limit,
        &format!("{} to be removed", run.display()),
        || fs::remove_dir_all(&run),
    )?;
    Ok(())
}
