//! Verifies what is installed of a server: its directories, its programs, and the files of its data directory. Knows no
//! setting that can be changed.

use std::fs;
use std::os::unix::fs::MetadataExt;

use rustix::fs::Access;
use rustix::io::Errno;
use rustix::process::Uid;

use super::outcome::{CheckResult, missing, wrong};
use crate::agent::local::credentials::may;
use crate::agent::local::privileges::{Account, Stated};
use crate::agent::local::{files, programs};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::postgres::MAJORS;
use crate::postgres::control::WalLevel;

/// Checks that directories, programs and data directory match.
pub(super) fn check(parameters: &Parameters, account: &Account, deadline: Deadline) -> CheckResult {
    directories(parameters, account)?;
    let major = version(parameters)?;
    programs_of(parameters, account, major, deadline)?;
    wal_level(parameters)
}

fn directories(parameters: &Parameters, account: &Account) -> CheckResult {
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
                "parameter {name} is {}, which is not a directory",
                path.display()
            )));
        }
        let expected = match account.stated() {
            Stated::Of(uid) => uid,
            Stated::Nobodys | Stated::Unknown => account.uid(),
        };
        if path == datadir && found.uid() != expected.as_raw() {
            return Err(wrong(format!(
                "parameter {name} is {}, which belongs to {}; it has to belong to {}, the system_user",
                path.display(),
                account.called(Uid::from_raw(found.uid())),
                parameters.system_user
            )));
        }
    }
    Ok(())
}

fn version(parameters: &Parameters) -> CheckResult<u32> {
    let datadir = parameters.datadir.display();
    let major = files::major(&parameters.datadir)
        .map_err(|error| missing(format!("parameter datadir is {datadir}: {error}")))?;
    let (oldest, newest) = (MAJORS.start(), MAJORS.end());
    if MAJORS.contains(&major) {
        return Ok(major);
    }
    if major < *oldest {
        return Err(missing(format!(
            "parameter datadir is {datadir}, a data directory of PostgreSQL {major}; one of {oldest} or newer was expected"
        )));
    }
    // Whose control file can be read may be tried: each of its records and pages bears a checksum.
    files::control(&parameters.datadir).map_err(|error| {
        missing(format!(
            "parameter datadir is {datadir}, a data directory of PostgreSQL {major}, which this version of pgsql-state \
             does not know (it knows {oldest} to {newest}): {error}; a newer version of pgsql-state may"
        ))
    })?;
    tracing::warn!(
        "PostgreSQL {major} is newer than {newest}, the newest that this version of pgsql-state is tested with; it is \
         tried, since its control file is of a kind that is known"
    );
    Ok(major)
}

fn programs_of(
    parameters: &Parameters,
    account: &Account,
    major: u32,
    deadline: Deadline,
) -> CheckResult {
    let bindir = &parameters.bindir;
    for name in ["pg_ctl", "postgres"] {
        match may(&bindir.join(name), Access::EXEC_OK) {
            // Before Linux 5.8 only the attempt tells.
            Ok(()) | Err(Errno::NOSYS) => {}
            Err(error) => {
                return Err(missing(format!(
                    "parameter bindir is {}, where {name} cannot be executed: {error}",
                    bindir.display()
                )));
            }
        }
    }
    let mut command = programs::program(bindir, "postgres", account);
    command.arg("--version");
    let said = programs::run(command, "postgres --version", deadline)
        .map_err(|error| missing(error.to_string()))?;
    if major_of(&said.printed) == Some(major) {
        return Ok(());
    }
    Err(wrong(format!(
        "parameter bindir is {}, whose postgres says {:?}; the data directory {} is of PostgreSQL {major}",
        bindir.display(),
        programs::said(&said),
        parameters.datadir.display()
    )))
}

/// Returns the major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-1)`.
fn major_of(said: &str) -> Option<u32> {
    let (_, version) = said.split_once(") ")?;
    let digits = version
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    digits.parse().ok()
}

fn wal_level(parameters: &Parameters) -> CheckResult {
    let control =
        files::control(&parameters.datadir).map_err(|error| missing(error.to_string()))?;
    match control.wal_level {
        WalLevel::Replica | WalLevel::Logical => Ok(()),
        WalLevel::Minimal => Err(wrong(
            "setting wal_level is minimal; replica or logical was expected".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
