//! Computes the result of a server's check and agent-check for each state of the server; knows no rule.
//!
//! - `case`, `outcome`: the states, and what becomes of a server in one.
//! - `said`: the answer to a check in each state.
//! - `expect`: whether an answer meets an expectation.

mod case;
mod expect;
mod outcome;
mod said;

use super::check::{CheckKind, Step};
use super::proxy::ProxySettings;
use super::role::{SessionOrigin, of_name, path, requests};
use super::server::ServerLine;

pub(super) use case::Case;
use expect::Judged;
pub(super) use outcome::ServerOutcome;
use said::{Asked, Said};

/// An outcome for each case, in the order of [`Case::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table([ServerOutcome; Case::ALL.len()]);

impl Table {
    /// The result of the check alone.
    pub(super) fn of_check(check: &ProxySettings, server: &ServerLine, port: Option<u16>) -> Self {
        let own = port == server.address.port;
        let table = match &check.check {
            CheckKind::Connect => Self::of_connection(own),
            CheckKind::Tcp if !check.expects() => Self::of_connection(own),
            CheckKind::Postgres(user) => Self::of_postgres(user),
            CheckKind::Tcp => Self::of_steps(check, Asked::StatePort),
            CheckKind::Http(_) => Self::of_http(check, port),
            CheckKind::External => Self::all(ServerOutcome::Unknown("an external program decides")),
            CheckKind::Foreign => Self::all(ServerOutcome::Unknown(
                "the check speaks another protocol than PostgreSQL's",
            )),
        };
        table.of_another_program_if_nothing_is_up()
    }

    /// The combined result of this table and the server's agent-check.
    pub(super) fn with_agent(&self, server: &ServerLine) -> Self {
        if server.parameters.agent_check.is_none() {
            return self.clone();
        }
        let sent = server.parameters.agent_send.as_ref();
        let sent = sent.map(|sent| sent.value.as_str());
        let ours = server.parameters.asks_our_agent();
        let agent = Case::ALL.map(|case| said::agent(case, sent, ours));
        let mut agent = agent.into_iter();
        Self(
            self.0
                .map(|check| check.with(agent.next().unwrap_or(ServerOutcome::Up))),
        )
    }

    pub(super) fn all(outcome: ServerOutcome) -> Self {
        Self([outcome; Case::ALL.len()])
    }

    pub(super) fn at(&self, case: Case) -> ServerOutcome {
        let mut all = self.rows();
        let found = all.find(|(of, _)| *of == case);
        found.map_or(
            ServerOutcome::Unknown("there is no such case"),
            |(_, outcome)| outcome,
        )
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = (Case, ServerOutcome)> {
        Case::ALL.into_iter().zip(self.0)
    }

    pub(super) fn is_up(&self, case: Case) -> bool {
        self.at(case) == ServerOutcome::Up
    }

    /// The role that is accepted, if exactly one is.
    pub(super) fn role(&self) -> SessionOrigin {
        let up = |case| self.is_up(case);
        match (up(Case::Primary), up(Case::Standby)) {
            (true, false) if !matches!(self.at(Case::Standby), ServerOutcome::Unknown(_)) => {
                SessionOrigin::Writers
            }
            (false, true) if !matches!(self.at(Case::Primary), ServerOutcome::Unknown(_)) => {
                SessionOrigin::Readers
            }
            // A check that accepts both or neither may be for another state, such as a lagging standby.
            (true | false, true | false) => SessionOrigin::Unknown,
        }
    }

    fn of_connection(own_port: bool) -> Self {
        Self(Case::ALL.map(|case| match (case, own_port) {
            (
                Case::Primary | Case::Standby | Case::Lagging | Case::Maintenance | Case::NotFound,
                _,
            )
            | (Case::Down, false)
            | (Case::NoDaemon, true) => ServerOutcome::Up,
            (Case::Down, true) => {
                ServerOutcome::Unknown("a server that hangs still accepts connections")
            }
            (Case::NoDaemon, false) => ServerOutcome::Down,
        }))
    }

    fn of_postgres(user: &str) -> Self {
        if of_name(user) != SessionOrigin::Unknown {
            let reason = "pg_hba.conf may accept the user for one role and reject it for the other";
            return Self::all(ServerOutcome::Unknown(reason));
        }
        Self(Case::ALL.map(|case| match case {
            Case::Primary
            | Case::Standby
            | Case::Lagging
            | Case::Maintenance
            | Case::NoDaemon
            | Case::NotFound => ServerOutcome::Up,
            Case::Down => ServerOutcome::Down,
        }))
    }

    fn of_http(check: &ProxySettings, port: Option<u16>) -> Self {
        let mut asked = requests(check).filter_map(path);
        let path = asked.find(|path| !path.is_empty()).unwrap_or_default();
        if path.is_empty() && port != Some(said::PATRONI) {
            return Self::all(ServerOutcome::Unknown(
                "the answer to / depends on the program",
            ));
        }
        Self::of_steps(check, Asked::Path(path))
    }

    fn of_steps(check: &ProxySettings, asked: Asked<'_>) -> Self {
        let sends = check
            .steps()
            .iter()
            .any(|step| matches!(step, Step::Send(_)));
        if asked == Asked::StatePort && sends {
            return Self::all(ServerOutcome::Unknown("the check sends data of its own"));
        }
        Self(Case::ALL.map(|case| match said::said(asked, case) {
            Said::Nothing => ServerOutcome::Down,
            said @ (Said::Line(_) | Said::Status(_)) => steps(check, &said),
        }))
    }

    /// If no case is up, the words and statuses may be those of another program, of which nothing is known.
    fn of_another_program_if_nothing_is_up(self) -> Self {
        let known = [ServerOutcome::Up, ServerOutcome::Draining];
        if self
            .0
            .iter()
            .all(|outcome| !known.contains(outcome) && !is_unknown(*outcome))
        {
            return Self::all(ServerOutcome::Unknown(
                "the check expects words or statuses of another program",
            ));
        }
        self
    }
}

fn is_unknown(outcome: ServerOutcome) -> bool {
    matches!(outcome, ServerOutcome::Unknown(_))
}

/// Evaluates all expectations one after another against one answer.
fn steps(check: &ProxySettings, said: &Said) -> ServerOutcome {
    if check.drains_on_404 && *said == Said::Status(404) {
        return ServerOutcome::Draining;
    }
    let mut last = match said {
        // Without an expectation any status of success or redirection counts as up.
        Said::Status(status) if !check.expects() && !(200..400).contains(status) => {
            ServerOutcome::Down
        }
        Said::Status(_) | Said::Line(_) | Said::Nothing => ServerOutcome::Up,
    };
    for step in check.steps() {
        let Step::Expect(expect) = step else {
            continue;
        };
        match expect::judge(expect, said) {
            Judged::Met(outcome) => last = outcome,
            Judged::Failed(outcome) => return outcome,
            Judged::Unknown(why) => return ServerOutcome::Unknown(why),
        }
    }
    last
}

#[cfg(test)]
mod tests;
