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
    pub heard: Result<StateAnswer, String>,
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

/// Judges all answers. `port` is the state port at which the daemons were asked.
pub fn judge(daemons: &[Daemon], port: u16, report: &mut Report) {
    for daemon in daemons {
        let Daemon { node, address, .. } = daemon;
        let place = format!("{address} port {port}");
        let silence = match &daemon.heard {
            Err(why) => why.clone(),
            Ok(StateAnswer::Other(answer)) => format!("\"{answer}\" is not an answer of a daemon"),
            Ok(StateAnswer::Production | StateAnswer::Standby | StateAnswer::Down(_)) => continue,
        };
        let finding = match daemon.whose {
            Whose::Own => HostFinding {
                id: Id::DaemonUnreachable,
                what: format!("the daemon of this host at {place}: {silence}"),
                remedy: "systemctl enable --now pgsql-state.socket".into(),
            },
            Whose::Others => HostFinding {
                id: Id::NodeUnreachable,
                what: format!("the daemon of {node} at {place}: {silence}"),
                remedy: format!(
                    "ssh {} systemctl enable --now pgsql-state.socket",
                    quoted(node)
                ),
            },
        };
        report.find(finding);
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
            remedy: match reason {
                "maintenance" => "pgsql-state maintenance off".into(),
                _ => {
                    "pgsql-state probe, as the daemon's user: it prints PostgreSQL's error message"
                        .into()
                }
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daemon(whose: Whose, heard: Result<&str, &str>) -> Daemon {
        Daemon {
            node: "srv1".into(),
            address: "10.20.30.51".parse().unwrap(),
            whose,
            heard: heard
                .map(|line| StateAnswer::read(line, "production", "standby"))
                .map_err(str::to_owned),
        }
    }

    fn found(daemons: &[Daemon]) -> Vec<String> {
        let mut report = Report::default();
        judge(daemons, 5431, &mut report);
        let findings = report.findings().iter();
        findings
            .map(|found| format!("{}: {}: {}", found.id.word(), found.what, found.remedy))
            .collect()
    }

    #[test]
    fn daemons_that_answer_are_fine() {
        let all = ["production", "standby", "lagging behind"];
        let all = all.map(|answer| daemon(Whose::Own, Ok(answer)));
        assert_eq!(found(&all), [""; 0]);
        assert_eq!(
            found(&[daemon(Whose::Others, Ok("down no-socket"))]),
            [""; 0]
        );
    }

    #[test]
    fn failures_and_unknown_answers_are_found_and_own_down_answers_once() {
        assert_eq!(
            found(&[
                daemon(Whose::Own, Err("connection refused")),
                daemon(Whose::Others, Ok("SSH-2.0-x")),
                daemon(Whose::Own, Ok("down auth")),
                daemon(Whose::Own, Ok("down auth")),
            ]),
            [
                "daemon-unreachable: the daemon of this host at 10.20.30.51 port 5431: connection \
                 refused: systemctl enable --now pgsql-state.socket",
                "node-unreachable: the daemon of srv1 at 10.20.30.51 port 5431: \"SSH-2.0-x\" is not an \
                 answer of a daemon: ssh srv1 systemctl enable --now pgsql-state.socket",
                "daemon-down: the daemon of this host answers `down auth`: pgsql-state probe, as the \
                 daemon's user: it prints PostgreSQL's error message",
            ]
        );
        assert!(
            found(&[daemon(Whose::Own, Ok("down maintenance"))])[0].ends_with("maintenance off")
        );
    }

    #[test]
    fn an_answer_is_a_whole_line() {
        let read = |line| StateAnswer::read(line, "MASTER", "standby");
        assert_eq!(read("MASTER"), StateAnswer::Production);
        assert_eq!(read("production"), StateAnswer::Other("production".into()));
        assert_eq!(read("standby2"), StateAnswer::Other("standby2".into()));
        assert_eq!(read("down full"), StateAnswer::Down("full".into()));
    }
}
