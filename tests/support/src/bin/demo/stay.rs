//! The cluster stays up for whoever wants to look, and what changes is told.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::end::End;
use crate::picture::Picture;
use crate::screen;
use crate::stage::Stage;

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells what changes until Ctrl-C, which is the end that was wanted.
pub(crate) fn until_interrupted(stage: &Stage, cluster: &Cluster) -> Result<(), End> {
    invite(cluster);
    match watch(stage, cluster) {
        Ok(never) => match never {},
        Err(End::Interrupted) => Ok(()),
        Err(end) => Err(end),
    }
}

fn invite(cluster: &Cluster) {
    let places = &cluster.places;
    let hosts = places.hosts.map(|host| places.state(host).to_string());
    screen::title("The cluster stays up; Ctrl-C ends it");
    screen::line(&format!(
        "statistics of HAProxy  http://{}/",
        places.stats()
    ));
    screen::line(&format!(
        "the answers            pgsql-state ask {}",
        hosts.join(" ")
    ));
    for (role, address) in [("writers", places.writers()), ("readers", places.readers())] {
        let (ip, port) = (address.ip(), address.port());
        screen::line(&format!(
            "as {role} do          psql -h {ip} -p {port} -U postgres"
        ));
    }
}

fn watch(stage: &Stage, cluster: &Cluster) -> Result<std::convert::Infallible, End> {
    let mut shown = Picture::take(cluster)?;
    loop {
        stage.rest(PAUSE)?;
        let now = Picture::take(cluster)?;
        if now != shown {
            screen::table(&now);
            shown = now;
        }
    }
}
