//! What must be true of the cluster before the primary is stopped and after a standby is promoted.

use std::collections::BTreeSet;
use std::net::SocketAddrV4;

use postgres::{Config, NoTls};
use support::Trouble;
use support::postgres::{ORDINARY, rows};

use crate::cluster::{Cluster, Host};
use crate::end::End;
use crate::picture::{Part, Picture};
use crate::screen;
use crate::stage::Stage;

/// Connections made to see where readers are led: enough to meet every standby.
const READERS: usize = 6;

/// Waits until these hosts, and no others, stream from the primary.
pub(crate) fn wait_for_streaming(
    stage: &Stage,
    primary: &Host,
    standbys: &[&Host],
) -> Result<(), End> {
    let names: Vec<&str> = standbys.iter().map(|host| host.name).collect();
    let what = format!("{} to stream from {}", names.join(" and "), primary.name);
    stage.wait(&what, || {
        let sql =
            "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming' ORDER BY 1";
        match primary.postgres.query(sql) {
            Ok(streaming) if streaming == names.join("\n") => Ok(()),
            Ok(streaming) => Err(format!("only {streaming:?} stream")),
            Err(trouble) => Err(format!("{trouble:?}")),
        }
    })
}

/// Waits until every host answers and is used as its part demands, and shows that.
pub(crate) fn wait_for_picture(
    stage: &Stage,
    cluster: &Cluster,
    parts: [Part; 3],
) -> Result<(), End> {
    let picture = stage.wait("HAProxy to lead where the answers say", || {
        Picture::take(cluster)
            .map_err(|trouble| format!("{trouble:?}"))?
            .shows(parts)
    })?;
    screen::table(&picture);
    Ok(())
}

/// Connects as readers do, and fails if one ends elsewhere than at these standbys.
pub(crate) fn readers_are_led_to(cluster: &Cluster, standbys: &[&Host]) -> Result<(), End> {
    let readers = cluster.places.readers();
    let mut met = BTreeSet::new();
    for _ in 0..READERS {
        met.insert(server_behind(readers)?);
    }
    let wanted: BTreeSet<String> = standbys.iter().map(|host| host.name.to_owned()).collect();
    let said = met
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" and ");
    if met != wanted {
        return Err(End::Wrong(format!(
            "readers were led to {said}, not to {wanted:?}"
        )));
    }
    screen::line(&format!(
        "{READERS} readers at {readers} were led to {said}"
    ));
    Ok(())
}

/// The name of the server to which HAProxy leads.
fn server_behind(address: SocketAddrV4) -> Result<String, Trouble> {
    let doing = format!("read through {address}");
    let read = || {
        let mut session = Config::new()
            .host(&address.ip().to_string())
            .port(address.port())
            .user(ORDINARY)
            .dbname("postgres")
            .application_name("demo")
            .connect(NoTls)?;
        rows(&mut session, "SHOW cluster_name")
    };
    read().map_err(Trouble::sql(doing))
}
