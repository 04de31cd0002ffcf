//! What Debian's `psql` makes of a connection string: what it sends, and where nobody hears it, what it says.

use std::path::Path;
use std::process::Command;

use support::Postgres;

use crate::listener::{Connection, Listener, socket};
use crate::{Effective, Encryption, Login, Outcome};

pub(crate) fn outcome(listener: &Listener, text: &str) -> Outcome {
    let mut command = Command::new(Postgres::program("psql").unwrap());
    command
        .args(["--no-psqlrc", "--no-password", "--command", "SELECT 1"])
        .arg("--dbname")
        .arg(text)
        .env_clear()
        .env("HOME", listener.home())
        .env("LC_ALL", "C")
        .env("KRB5CCNAME", listener.home().join("none"))
        .envs(listener.variables());
    let (output, heard) = listener.hear(&mut command, asks_for_password(text));
    let said = String::from_utf8(output.stderr).unwrap();
    match heard.as_slice() {
        [] => unheard(&said),
        [first, ..] => match encryption(&heard) {
            Some(encryption) => Outcome::Taken(taken(first, &heard, encryption)),
            None => Outcome::Refused(said),
        },
    }
}

/// A password is asked for where one may stand, and only there: a client without one gives up, and does not
/// try again by other means.
fn asks_for_password(text: &str) -> bool {
    text.contains("pass") || text.contains('@')
}

/// How libpq went about encryption; none where it did not come to ask for anything.
fn encryption(heard: &[Connection]) -> Option<Encryption> {
    let ways: Vec<_> = heard
        .iter()
        .map(|met| (met.asked_for_tls, met.startup.is_some()))
        .collect();
    match ways.as_slice() {
        [(false, true)] => Some(Encryption::Never),
        [(false, true), (true, _), ..] => Some(Encryption::Second),
        [(true, true), ..] => Some(Encryption::First),
        [(true, false), ..] => Some(Encryption::Always),
        _ => None,
    }
}

fn taken(first: &Connection, heard: &[Connection], encryption: Encryption) -> Effective {
    let login = first.startup.as_ref().map(|parameters| {
        let get = |name: &str| parameters.get(name).cloned();
        let user = get("user").unwrap_or_default();
        Login {
            database: get("database").unwrap_or_else(|| user.clone()),
            user,
            options: get("options"),
            password: heard.iter().find_map(|met| met.password.clone()),
            application_name: get("application_name").filter(|name| name != "psql"),
        }
    });
    Effective {
        place: first.place.clone(),
        encryption,
        login,
    }
}

/// Reads what it says of a place where nobody listens.
fn unheard(said: &str) -> Outcome {
    let between = |begin: &str, end: &str| {
        let (_, rest) = said.split_once(begin)?;
        Some(rest.split_once(end)?.0.to_owned())
    };
    if let Some(name) = between("could not translate host name \"", "\"") {
        return Outcome::Elsewhere(format!("name {name}"));
    }
    let nobody = [
        "No such file",
        "Connection refused",
        "unreachable",
        "Invalid argument",
    ];
    if !nobody.iter().any(|cause| said.contains(cause)) {
        return Outcome::Refused(said.into());
    }
    if let Some(path) = between("connection to server on socket \"", "\" failed") {
        return Outcome::Elsewhere(socket(Path::new(&path)));
    }
    match (
        between("connection to server at \"", "\""),
        between(", port ", " failed"),
    ) {
        (Some(host), Some(port)) => Outcome::Elsewhere(format!("tcp {host} {port}")),
        (_, _) => Outcome::Refused(said.into()),
    }
}
