//! `pgsql-state generate`: ready pieces of other programs' configuration. A piece is printed whole or not
//! at all.
//!
//! - `haproxy`, `pg_hba`, `postgresql`, `role_sql`: one piece each.

mod haproxy;
mod pg_hba;
mod postgresql;
mod role_sql;

use std::error::Error;

use clap::Subcommand;

use super::exit::{Exit, print};
use crate::generate::Nodes;
use crate::settings::Node;

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
pub(super) struct Generate {
    #[command(subcommand)]
    piece: Piece,
}

#[derive(Debug, Subcommand)]
enum Piece {
    /// HAProxy's configuration: writers to the primary, readers to the standbys
    Haproxy(haproxy::Haproxy),
    /// A server's rules of client authentication: replication by its peers and never from itself, and the role that asks
    PgHba(pg_hba::PgHba),
    /// A server's settings, as its place in the cluster wants them
    Postgresql(postgresql::Postgresql),
    /// The role that asks a server, as SQL that may run again and again
    RoleSql(role_sql::RoleSql),
}

pub(super) fn run(generate: &Generate) -> Exit {
    let made = match &generate.piece {
        Piece::Haproxy(arguments) => haproxy::make(arguments),
        Piece::PgHba(arguments) => pg_hba::make(arguments),
        Piece::Postgresql(arguments) => postgresql::make(arguments),
        Piece::RoleSql(arguments) => Ok(role_sql::make(arguments)),
    };
    match made.and_then(|text| print(&text)) {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

/// The nodes of an option, or those of the configuration where the option is not used.
fn nodes(option: &str, given: &[Node], configured: &[Node]) -> Result<Nodes, Exit> {
    let (field, status, chosen) = match (given, configured) {
        ([], [_, ..]) => ("cluster.nodes", Exit::Config, configured),
        _ => (option, Exit::Usage, given),
    };
    Nodes::new(chosen.to_vec()).map_err(|error| wrong(status, field, &error))
}

/// What is wrong with an option or a key.
fn wrong(status: Exit, field: &str, error: &dyn Error) -> Exit {
    status.saying(&format!("pgsql-state: {field}: {error}"))
}

/// A node as an option has it; an error says what would be right.
fn node(text: &str) -> Result<Node, String> {
    let node = text.parse::<Node>();
    node.map_err(|error| format!("{error}; {}", error.hint()))
}
