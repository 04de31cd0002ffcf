//! Finds files that the configuration names and that the daemon's unit hides from it; the user who checks the
//! configuration may well read them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::shell::quoted;
use crate::config::Problem;
use crate::daemon::Configured;
use crate::postgres::conninfo::{FileChoice, Roots};

/// The folders that `ProtectHome=yes` makes empty (systemd.exec(5)). `/tmp` is not among them: the units have
/// `PrivateTmp=no`.
const HOMES: &[&str] = &["/home", "/root", "/run/user"];

/// A warning for each file of these settings that the daemon would not find.
pub(super) fn warnings(settings: &Configured) -> Vec<Problem> {
    let named = named(settings).into_iter();
    let hidden = named.filter_map(|(key, path)| {
        // What is hidden is the file, wherever the link to it is.
        let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        let home = hiding(&path).or_else(|| hiding(&real))?;
        let what = format!(
            "{} is in {home}, which ProtectHome=yes in pgsql-state.service hides from the daemon",
            path.display()
        );
        let hint = format!(
            "move it to /etc/pgsql-state: install --mode 0640 --group pgsql-state {} /etc/pgsql-state/",
            quoted(&path.to_string_lossy())
        );
        Some(Problem::warning(key, &what, &hint))
    });
    hidden.collect()
}

/// The folder that is hidden and has this file in it.
fn hiding(path: &Path) -> Option<&'static str> {
    let mut homes = HOMES.iter();
    homes.find(|home| path.starts_with(home)).copied()
}

/// The keys that name files, and the files.
fn named(settings: &Configured) -> Vec<(&'static str, PathBuf)> {
    let target = &settings.postgres.target;
    let chosen = |file: Option<&FileChoice>| match file {
        Some(FileChoice::Named(path)) => Some(path.clone()),
        Some(FileChoice::Default(_)) | None => None,
    };
    let roots = match &target.tls.roots {
        Roots::File(file) => chosen(Some(file)),
        Roots::System | Roots::Nowhere => None,
    };
    let client = target.tls.client.as_ref();
    let conninfo = [
        chosen(target.passfile.as_ref()),
        roots,
        chosen(target.tls.revocations.as_ref()),
        target.tls.revocation_folder.clone(),
        chosen(client.map(|client| &client.certificate)),
        client.map(|client| client.key.clone()),
        target.service.as_ref().map(|service| service.file.clone()),
    ];
    let conninfo = conninfo.map(|path| ("postgres.conninfo", path));
    let https = settings.https.as_ref();
    let clients = https.and_then(|https| https.clients.as_ref());
    let keys = [
        (
            "admission.token_file",
            settings.admission.token_file.clone(),
        ),
        ("cluster.key_file", settings.cluster.key_file.clone()),
        ("cluster.ca_file", settings.cluster.ca_file.clone()),
        (
            "http.certificate_file",
            https.map(|https| https.certificate_file.clone()),
        ),
        (
            "http.key_file",
            https.and_then(|https| https.key_file.clone()),
        ),
        (
            "http.client_ca_file",
            clients.map(|clients| clients.ca_file.clone()),
        ),
    ];
    let all = conninfo.into_iter().chain(keys);
    all.filter_map(|(key, path)| Some((key, path?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_protect_home_hides_is_known() {
        for (path, home) in [
            ("/home/anna/token", Some("/home")),
            ("/root/.pgpass", Some("/root")),
            ("/run/user/1000/key", Some("/run/user")),
            ("/run/users/key", None),
            ("/homes/token", None),
            ("/tmp/token", None),
            ("/etc/pgsql-state/token", None),
        ] {
            assert_eq!(hiding(Path::new(path)), home, "{path}");
        }
    }

    /// The directives in the message are those of the unit.
    #[test]
    fn the_units_hide_homes_and_not_the_folder_for_temporary_files() {
        let unit = include_str!("../../../systemd/pgsql-state.service");
        let lines: Vec<&str> = unit.lines().collect();
        for line in ["ProtectHome=yes", "PrivateTmp=no"] {
            assert!(lines.contains(&line), "{line}");
        }
    }
}
