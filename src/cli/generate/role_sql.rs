//! `pgsql-state generate role-sql`: prints SQL that creates the role that asks.

use std::path::PathBuf;

use super::wrong;
use crate::cli::exit::Exit;
use crate::cli::invocation;
use crate::tools::generate::Identifier;
use crate::tools::generate::role_sql::{role_sql, slots_role_sql};

/// The user of the daemon's unit, and the database that the unit sets in `PGDATABASE`.
pub(super) const UNIT_USER: &str = "pgsql-state";
pub(super) const UNIT_DATABASE: &str = "postgres";

/// The user of the keeper's unit.
const KEEPER_USER: &str = "hacluster";

/// Arguments of `generate role-sql`.
#[derive(Debug, clap::Args)]
pub(super) struct RoleSql {
    /// Print the role as which the keeper keeps replication slots instead [default role: hacluster, or slots.role in the
    /// configuration]
    #[arg(long)]
    slots: bool,
    /// The role that asks; with peer authentication, the operating system user of the daemon [default: pgsql-state, or
    /// the role in the configuration]
    #[arg(long, value_name = "NAME")]
    role: Option<Identifier>,
    /// The database in which it asks [default: postgres, or the database in the configuration]
    #[arg(long, value_name = "NAME")]
    database: Option<Identifier>,
    /// A configuration whose postgres.conninfo names the role and the database; without this option none is read
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The role that asks a server, and its database.
#[derive(Debug, clap::Args)]
pub(super) struct RoleSqlTarget {
    /// The role that asks; with peer authentication, the operating system user of the daemon [default: the one that
    /// postgres.conninfo names, or pgsql-state]
    #[arg(long, value_name = "NAME")]
    pub(super) role: Option<Identifier>,
    /// The database in which it asks [default: the one that postgres.conninfo names, or postgres]
    #[arg(long, value_name = "NAME")]
    pub(super) database: Option<Identifier>,
}

pub(super) fn make(arguments: &RoleSql) -> Result<String, Exit> {
    let (role, database) = match (&arguments.config, arguments.slots) {
        (None, false) => (UNIT_USER.to_owned(), UNIT_DATABASE.to_owned()),
        (None, true) => (KEEPER_USER.to_owned(), UNIT_DATABASE.to_owned()),
        (Some(path), for_slots) => {
            let target = invocation::target_of_unit(path, UNIT_USER, UNIT_DATABASE)?;
            let role = if for_slots {
                invocation::load(Some(path))?.slots.role
            } else {
                target.user
            };
            (role, target.database)
        }
    };
    let chosen = |given: &Option<Identifier>, configured: &str| match given {
        Some(given) => Ok(given.clone()),
        None => configured
            .parse()
            .map_err(|error| wrong(Exit::Config, "postgres.conninfo", &error)),
    };
    let role = chosen(&arguments.role, &role)?;
    let database = chosen(&arguments.database, &database)?;
    Ok(if arguments.slots {
        slots_role_sql(&role, &database)
    } else {
        role_sql(&role, &database)
    })
}
