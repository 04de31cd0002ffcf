//! PostgreSQL servers with the smallest WAL, which nothing but a slot keeps. Knows neither daemons nor keepers.

use support::{Postgres, Trouble, ports};

/// The name of a node, and of its slot after the prefix.
pub(crate) fn name(index: usize) -> String {
    format!("srv{}", index + 1)
}

/// A primary and its standbys.
pub(crate) fn servers(count: usize) -> Result<Vec<Postgres>, Trouble> {
    let mut servers = vec![
        Postgres::primary()
            .name("srv1")
            .tcp(ports::free()?)
            .wal_kept(0)
            .setting("primary_slot_name", "pgsql_state_srv1")
            .setting("min_wal_size", "2MB")
            .setting("max_wal_size", "2MB")
            .start()?,
    ];
    for index in 1..count {
        if count > 2 {
            // The backup of the next one ends with a checkpoint, after which this one would lack WAL.
            let slot = format!("pgsql_state_{}", name(index));
            servers[0].query(&format!(
                "SELECT pg_create_physical_replication_slot('{slot}', true)"
            ))?;
        }
        let standby = servers[0]
            .standby()
            .name(&name(index))
            .tcp(ports::free()?)
            .wal_kept(0)
            .setting("primary_slot_name", &format!("pgsql_state_{}", name(index)))
            .setting("min_wal_size", "2MB")
            .setting("max_wal_size", "2MB")
            .start()?;
        servers.push(standby);
    }
    Ok(servers)
}
