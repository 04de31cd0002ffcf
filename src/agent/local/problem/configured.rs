//! Verifies how a server would be started as a standby, by its settings. Parses no connection string.

use std::path::Path;

use super::list;
use super::outcome::{CheckResult, wrong};
use super::settings::AskedSettings;
use crate::agent::local::files;
use crate::agent::ocf::parameters::Parameters;

/// Returns the connection string that a standby would have.
pub(super) fn check(parameters: &Parameters, settings: &AskedSettings<'_>) -> CheckResult<String> {
    data_directory(parameters, settings)?;
    place(parameters, settings)?;
    settings.expect("hot_standby", "on")?;
    pass_over_a_template(parameters);
    settings.expect("recovery_target_timeline", "latest")?;
    settings.get("primary_conninfo")
}

/// Verifies that the server would work in the directory of the parameters, whatever its configuration and its options say:
/// the file that makes it a standby is written there.
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

/// PAF copied this file up to PostgreSQL 11. An administrator may take the settings in it for those of the standby.
fn pass_over_a_template(parameters: &Parameters) {
    let template = &parameters.recovery_template;
    if files::exists(template).is_ok_and(|there| there) {
        tracing::warn!(
            "parameter recovery_template has no effect, and there is a file {}: what a standby needs of it belongs into \
             postgresql.conf",
            template.display()
        );
    }
}
