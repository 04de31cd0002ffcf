//! `pgsql-state generate role-sql`: prints SQL that creates the role that asks.

use crate::tools::generate::Identifier;
use crate::tools::generate::role_sql::role_sql;

/// Arguments of `generate role-sql`.
#[derive(Debug, clap::Args)]
pub(super) struct RoleSql {
    #[command(flatten)]
    asking: RoleSqlTarget,
}

/// The role that asks a server, and its database.
#[derive(Debug, clap::Args)]
pub(super) struct RoleSqlTarget {
    /// The role that asks; with peer authentication, the operating system user of the daemon
    #[arg(long, value_name = "NAME", default_value = "pgsql-state")]
    pub(super) role: Identifier,
    /// The database in which it asks
    #[arg(long, value_name = "NAME", default_value = "postgres")]
    pub(super) database: Identifier,
}

pub(super) fn make(arguments: &RoleSql) -> String {
    let RoleSqlTarget { role, database } = &arguments.asking;
    role_sql(role, database)
}
