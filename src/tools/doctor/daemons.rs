//! Judges the answers of the cluster's daemons to this host; opens no socket.

use std::net::IpAddr;

use super::finding::{HostFinding, Id};
use super::report::Report;
use crate::base::shell::quoted;

/// A daemon's answer at the address of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daemon {
    /// The name of its node.
    pub node: String,
    /// The address at which it was asked.
    pub address: IpAddr,
    /// Whether it is the daemon of this host.
    pub whose: Whose,
    /// The answer, or why there is none.
    pub heard: Result<StateAnswer, Silence>,
}

/// A daemon's answer that did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// What kind of silence it is.
    pub kind: SilenceKind,
    /// Why there is no answer, for people.
    pub why: String,
}

/// What a silence says about its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilenceKind {
    /// The host refuses the connection: nothing listens.
    Refused,
    /// The connection was closed: the daemon refuses this client.
    Closed,
    /// Nothing came in time: nothing passes the network, or the host hangs.
    Late,
    /// The host is not known, or there is no way to it.
    Other,
}

/// What the commands of remedies need to know.
#[derive(Clone, Copy, Debug)]
pub struct DaemonRemedies<'a> {
    /// The state port at which the daemons were asked.
    pub port: u16,
    /// The address of this host, by which the other nodes know it.
    pub own: Option<IpAddr>,
    /// ` --config FILE`, if this was given.
    pub option: &'a str,
    /// Whether the daemon can read whether its node has quorum.
    pub quorum: QuorumNote,
}

/// The file in which the quorum is noted for the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorumNote {
    /// It says whether the node has quorum.
    Written,
    /// It does not, so that a primary is down whatever Pacemaker would say.
    Missing,
}

/// Which host a daemon runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// On this host.
    Own,
    /// On another host.
    Others,
}

/// An answer of the state port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateAnswer {
    /// The role word of a primary.
    Production,
    /// The role word of a standby, or `lagging`.
    Standby,
    /// `down`, with the reason.
    Down(String),
    /// Any other line.
    Other(String),
}

impl StateAnswer {
    /// Reads an answer. `production` and `standby` are the role words of this host's configuration.
    #[must_use]
    pub fn read(line: &str, production: &str, standby: &str) -> Self {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        match first {
            word if word == production && rest.is_empty() => Self::Production,
            word if word == standby && rest.is_empty() => Self::Standby,
            "lagging" => Self::Standby,
            "down" => Self::Down(rest.to_owned()),
            _ => Self::Other(line.to_owned()),
        }
    }
}

/// Judges all answers.
pub fn judge(daemons: &[Daemon], remedies: &DaemonRemedies<'_>, report: &mut Report) {
    for daemon in daemons {
        let Daemon { node, address, .. } = daemon;
        let place = format!("{address} port {}", remedies.port);
        let (kind, silence) = match &daemon.heard {
            Err(silence) => (Some(silence.kind), silence.why.clone()),
            Ok(StateAnswer::Other(answer)) => {
                (None, format!("\"{answer}\" is not an answer of a daemon"))
            }
            Ok(StateAnswer::Production | StateAnswer::Standby | StateAnswer::Down(_)) => continue,
        };
        let (id, whose) = match daemon.whose {
            Whose::Own => (Id::DaemonUnreachable, "this host"),
            Whose::Others => (Id::NodeUnreachable, node.as_str()),
        };
        report.find(HostFinding {
            id,
            what: format!("the daemon of {whose} at {place}: {silence}"),
            remedy: remedies.for_silence(daemon, kind),
        });
    }
    let own = daemons.iter().filter(|daemon| daemon.whose == Whose::Own);
    let mut reasons = own.filter_map(|daemon| match &daemon.heard {
        Ok(StateAnswer::Down(reason)) => Some(reason.as_str()),
        Ok(StateAnswer::Production | StateAnswer::Standby | StateAnswer::Other(_)) | Err(_) => None,
    });
    if let Some(reason) = reasons.next() {
        report.find(HostFinding {
            id: Id::DaemonDown,
            what: format!("the daemon of this host answers `down {reason}`"),
            remedy: remedies.for_reason(reason),
        });
    }
}

impl DaemonRemedies<'_> {
    /// The command for a reason of `down` that the daemon of this host gives.
    fn for_reason(&self, reason: &str) -> String {
        let option = self.option;
        match (reason, self.quorum) {
            ("maintenance", _) => format!("pgsql-state maintenance off{option}"),
            ("no-quorum", QuorumNote::Missing) => {
                "systemctl enable --now pgsql-state-quorum.service".to_owned()
            }
            ("no-quorum", QuorumNote::Written) => "crm_mon --one-shot".to_owned(),
            (_, _) => format!(
                "runuser -u pgsql-state -- pgsql-state probe{option}; as the daemon's user it prints PostgreSQL's error \
                 message"
            ),
        }
    }

    /// The command for a silence, or without one for the answer of another program, on the host of the daemon.
    fn for_silence(&self, daemon: &Daemon, kind: Option<SilenceKind>) -> String {
        let port = self.port;
        let (asking, option) = match daemon.whose {
            Whose::Own => (Some(daemon.address), self.option),
            // The configuration of another host has its own name there.
            Whose::Others => (self.own, ""),
        };
        let command = match kind {
            Some(SilenceKind::Refused) => "systemctl enable --now pgsql-state.socket".to_owned(),
            Some(SilenceKind::Closed) => {
                let asking = asking.map_or("THIS_HOST".to_owned(), |own| own.to_string());
                let file = option.replace(" --config", "");
                format!("pgsql-state check-config{file} --explain {asking}")
            }
            Some(SilenceKind::Late) => {
                "systemctl status pgsql-state.socket pgsql-state.service".to_owned()
            }
            Some(SilenceKind::Other) => return format!("ip route get {}", daemon.address),
            None => format!("ss --listening --tcp --processes 'sport = :{port}'"),
        };
        match daemon.whose {
            Whose::Own => command,
            Whose::Others => {
                let command = match kind {
                    Some(_) => command,
                    None => quoted(&command).into_owned(),
                };
                format!("ssh {} {command}", quoted(&daemon.node))
            }
        }
    }
}

#[cfg(test)]
mod tests;
