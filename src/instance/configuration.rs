//! Whether the server could be started and be part of the cluster, as it is installed and configured here.
//! Changes nothing.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Access, access};

use super::marker::FIRST_WITH_SIGNAL;
use super::privileges::Account;
use super::settings::{self, Settings};
use super::{files, programs, template};
use crate::agent::code::Code;
use crate::agent::control::WalLevel;
use crate::agent::node::Node;
use crate::agent::parameters::Parameters;
use crate::recipes::{Deadline, server::Problem};
use crate::target::{self, Keyword};

/// The versions of PostgreSQL that are understood.
const MAJORS: std::ops::RangeInclusive<u32> = 10..=18;

/// What is checked, or the first thing that is wrong.
type Checked<T = ()> = Result<T, Problem>;

/// What is wrong, if anything is.
pub(super) fn problem(
    parameters: &Parameters,
    account: &Account,
    local: &Node,
    deadline: Deadline,
) -> Option<Problem> {
    check(parameters, account, local, deadline).err()
}

/// The user is not known here.
pub(super) fn no_such_user(parameters: &Parameters) -> Problem {
    missing(format!(
        "parameter system_user is {:?}, and there is no such user on this node",
        parameters.system_user
    ))
}

/// Nothing can be done as the user.
pub(super) fn not_that_user(parameters: &Parameters, error: &io::Error) -> Problem {
    missing(format!(
        "parameter system_user is {:?}, and nothing can be done as that user: {error}",
        parameters.system_user
    ))
}

/// Something is not there.
fn missing(sentence: String) -> Problem {
    Problem {
        code: Code::Installed,
        sentence,
    }
}

/// Something is not as it should be.
pub(super) fn wrong(sentence: String) -> Problem {
    Problem {
        code: Code::Args,
        sentence,
    }
}

fn check(parameters: &Parameters, account: &Account, local: &Node, deadline: Deadline) -> Checked {
    directories(parameters, account)?;
    let major = version(parameters)?;
    programs_of(parameters, account, major, deadline)?;
    wal_level(parameters)?;
    let settings = settings::read(parameters, account, deadline);
    if parameters.pgdata != parameters.datadir {
        data_directory(parameters, &settings)?;
    }
    settings.expect("hot_standby", "on")?;
    let conninfo = if major >= FIRST_WITH_SIGNAL {
        no_template(parameters)?;
        settings.expect("recovery_target_timeline", "latest")?;
        settings.get("primary_conninfo")?
    } else {
        from_template(parameters)?
    };
    upstream(&conninfo, local, major, || settings.get("cluster_name"))
}

fn directories(parameters: &Parameters, account: &Account) -> Checked {
    let (pgdata, datadir) = (&parameters.pgdata, &parameters.datadir);
    for (name, path) in [("pgdata", pgdata), ("datadir", datadir)] {
        let found = fs::metadata(path).map_err(|error| {
            missing(format!(
                "parameter {name} is {}, which cannot be used: {error}",
                path.display()
            ))
        })?;
        if !found.is_dir() {
            return Err(missing(format!(
                "parameter {name} is {}, which is no directory",
                path.display()
            )));
        }
        if path == datadir && found.uid() != account.uid().as_raw() {
            let owner = uzers::get_user_by_uid(found.uid());
            let owner = owner.map_or_else(
                || format!("user {}", found.uid()),
                |owner| owner.name().to_string_lossy().into_owned(),
            );
            return Err(wrong(format!(
                "parameter {name} is {}, which belongs to {owner}; it has to belong to {}, the system_user",
                path.display(),
                account.name()
            )));
        }
    }
    Ok(())
}

fn version(parameters: &Parameters) -> Checked<u32> {
    let datadir = parameters.datadir.display();
    let major = files::major(&parameters.datadir)
        .map_err(|error| missing(format!("parameter datadir is {datadir}: {error}")))?;
    if MAJORS.contains(&major) {
        return Ok(major);
    }
    Err(missing(format!(
        "parameter datadir is {datadir}, a data directory of PostgreSQL {major}; one of {} to {} was expected",
        MAJORS.start(),
        MAJORS.end()
    )))
}

fn programs_of(
    parameters: &Parameters,
    account: &Account,
    major: u32,
    deadline: Deadline,
) -> Checked {
    let bindir = &parameters.bindir;
    for name in ["pg_ctl", "postgres"] {
        access(bindir.join(name), Access::EXEC_OK).map_err(|error| {
            missing(format!(
                "parameter bindir is {}, where {name} cannot be executed: {error}",
                bindir.display()
            ))
        })?;
    }
    let mut command = programs::program(bindir, "postgres", account);
    command.arg("--version");
    let said = programs::run(command, "postgres --version", deadline)
        .map_err(|error| missing(error.to_string()))?;
    if major_of(&said.output) == Some(major) {
        return Ok(());
    }
    Err(wrong(format!(
        "parameter bindir is {}, whose postgres says {:?}; the data directory {} is of PostgreSQL {major}",
        bindir.display(),
        said.output.trim(),
        parameters.datadir.display()
    )))
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-1)`.
fn major_of(said: &str) -> Option<u32> {
    let (_, version) = said.split_once(") ")?;
    let digits = version
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    digits.parse().ok()
}

fn wal_level(parameters: &Parameters) -> Checked {
    let control =
        files::control(&parameters.datadir).map_err(|error| missing(error.to_string()))?;
    match control.wal_level {
        WalLevel::Replica | WalLevel::Logical => Ok(()),
        WalLevel::Minimal => Err(wrong(
            "setting wal_level is minimal; replica or logical was expected".into(),
        )),
    }
}

/// Whether both parameters lead to one server.
fn data_directory(parameters: &Parameters, settings: &Settings<'_>) -> Checked {
    let set = settings.get("data_directory")?;
    let identity = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        Some((found.dev(), found.ino()))
    };
    let found = identity(Path::new(&set));
    if found.is_some() && found == identity(&parameters.datadir) {
        return Ok(());
    }
    Err(wrong(format!(
        "parameter datadir is {}; data_directory is {set:?} by the configuration in pgdata, {}",
        parameters.datadir.display(),
        parameters.pgdata.display()
    )))
}

fn no_template(parameters: &Parameters) -> Checked {
    let template = &parameters.recovery_template;
    match files::exists(template) {
        Ok(false) => Ok(()),
        Ok(true) | Err(_) => Err(wrong(format!(
            "parameter recovery_template is {}, which must not be there from PostgreSQL 12 on: put its settings into postgresql.conf and remove it",
            template.display()
        ))),
    }
}

/// The connection string in the template, if that would make a standby.
fn from_template(parameters: &Parameters) -> Checked<String> {
    let template = &parameters.recovery_template;
    let path = template.display();
    let text = fs::read_to_string(template).map_err(|error| {
        missing(format!(
            "parameter recovery_template is {path}, which cannot be read: {error}"
        ))
    })?;
    let mut settings = template::settings(&text);
    for (name, expected) in [
        ("standby_mode", "on"),
        ("recovery_target_timeline", "latest"),
    ] {
        let found = settings.get(name).map_or("", String::as_str);
        let is_on = expected == "on" && matches!(found, "true" | "yes" | "1");
        if found != expected && !is_on {
            return Err(wrong(format!(
                "{name} is {found:?} in the recovery_template {path}; {expected:?} was expected"
            )));
        }
    }
    Ok(settings.remove("primary_conninfo").unwrap_or_default())
}

/// Whether a standby would be known to its primary by its node's name, and would find a primary.
fn upstream(
    conninfo: &str,
    local: &Node,
    major: u32,
    cluster_name: impl FnOnce() -> Checked<String>,
) -> Checked {
    let given = target::given(conninfo)
        .map_err(|error| wrong(format!("setting primary_conninfo cannot be read: {error}")))?;
    let get = |keyword| given.get(&keyword).filter(|value| !value.is_empty());
    let name = match get(Keyword::ApplicationName) {
        Some(name) => name.clone(),
        // What a WAL receiver calls itself then (`libpqrcv_connect`, given the name by `WalReceiverMain`).
        None if major >= FIRST_WITH_SIGNAL && !conninfo.is_empty() => cluster_name()?,
        None => String::new(),
    };
    if name != local.name() {
        return Err(wrong(format!(
            "application_name is {name:?} in setting primary_conninfo; this node's name {:?} was expected",
            local.name()
        )));
    }
    let hosts = get(Keyword::Host).or_else(|| get(Keyword::HostAddr));
    if hosts.is_some_and(|hosts| hosts.contains(',')) {
        let wanted = get(Keyword::TargetSessionAttrs).map_or("any", String::as_str);
        if !matches!(wanted, "read-write" | "primary") {
            tracing::warn!(
                "setting primary_conninfo names several hosts, and target_session_attrs is {wanted}: the standby may \
                 follow another standby, or itself; read-write was expected"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(conninfo: &str, major: u32, cluster_name: &str) -> Option<String> {
        let local = "srv2".parse().unwrap();
        let judged = upstream(conninfo, &local, major, || Ok(cluster_name.into()));
        judged.err().map(|problem| problem.sentence)
    }

    #[test]
    fn a_standby_has_its_nodes_name() {
        for good in [
            "host=srv1 application_name=srv2",
            "host=srv1 application_name='srv2'",
            "application_name = srv2 host=srv1,srv3 target_session_attrs=read-write",
            "postgresql://srv1/?application_name=srv2",
        ] {
            assert_eq!(judged(good, 15, ""), None, "{good}");
        }
        let other = judged("host=srv1 application_name=srv", 15, "srv2").unwrap();
        assert!(
            other.contains("\"srv\"") && other.contains("\"srv2\""),
            "{other}"
        );
        assert!(judged("", 15, "srv2").is_some());
        assert!(judged("host", 15, "srv2").is_some());
    }

    #[test]
    fn a_cluster_name_is_a_name_from_12_on() {
        assert_eq!(judged("host=srv1", 12, "srv2"), None);
        assert!(judged("host=srv1", 11, "srv2").is_some());
        assert!(judged("host=srv1", 12, "srv1").is_some());
    }

    #[test]
    fn a_programs_version_is_the_number_after_its_name() {
        for (said, major) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-1)\n", Some(15)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("", None),
            ("postgres", None),
        ] {
            assert_eq!(major_of(said), major, "{said}");
        }
    }
}
