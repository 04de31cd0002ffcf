//! `pgsql-state generate pg-hba`: prints, installs, removes or verifies rules of `pg_hba.conf`.
//!
//! - [`verify`], [`effect`]: check whether a server applies the rules.

mod effect;
mod verify;

use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::role_sql::{RoleSqlTarget, UNIT_DATABASE, UNIT_USER};
use super::{members, node, wrong};
use crate::cli::exit::{Exit, print};
use crate::cli::replace_file::Held;
use crate::cli::{Config, invocation};
use crate::config::ClusterNode;
use crate::postgres::conninfo::Keyword;
use crate::tools::generate::Identifier;
use crate::tools::generate::pg_hba::{self, HbaPlan};
use crate::tools::generate::pg_hba_file::{self, HbaFileError};
use verify::HbaSubject;

/// Largest file that is read, in bytes.
const MOST: u64 = 16 << 20;

/// Arguments of `generate pg-hba`.
#[derive(Debug, clap::Args)]
pub(super) struct PgHba {
    /// The server for whose file the rules are
    #[arg(long, value_name = "NAME", required_unless_present = "remove")]
    node: Option<String>,
    /// A server of the cluster, including this one; one option for each, instead of cluster.nodes
    #[arg(long = "member", value_name = "NAME=ADDRESS", value_parser = node)]
    members: Vec<ClusterNode>,
    #[command(flatten)]
    asking: RoleSqlTarget,
    /// The role that replicates [default: any role that may]
    #[arg(long, value_name = "NAME")]
    replication_role: Option<Identifier>,
    /// The authentication method for replication
    #[arg(long, value_enum, default_value = "scram-sha-256")]
    method: HbaMethodOption,
    /// Install the rules in this file, before all other rules, instead of printing them
    #[arg(long, value_name = "FILE")]
    install: Option<PathBuf>,
    /// Remove the rules from this file
    #[arg(long, value_name = "FILE", conflicts_with = "install")]
    remove: Option<PathBuf>,
    /// Ask the server afterwards whether it reads the rules first, and whether it rejects replication from
    /// itself; without --install, do only that
    #[arg(long, conflicts_with = "remove")]
    verify: bool,
    /// How to connect to the server for that, as a superuser [default: postgres.conninfo]
    #[arg(long, value_name = "CONNINFO", requires = "verify")]
    server: Option<String>,
    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum HbaMethodOption {
    #[value(name = "scram-sha-256")]
    Scram,
    Md5,
    Trust,
}

impl From<HbaMethodOption> for pg_hba::HbaMethod {
    fn from(method: HbaMethodOption) -> Self {
        match method {
            HbaMethodOption::Scram => Self::Scram,
            HbaMethodOption::Md5 => Self::Md5,
            HbaMethodOption::Trust => Self::Trust,
        }
    }
}

pub(super) fn make(arguments: &PgHba) -> Result<String, Exit> {
    if let Some(file) = &arguments.remove {
        return change(file, pg_hba_file::remove);
    }
    let plan = plan(arguments)?;
    let rules = plan.rules();
    let file = arguments.install.as_deref();
    let said = match file {
        Some(file) => change(file, |text| pg_hba_file::install(text, &rules))?,
        None if arguments.verify => String::new(),
        None => return Ok(rules),
    };
    if !arguments.verify {
        return Ok(said);
    }
    // Printed before the verification, because the file has been changed whatever that finds.
    print(&said)?;
    let target = if let Some(server) = &arguments.server {
        invocation::server(server)?
    } else {
        let config = arguments.config.config.as_deref();
        invocation::load(config)?.postgres.target
    };
    let subject = HbaSubject {
        target,
        rules: &rules,
        address: plan.address(),
        role: arguments.replication_role.as_ref(),
        file,
    };
    verify::verify(&subject).map(|()| String::new())
}

fn plan(arguments: &PgHba) -> Result<HbaPlan, Exit> {
    let nodes = members("--member", &arguments.members, &arguments.config)?;
    let RoleSqlTarget { role, database } = &arguments.asking;
    let role = chosen(arguments, role.as_ref(), Keyword::User, UNIT_USER)?;
    let database = chosen(arguments, database.as_ref(), Keyword::DbName, UNIT_DATABASE)?;
    let node = arguments.node.as_deref().unwrap_or_default();
    let plan = HbaPlan::new(nodes, node, role, database);
    let mut plan = plan.map_err(|error| wrong(Exit::Usage, "--node", &error))?;
    plan.replicating.clone_from(&arguments.replication_role);
    plan.method = arguments.method.into();
    Ok(plan)
}

/// The name of an option or, without the option, the one that `postgres.conninfo` gives. The configuration is read only if it
/// is named or gives the members too, because not every user may read it.
fn chosen(
    arguments: &PgHba,
    given: Option<&Identifier>,
    keyword: Keyword,
    usual: &str,
) -> Result<Identifier, Exit> {
    if let Some(given) = given {
        return Ok(given.clone());
    }
    let config = arguments.config.config.as_deref();
    let is_read = config.is_some() || arguments.members.is_empty();
    let configured = is_read
        .then(|| invocation::named(config, keyword))
        .flatten();
    let name = configured.unwrap_or_else(|| usual.to_owned());
    name.parse()
        .map_err(|error| wrong(Exit::Config, "postgres.conninfo", &error))
}

/// Replaces the content of a file with a changed one; returns a message about it.
fn change(
    file: &Path,
    become_: impl Fn(&[u8]) -> Result<Vec<u8>, HbaFileError>,
) -> Result<String, Exit> {
    let shown = file.display();
    let failed = |doing: &str, error: &io::Error| {
        Exit::Failure.saying(&format!("pgsql-state: cannot {doing} {shown}: {error}"))
    };
    let held = Held::open(file).map_err(|error| failed("read", &error))?;
    let old = held.read(MOST).map_err(|error| failed("read", &error))?;
    let new = become_(&old).map_err(|error| wrong(Exit::Config, &shown.to_string(), &error))?;
    if new == old {
        return Ok(format!("{shown}: nothing to change\n"));
    }
    let kept = held
        .replace(&old, &new)
        .map_err(|error| failed("replace", &error))?;
    let kept = kept.display();
    Ok(format!(
        "{shown}: changed; the old file is {kept}. PostgreSQL reads the new one after: SELECT pg_reload_conf()\n"
    ))
}
