//! What the supervisor can be asked: one line, answered by one line; pure.

use crate::host::Host;

/// A request, from a host or from this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Which hosts there are.
    Hosts,
    /// Whether a host has power.
    Status(Host),
    /// End a host as a power cut would.
    Off(Host),
    /// Start it, if it has no power.
    On(Host),
    /// Both.
    Reboot(Host),
    /// The number of a host's PID 1, in the supervisor's namespace.
    Leader(Host),
    /// End the lab.
    End,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// A host, through its power switch.
    Server,
    /// This program.
    Driver,
}

impl Request {
    /// Reads a line; the error is the answer to it.
    pub(super) fn parse(line: &str, asker: Asker) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let host = words.next();
        let named = || -> Result<Host, String> {
            let name = host.unwrap_or_default();
            let host: Host = name
                .parse()
                .map_err(|why| format!("error {why}: {name:?}"))?;
            if asker == Asker::Server && !host.is_server() {
                return Err(format!("error {host} is no server"));
            }
            Ok(host)
        };
        match (verb, asker) {
            ("hosts", _) => Ok(Self::Hosts),
            ("status", _) => Ok(Self::Status(named()?)),
            ("off", _) => Ok(Self::Off(named()?)),
            ("on", _) => Ok(Self::On(named()?)),
            ("reboot", _) => Ok(Self::Reboot(named()?)),
            ("leader", Asker::Driver) => Ok(Self::Leader(named()?)),
            ("end", Asker::Driver) => Ok(Self::End),
            _ => Err(format!("error nobody can be asked to {verb:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_switch_servers_and_nothing_else() {
        let ask = |line| Request::parse(line, Asker::Server);
        assert_eq!(ask("reboot srv2\n"), Ok(Request::Reboot(Host::Srv2)));
        assert_eq!(ask("status srv1"), Ok(Request::Status(Host::Srv1)));
        for refused in ["off client", "off srv4", "off", "end", "leader srv1", ""] {
            let answer = ask(refused).unwrap_err();
            assert!(answer.starts_with("error "), "{refused}: {answer}");
        }
    }

    #[test]
    fn the_driver_may_do_all() {
        let ask = |line| Request::parse(line, Asker::Driver);
        assert_eq!(ask("end"), Ok(Request::End));
        assert_eq!(ask("leader client"), Ok(Request::Leader(Host::Client)));
        assert_eq!(ask("off client"), Ok(Request::Off(Host::Client)));
    }
}
