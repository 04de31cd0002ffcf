//! Asks the HAProxy that is installed for its version; knows no line of a configuration.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::base::Deadline;
use crate::base::program::{self, RunError};
use crate::base::system_clock::OnSystemClock;
use crate::tools::generate::haproxy::{HaproxyVersion, VersionOrigin};

/// Longest time until the program has printed its version.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where HAProxy is, the first of these that exists. The folders of root's programs are not in every user's `PATH`.
const PLACES: [&str; 3] = ["haproxy", "/usr/sbin/haproxy", "/usr/local/sbin/haproxy"];

/// The version of this program or, if none is named, of the HAProxy that is installed; the oldest if it is not known.
pub(super) fn version(named: Option<&Path>) -> (HaproxyVersion, VersionOrigin) {
    let asked = match named {
        Some(program) => ask(program),
        None => first_of_places(),
    };
    match asked {
        Ok((program, version, release)) => (version, VersionOrigin::Program { program, release }),
        Err(why) => (HaproxyVersion::OLDEST, VersionOrigin::Oldest { why }),
    }
}

/// A program with its version and its release, or why they are not known.
type Asked = Result<(String, HaproxyVersion, String), String>;

fn first_of_places() -> Asked {
    for place in PLACES {
        if let Some(told) = run(Path::new(place)) {
            return told;
        }
    }
    Err("no HAProxy is installed on this host".to_owned())
}

fn ask(program: &Path) -> Asked {
    run(program).unwrap_or_else(|| Err(format!("{} does not exist", program.display())))
}

/// Returns `None` if there is no such program.
fn run(program: &Path) -> Option<Asked> {
    let shown = program.display().to_string();
    let ran = program::run(Command::new(program).arg("-v"), Deadline::after(TIMEOUT));
    let printed = match ran {
        Err(error) if error.is_absence() => return None,
        Err(error) => Err(told(&shown, &error)),
        Ok(ended) => ended.well(&shown).map_err(|error| error.to_string()),
    };
    Some(printed.and_then(|printed| {
        let read = HaproxyVersion::of_program(&printed);
        let (version, release) = read.map_err(|error| format!("{shown}: {error}"))?;
        Ok((shown, version, release))
    }))
}

fn told(program: &str, error: &RunError) -> String {
    format!("{program} -v: {error}")
}
