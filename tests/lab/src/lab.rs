//! The lab as its commands and scenarios see it: hosts to run commands on, and ways to break them.
//!
//! - [`mod@up`], [`mod@down`]: from nothing to a running cluster, or hosts that are none, and back.
//! - [`enter`]: commands in a host.
//! - [`breakage`]: power, cables and frozen processes.

mod breakage;
mod down;
mod enter;
mod up;

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use support::suites::Suite;
use support::until_ok_every;

use crate::error::Error;
use crate::host::Host;
use crate::places::Places;
use crate::supervisor::ASKED;
use crate::supervisor::client::Supervisor;

pub(crate) use down::down;
pub(crate) use enter::On;
pub(crate) use up::{Afterwards, apart, check, up};

/// How often something in the hosts is looked at again. A look costs a dozen processes, which must not
/// keep the hosts from what is being measured.
const PAUSE: Duration = Duration::from_millis(500);

/// Longest that a host may take to boot.
const BOOT: Duration = Duration::from_secs(60);

/// How many lines of its console are told where one does not.
const CONSOLE: usize = 15;

/// A lab that is up.
#[derive(Clone, Debug)]
pub(crate) struct Lab {
    supervisor: Supervisor,
    suite: Suite,
}

impl Lab {
    /// The lab of this checkout.
    pub(crate) fn find(places: &Places) -> Result<Self, Error> {
        let supervisor = Supervisor::find(places)?;
        let suite = places.suite_of_the_run()?;
        Ok(Self { supervisor, suite })
    }

    /// The suite that its hosts are of.
    pub(crate) const fn suite(&self) -> &Suite {
        &self.suite
    }

    /// A host, to do something on.
    pub(crate) fn host(&self, host: Host) -> On<'_> {
        On::new(self, host)
    }

    /// Where the hosts' clients leave their notes, as this program sees it.
    pub(crate) fn results(&self) -> PathBuf {
        self.supervisor.places().results()
    }

    /// What all hosts' journals say since a moment (since 1970), a line of JSON each.
    pub(crate) fn journal_since(&self, moment: Duration) -> Result<String, Error> {
        self.host(Host::Client).run(&[
            "journalctl",
            "--merge",
            "--quiet",
            "--output=json",
            "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_HOSTNAME",
            &format!("--since=@{}", moment.as_secs()),
        ])
    }

    /// What servers have asked of the power switch so far: each host that was fenced, in words.
    pub(crate) fn fenced(&self) -> Result<Vec<String>, Error> {
        let path = self.supervisor.places().log();
        let text =
            fs::read_to_string(&path).map_err(Error::io(format!("read {}", path.display())))?;
        let asked = text.lines().filter_map(|line| line.strip_prefix(ASKED));
        Ok(asked.map(str::to_owned).collect())
    }

    /// Whether a host has power.
    pub(crate) fn has_power(&self, host: Host) -> Result<bool, Error> {
        Ok(self.supervisor.ask(&format!("status {host}"))? == "on")
    }

    /// What tells this boot of a host from another one.
    pub(crate) fn boot(&self, host: Host) -> Result<String, Error> {
        self.supervisor.ask(&format!("leader {host}"))
    }

    /// Waits until systemd has started a host's units.
    pub(crate) fn wait_until_booted(&self, host: Host) -> Result<(), Error> {
        wait_for(&format!("{host} to boot"), BOOT, || {
            self.host(host).is_booted()
        })
        .map_err(|why| Error::NotBooted {
            host,
            why: why.in_full(),
            console: end_of(&self.supervisor.places().console(host)),
        })
    }
}

/// The last lines of a host's console, without what colours and moves its cursor; what a host says that does not boot.
fn end_of(console: &Path) -> String {
    let bytes = fs::read(console).unwrap_or_default();
    last_lines(&String::from_utf8_lossy(&bytes), CONSOLE)
}

/// The last lines that are not blank, each with a tab before it; pure.
fn last_lines(text: &str, most: usize) -> String {
    let plain = without_sequences(text);
    let lines = plain.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.collect();
    let last = lines.iter().skip(lines.len().saturating_sub(most));
    last.fold(String::new(), |text, line| text + "\n\t" + line)
}

/// Text without a terminal's control sequences (ECMA-48: ESC, `[`, parameters, one letter) and carriage returns.
fn without_sequences(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' if letters.next() == Some('[') => {
                letters.by_ref().find(char::is_ascii_alphabetic);
            }
            '\u{1b}' | '\r' => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Waits until `attempt` succeeds, at most for `limit`; the error says `what` was waited for and why
/// the last attempt failed.
pub(crate) fn wait_for<T, E: Display>(
    what: &str,
    limit: Duration,
    attempt: impl FnMut() -> Result<T, E>,
) -> Result<T, Error> {
    Ok(until_ok_every(PAUSE, limit, what, attempt)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_console_is_its_last_lines_as_text() {
        let console = "first\r\n\r\n[\u{1b}[0;32m  OK  \u{1b}[0m] Reached target\r\n\u{1b}[1;31mFreezing.\u{1b}[0m\n";
        assert_eq!(
            last_lines(console, 2),
            "\n\t[  OK  ] Reached target\n\tFreezing."
        );
        assert_eq!(last_lines("", 2), "");
    }
}
