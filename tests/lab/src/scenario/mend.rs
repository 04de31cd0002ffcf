//! Makes a cluster whole again, whatever was done to it: power, membership, replication.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, wait_for};
use crate::say::say;

/// Time for a server that was away to follow again by itself, from when it is a member.
const REJOINING: Duration = Duration::from_secs(20);

/// Makes the cluster whole, and returns the servers whose instances had to be made anew.
pub(crate) fn make_whole(lab: &Lab) -> Result<Vec<Host>, Error> {
    let cluster = Cluster::new(lab);
    for host in Host::ALL {
        if !lab.has_power(host)? {
            lab.restore_power(host)?;
        }
    }
    for host in Host::ALL {
        lab.wait_until_booted(host)?;
    }
    for host in Host::SERVERS {
        cluster.as_usual(host)?;
    }
    for host in Host::SERVERS {
        cluster.wait_until_member(host)?;
    }
    cluster.wait_until_idle()?;
    cluster.forget()?;
    let rebuilt = rebuild_what_does_not_follow(cluster)?;
    if !rebuilt.is_empty() {
        cluster.forget()?;
    }
    cluster.wait_until_whole()?;
    Ok(rebuilt)
}

fn rebuild_what_does_not_follow(cluster: Cluster<'_>) -> Result<Vec<Host>, Error> {
    let lacking = || -> Result<Vec<Host>, Error> {
        let primary = cluster.primary()?;
        let following = cluster.following(primary)?;
        let away = |host: &Host| *host != primary && !following.contains(host);
        Ok(Host::SERVERS.into_iter().filter(away).collect())
    };
    let all = wait_for("both standbys to follow", REJOINING, || match lacking() {
        Ok(lacking) if lacking.is_empty() => Ok(()),
        Ok(lacking) => Err(Error::Unfit(format!("{lacking:?} do not"))),
        Err(error) => Err(error),
    });
    if all.is_ok() {
        return Ok(Vec::new());
    }
    let lacking = lacking()?;
    for host in &lacking {
        say(&format!(
            "{host} does not follow; its instance is made anew"
        ));
        cluster.rebuild(*host)?;
    }
    Ok(lacking)
}
