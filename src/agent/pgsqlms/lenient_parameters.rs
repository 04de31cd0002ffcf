//! Parses parameters for actions that must not fail because one of them is wrong. Knows no action.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::agent::ocf::parameters::{Lenient, ParameterError, Parameters};

/// The parameters that identify the server.
const PGDATA: &str = "OCF_RESKEY_pgdata";
const DATADIR: &str = "OCF_RESKEY_datadir";

/// Parses parameters of which some may be wrong. If they do not identify the server, the resource's own running server
/// is used.
pub(super) fn leniently(
    variables: &BTreeMap<String, String>,
    running: &dyn Fn(Option<&Path>) -> Option<PathBuf>,
    warnings: &mut Vec<String>,
) -> Result<Lenient, ParameterError> {
    let error = match Parameters::parse_leniently(variables) {
        Ok(lenient) => return Ok(lenient),
        Err(error) => error,
    };
    let mut found = variables.clone();
    // Without the other, it can be determined which of the two is wrong.
    found.remove(DATADIR);
    let pgdata = Parameters::parse_leniently(&found).map(|lenient| lenient.parameters.pgdata);
    let place = running(pgdata.as_deref().ok());
    let place = place.as_deref().and_then(Path::to_str);
    let Some(place) = place else {
        return Err(error);
    };
    if pgdata.is_err() {
        found.insert(PGDATA.into(), place.into());
    }
    found.insert(DATADIR.into(), place.into());
    warnings.push(format!(
        "{error}; using the directory of this resource's running server, {place}"
    ));
    Parameters::parse_leniently(&found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        set: &[(&str, &str)],
        place: Option<&str>,
    ) -> (Result<Lenient, ParameterError>, Vec<String>) {
        let set = set
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let mut warnings = Vec::new();
        let read = leniently(&set.collect(), &|_| place.map(PathBuf::from), &mut warnings);
        (read, warnings)
    }

    #[test]
    fn a_running_server_identifies_itself_if_the_parameters_do_not() {
        let wrong = &[(PGDATA, "data"), (DATADIR, "/elsewhere")][..];
        let (read_both, warnings) = read(wrong, Some("/data"));
        let parameters = read_both.unwrap().parameters;
        assert_eq!(parameters.pgdata, Path::new("/data"));
        assert_eq!(parameters.datadir, Path::new("/data"));
        assert!(warnings[0].contains("pgdata is \"data\""), "{warnings:?}");
        let (read_one, _) = read(&[(PGDATA, "/etc/main"), (DATADIR, "data")], Some("/data"));
        let parameters = read_one.unwrap().parameters;
        assert_eq!(parameters.pgdata, Path::new("/etc/main"));
        assert_eq!(parameters.datadir, Path::new("/data"));
        assert!(read(wrong, None).0.is_err());
    }

    #[test]
    fn no_server_is_searched_for_if_the_directory_is_known() {
        let never = |_: Option<&Path>| panic!("nobody was to look");
        let set = [(PGDATA.to_owned(), "/data".to_owned())].into();
        let mut warnings = Vec::new();
        assert!(leniently(&set, &never, &mut warnings).is_ok());
        assert!(warnings.is_empty());
    }
}
