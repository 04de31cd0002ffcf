//! Determines where log lines go, from the variables in which Pacemaker passes its own destinations (`HA_*`). Reads
//! no environment: callers pass the variables as a map.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::syslog::Facility;

/// The format of the date before a line in a file, unless `HA_DATEFMT` is set.
pub(super) const DATE: &str = "%b %d %T ";

/// Where log lines go that are not for a terminal, and their format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// The tag that names the program.
    pub(super) tag: String,
    /// The tag on a terminal, which is only written if `HA_LOGTAG` is set.
    pub(super) terminal_tag: String,
    /// The syslog facility.
    pub(super) facility: Option<Facility>,
    /// A file.
    pub(super) file: Option<PathBuf>,
    /// Another file, for lines of all priorities.
    pub(super) debug_file: Option<PathBuf>,
    /// The format of the date before a line in these files.
    pub(super) date_format: String,
    /// Whether debugging lines are written; Pacemaker requests them when its own debugging is on.
    pub(super) debug: bool,
}

impl Places {
    /// Reads the variables of an environment, for the process with this ID.
    pub(super) fn of(variables: &BTreeMap<String, String>, process: u32) -> Self {
        let set = |name: &str| {
            let value = variables.get(name).filter(|value| !value.is_empty());
            value.map(String::as_str)
        };
        let chosen = set("HA_LOGTAG");
        let resource = set("OCF_RESOURCE_INSTANCE").map(|name| format!("({name})"));
        let resource = resource.unwrap_or_default();
        Self {
            tag: chosen.map_or_else(|| format!("pgsqlms{resource}[{process}]"), str::to_owned),
            terminal_tag: chosen.map(|tag| format!("{tag}: ")).unwrap_or_default(),
            facility: set("HA_LOGFACILITY").and_then(Facility::named),
            file: set("HA_LOGFILE").map(PathBuf::from),
            debug_file: set("HA_DEBUGLOG").map(PathBuf::from),
            date_format: set("HA_DATEFMT").unwrap_or(DATE).into(),
            debug: set("HA_debug").is_some_and(|level| level != "0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> Places {
        let set = set
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Places::of(&set.collect(), 42)
    }

    #[test]
    fn pacemakers_destinations_are_used() {
        let places = of(&[
            ("OCF_RESOURCE_INSTANCE", "pgsqld"),
            ("HA_LOGFACILITY", "local3"),
            ("HA_LOGFILE", "/var/log/pacemaker/pacemaker.log"),
            ("HA_DEBUGLOG", "/var/log/pacemaker/pacemaker.log"),
            ("HA_debug", "1"),
        ]);
        assert_eq!(places.tag, "pgsqlms(pgsqld)[42]");
        assert_eq!(places.terminal_tag, "");
        assert_eq!(places.facility, Facility::named("local3"));
        assert_eq!(places.file, places.debug_file);
        assert!(places.file.is_some() && places.debug);
    }

    #[test]
    fn an_empty_destination_is_none() {
        let places = of(&[
            ("HA_LOGFACILITY", "none"),
            ("HA_LOGFILE", ""),
            ("HA_debug", "0"),
            ("HA_DATEFMT", ""),
            ("HA_LOGTAG", "mine"),
        ]);
        let nowhere = of(&[("HA_LOGTAG", "mine")]);
        assert_eq!(places, nowhere);
        assert_eq!((&*places.tag, &*places.terminal_tag), ("mine", "mine: "));
        assert_eq!((places.facility, places.file), (None, None));
        assert_eq!(places.date_format, DATE);
    }
}
