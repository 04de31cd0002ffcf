//! Parses parameters for actions that must not fail because one of them is wrong. Knows no action.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::{Lenient, ParameterError, Parameters};

/// The parameters that identify the server.
const PGDATA: &str = "OCF_RESKEY_pgdata";
const DATADIR: &str = "OCF_RESKEY_datadir";

/// Which running server is searched for.
#[derive(Clone, Copy, Debug)]
pub struct RunningSearch<'a> {
    /// The resource that it was started for.
    pub resource: &'a str,
    /// The node on which it was started, if that is known.
    pub node: Option<&'a Node>,
    /// The directory that it was started with, if that is known.
    pub pgdata: Option<&'a Path>,
    /// The parameter `system_user`.
    pub system_user: &'a str,
    /// The parameter `bindir`.
    pub bindir: &'a Path,
}

/// Finds the data directory of the running server of a resource, or says why it is not certain which one that is.
pub(super) type FindRunning<'a> = &'a dyn Fn(&RunningSearch<'_>) -> Result<Option<PathBuf>, String>;

/// Why no server is identified.
#[derive(Debug, Error)]
pub(super) enum Unidentified {
    /// A parameter is wrong, and no server of the resource runs.
    #[error("{0}; no running server of this resource was found on this node")]
    Nowhere(ParameterError),
    /// A parameter is wrong, and it is not certain which process is the server of the resource.
    #[error("{0}; {1}")]
    Doubtful(ParameterError, String),
}

/// Parses parameters of which some may be wrong. If they do not identify the server, the resource's own running server
/// is used.
pub(super) fn leniently(
    variables: &BTreeMap<String, String>,
    (resource, node): (&str, Option<&Node>),
    running: FindRunning<'_>,
    warnings: &mut Vec<String>,
) -> Result<Lenient, Unidentified> {
    let error = match Parameters::parse_leniently(variables) {
        Ok(lenient) => return Ok(lenient),
        Err(error) => error,
    };
    let mut found = variables.clone();
    // Without the other, it can be determined which of the two is wrong.
    found.remove(DATADIR);
    let pgdata = Parameters::parse_leniently(&found).map(|lenient| lenient.parameters.pgdata);
    // Without both, the other parameters can be read.
    let mut rest = found.clone();
    rest.insert(PGDATA.into(), "/".into());
    let rest = Parameters::parse_leniently(&rest);
    let Lenient { parameters, .. } = match rest {
        Ok(rest) => rest,
        Err(error) => return Err(Unidentified::Nowhere(error)),
    };
    let place = running(&RunningSearch {
        resource,
        node,
        pgdata: pgdata.as_deref().ok(),
        system_user: &parameters.system_user,
        bindir: &parameters.bindir,
    });
    let place = match place {
        Ok(Some(place)) => place,
        Ok(None) => return Err(Unidentified::Nowhere(error)),
        Err(doubt) => return Err(Unidentified::Doubtful(error, doubt)),
    };
    let Some(place) = place.to_str() else {
        let name = place.display();
        let doubt = format!("the data directory of its running server, {name}, is not UTF-8");
        return Err(Unidentified::Doubtful(error, doubt));
    };
    if pgdata.is_err() {
        found.insert(PGDATA.into(), place.into());
    }
    found.insert(DATADIR.into(), place.into());
    warnings.push(format!(
        "{error}; using the directory of this resource's running server, {place}"
    ));
    let parsed = Parameters::parse_leniently(&found);
    // A directory whose name no parameter can have.
    parsed.map_err(|wrong| Unidentified::Doubtful(error, wrong.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        set: &[(&str, &str)],
        place: Option<&str>,
    ) -> (Result<Lenient, Unidentified>, Vec<String>) {
        let set = set
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let mut warnings = Vec::new();
        let find = |search: &RunningSearch<'_>| {
            assert_eq!(
                (search.resource, search.system_user),
                ("pgsqld", "postgres")
            );
            Ok(place.map(PathBuf::from))
        };
        let read = leniently(&set.collect(), ("pgsqld", None), &find, &mut warnings);
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
        let nowhere = read(wrong, None).0;
        assert!(matches!(nowhere, Err(Unidentified::Nowhere(_))));
        // Parameters are one line.
        let odd = read(wrong, Some("/da\nta")).0;
        assert!(matches!(odd, Err(Unidentified::Doubtful(..))), "{odd:?}");
    }

    #[test]
    fn no_server_is_searched_for_if_the_directory_is_known() {
        let never = |_: &RunningSearch<'_>| panic!("nobody was to look");
        let set = [(PGDATA.to_owned(), "/data".to_owned())].into();
        let mut warnings = Vec::new();
        let read = leniently(&set, ("pgsqld", None), &never, &mut warnings);
        assert!(read.is_ok());
        assert!(warnings.is_empty());
    }
}
