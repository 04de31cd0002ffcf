//! The data directories of a cluster that was set up by hand and then stopped as an administrator should:
//! made once, copied for every world.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::time::Duration;

use support::kept::{copy_all, kept};
use support::postgres::{Mode, SUPERUSER};
use support::scratch::Scratch;
use support::{Postgres, Trouble, ports, until};

use crate::cluster::NODES;

/// What every server of a cluster needs, and what keeps it quiet. A standby's slots must not be fewer than
/// its primary's.
pub(super) const SETTINGS: &[(&str, &str)] = &[("max_connections", "12"), ("autovacuum", "off")];

/// The folder beside the nodes' that holds a base backup which was never started.
pub(super) const BACKUP: &str = "backup";

/// Something to lose; and a third of all files less, which nobody needs and every copy of a server would have.
const CONTENT: [&str; 3] = [
    "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)",
    "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'",
    "DROP DATABASE template0",
];

/// Where a folder of each node's name is: srv1 was the primary, the others have all its WAL.
pub(super) fn template(scratch: &Scratch) -> Result<PathBuf, Trouble> {
    let mut hasher = DefaultHasher::new();
    let owner = Postgres::owner()?;
    (Postgres::program("postgres")?, &owner, SETTINGS, CONTENT).hash(&mut hasher);
    let name = format!("ocf-template-{:x}", hasher.finish());
    kept(&name, scratch, || make(scratch, &owner))
}

fn make(scratch: &Scratch, owner: &str) -> Result<PathBuf, Trouble> {
    let made = scratch.path().join("template");
    fs::create_dir(&made).map_err(Trouble::io("make a template"))?;
    let with_settings = |setup: support::postgres::Setup<'_>| {
        SETTINGS
            .iter()
            .fold(setup, |setup, (name, value)| setup.setting(name, value))
            .start()
    };
    let mut primary = with_settings(Postgres::primary().tcp(ports::free()?))?;
    for sql in CONTENT {
        primary.query(sql)?;
    }
    if owner != SUPERUSER {
        // Agents log in as the user that owns the server.
        primary.query(&format!("CREATE ROLE \"{owner}\" SUPERUSER LOGIN"))?;
    }
    let mut standbys = vec![
        with_settings(primary.standby().name("standby1"))?,
        with_settings(primary.standby().name("standby2"))?,
    ];
    let unborn = primary.standby().name(BACKUP).create()?;
    until(Duration::from_secs(30), "both standbys to stream", || {
        let streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        primary.query(streaming).is_ok_and(|count| count == "2")
    })?;
    // Its end waits until they have all of its WAL.
    primary.stop(Mode::Fast)?;
    for standby in &mut standbys {
        standby.stop(Mode::Fast)?;
    }
    let servers = [&primary].into_iter().chain(&standbys).chain([&unborn]);
    for (server, name) in servers.zip(NODES.into_iter().chain([BACKUP])) {
        copy_all(&server.data_dir(), &made.join(name), scratch)?;
    }
    Ok(made)
}
