//! Verifies how a server would be started as a standby: by its settings, or up to PostgreSQL 11 by a template. Parses
//! no connection string.

use std::path::Path;

use super::settings::AskedSettings;
use super::{CheckResult, list, missing, template, wrong};
use crate::agent::local::files;
use crate::agent::local::marker::{FIRST_WITH_SIGNAL, MOST};
use crate::agent::ocf::parameters::Parameters;
use crate::base::regular_file;

/// Returns the connection string that a standby would have.
pub(super) fn check(
    parameters: &Parameters,
    major: u32,
    settings: &AskedSettings<'_>,
) -> CheckResult<String> {
    if parameters.pgdata != parameters.datadir {
        data_directory(parameters, settings)?;
    }
    place(parameters, settings)?;
    settings.expect("hot_standby", "on")?;
    if major < FIRST_WITH_SIGNAL {
        return from_template(parameters);
    }
    no_template(parameters)?;
    settings.expect("recovery_target_timeline", "latest")?;
    settings.get("primary_conninfo")
}

/// Verifies that both parameters lead to one server.
fn data_directory(parameters: &Parameters, settings: &AskedSettings<'_>) -> CheckResult {
    let set = settings.get("data_directory")?;
    if files::lead_to_one(Path::new(&set), &parameters.datadir).unwrap_or(false) {
        return Ok(());
    }
    Err(wrong(format!(
        "parameter datadir is {}; data_directory is {set:?} by the configuration in pgdata, {}",
        parameters.datadir.display(),
        parameters.pgdata.display()
    )))
}

/// Verifies that the server would listen where the parameters lead. A host name or an address is not verified: the
/// server's settings do not tell to whom it belongs.
fn place(parameters: &Parameters, settings: &AskedSettings<'_>) -> CheckResult {
    let Parameters { pghost, pgport, .. } = parameters;
    let port = settings.get("port")?;
    if port != pgport.to_string() {
        return Err(wrong(format!(
            "parameter pgport is {pgport}; setting port is {port:?}, and was expected to be the same"
        )));
    }
    let host = Path::new(pghost);
    if !host.is_absolute() {
        return Ok(());
    }
    let directories = settings.get("unix_socket_directories")?;
    let is_listed =
        |directory: &String| files::lead_to_one(Path::new(directory), host).unwrap_or(false);
    if list::directories(&directories).iter().any(is_listed) {
        return Ok(());
    }
    Err(wrong(format!(
        "parameter pghost is {pghost}; one of the directories in the setting unix_socket_directories, \
         {directories:?}, was expected"
    )))
}

fn no_template(parameters: &Parameters) -> CheckResult {
    let template = &parameters.recovery_template;
    match files::exists(template) {
        Ok(false) => Ok(()),
        Ok(true) | Err(_) => Err(wrong(format!(
            "parameter recovery_template is {}, which must not exist from PostgreSQL 12 on: put its settings into \
            postgresql.conf and remove it",
            template.display()
        ))),
    }
}

/// Returns the connection string in the template, if that would make a standby.
fn from_template(parameters: &Parameters) -> CheckResult<String> {
    let template = &parameters.recovery_template;
    let path = template.display();
    let text = regular_file::read_text(template, MOST).map_err(|error| {
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
