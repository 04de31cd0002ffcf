//! Reads the environment, the user, the arguments and the configuration file of the process. No other module reads
//! the environment.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use crate::agent::pacemaker::{self, Pacemaker};
use crate::config::{self, LoadError, Loaded, Problem};
use crate::daemon::Configured;
use crate::postgres::conninfo::service::ServicePassword;
use crate::postgres::conninfo::{self, Environment, Keyword, Target, TargetError};
use crate::postgres::{chain, service_file};

/// The value of an environment variable; one that is not UTF-8 counts as not set.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// All environment variables, for other programs.
pub(super) fn environment() -> Vec<(OsString, OsString)> {
    env::vars_os().collect()
}

/// The arguments of the program, its name first.
pub(super) fn arguments() -> Vec<String> {
    let arguments = env::args_os();
    arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

/// Reads the configuration file; returns the defaults if none is given and the default file does not exist.
pub(super) fn read(config: Option<&Path>) -> Result<Loaded<Target>, LoadError> {
    let loaded = config::load(config, |conninfo: &str| resolve(conninfo))?;
    Ok(with_exposed(loaded))
}

fn with_exposed(mut loaded: Loaded<Target>) -> Loaded<Target> {
    if let Some(warning) = exposed(&loaded.settings.postgres.target) {
        loaded.warnings.add(warning);
    }
    loaded
}

/// A warning if every user may read the password of a service.
fn exposed(target: &Target) -> Option<Problem> {
    let service = target.service.as_ref()?;
    let is_exposed = match service.password {
        ServicePassword::Present => service_file::is_open_to_all(&service.file),
        ServicePassword::Absent => false,
    };
    is_exposed.then(|| {
        let file = service.file.display();
        let what =
            format!("everyone on this host may read {file}, which contains the service's password");
        let remedy = config::for_group(&service.file);
        let hint = format!(
            "remove that permission with: {remedy}; or name a password file (passfile=...)"
        );
        Problem::warning("postgres.conninfo", &what, &hint)
    })
}

/// Reads the configuration; prints its errors and warnings.
pub(super) fn load(config: Option<&Path>) -> Result<Configured, Exit> {
    told(read(config))
}

/// Reads the configuration for units that are generated from it. They have the memory that it takes, so the warning that
/// the shipped unit has less would only recommend what is being done.
pub(super) fn load_for_units(config: Option<&Path>) -> Result<Configured, Exit> {
    told(read(config).map(|mut loaded| {
        loaded
            .warnings
            .leave_out("admission.max_connections", "MemoryMax");
        loaded
    }))
}

/// Reads the configuration as the daemon's unit would, whoever runs this, as its user.
pub(super) fn read_as(
    config: Option<&Path>,
    user: &str,
    home: &Path,
) -> Result<Loaded<Target>, LoadError> {
    let environment = Environment {
        variable: &|name| (name == "PGDATABASE").then(|| "postgres".to_owned()),
        service_file: &service_file::read,
        user: Some(user.to_owned()),
        home: Some(home.to_owned()),
    };
    let loaded = config::load(config, |conninfo: &str| {
        Target::resolve(conninfo, &environment)
    });
    loaded.map(with_exposed)
}

/// The settings; prints errors and warnings.
pub(super) fn told(read: Result<Loaded<Target>, LoadError>) -> Result<Configured, Exit> {
    match read {
        Ok(loaded) => {
            let warnings = loaded.warnings.to_string();
            if !warnings.is_empty() {
                Exit::Success.saying(&warnings);
            }
            Ok(loaded.settings)
        }
        Err(error) => Err(Exit::Config.saying(&chain(&error))),
    }
}

/// The server that the daemon's unit would ask with a configuration file, whoever runs this: as the unit's user, and
/// with no variable but the unit's `PGDATABASE`.
pub(super) fn target_of_unit(file: &Path, user: &str, database: &str) -> Result<Target, Exit> {
    let environment = Environment {
        variable: &|name| (name == "PGDATABASE").then(|| database.to_owned()),
        service_file: &service_file::read,
        user: Some(user.to_owned()),
        home: None,
    };
    let loaded = config::load(Some(file), |conninfo: &str| {
        Target::resolve(conninfo, &environment)
    });
    let loaded = loaded.map_err(|error| Exit::Config.saying(&chain(&error)))?;
    Ok(loaded.settings.postgres.target)
}

/// The port that `postgres.conninfo` itself names. libpq's default and the environment do not count: behind a load balancer
/// PostgreSQL mostly has another port.
pub(super) fn named_port(config: Option<&Path>) -> Option<u16> {
    let port = named(config, Keyword::Port)?;
    port.split(',').next()?.trim().parse().ok()
}

/// The directory of Pacemaker's programs.
pub(super) fn sbin() -> PathBuf {
    let named = variable("HA_SBIN_DIR");
    pacemaker::sbin(named.as_deref()).to_owned()
}

/// Pacemaker's programs on this host.
pub(super) fn pacemaker() -> Pacemaker {
    Pacemaker::new(&sbin(), environment())
}

/// The value that `postgres.conninfo` itself gives to a keyword; `None` also if the configuration cannot be read.
pub(super) fn named(config: Option<&Path>, keyword: Keyword) -> Option<String> {
    let loaded = config::load(config, conninfo::given).ok()?;
    let mut given = loaded.settings.postgres.target;
    given.remove(&keyword)
}

/// The server of a connection string given as an option.
pub(super) fn server(conninfo: &str) -> Result<Target, Exit> {
    resolve(conninfo)
        .map_err(|error| Exit::Usage.saying(&format!("pgsql-state: --server: {}", chain(&error))))
}

fn resolve(conninfo: &str) -> Result<Target, TargetError> {
    let user = uzers::get_user_by_uid(uzers::get_effective_uid());
    let name = user
        .as_ref()
        .and_then(|user| user.name().to_str().map(str::to_owned));
    Target::resolve(
        conninfo,
        &Environment {
            variable: &variable,
            service_file: &service_file::read,
            user: name,
            // Like libpq: HOME first, then the user database.
            home: env::home_dir(),
        },
    )
}
