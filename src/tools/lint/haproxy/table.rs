//! Computes the result of a server's check and agent-check for each state of the server; knows no rule.
//!
//! - `case`, `outcome`: the states, and what becomes of a server in one.
//! - `said`: the answer to a check in each state.
//! - `status`: that to an HTTP request.
//! - `expect`: whether an answer meets an expectation.
//! - `walk`: the whole check in one state, connection by connection.

mod case;
mod expect;
mod outcome;
mod said;
mod status;
mod walk;

use super::check::CheckKind;
use super::role::{SessionOrigin, of_name};
use super::server::ServerLine;
use super::settings::ProxySettings;

pub(super) use case::Case;
pub(super) use outcome::ServerOutcome;
pub(super) use said::STATE;

/// An outcome for each case, in the order of [`Case::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table([ServerOutcome; Case::ALL.len()]);

impl Table {
    /// The result of the check alone.
    pub(super) fn of_check(check: &ProxySettings, server: &ServerLine) -> Self {
        let table = match &check.check {
            CheckKind::Postgres(user) => Self::of_postgres(user),
            CheckKind::Connect | CheckKind::Tcp | CheckKind::Http => {
                Self(Case::ALL.map(|case| walk::walk(check, server, case)))
            }
            CheckKind::External => Self::all(ServerOutcome::Unknown("an external program decides")),
            CheckKind::Foreign => Self::all(ServerOutcome::Unknown(
                "the check speaks another protocol than PostgreSQL's",
            )),
        };
        let why = match check.check {
            CheckKind::Http => {
                "the daemon does not know the method or the path of the check, or has no such status"
            }
            CheckKind::Connect
            | CheckKind::Tcp
            | CheckKind::Postgres(_)
            | CheckKind::External
            | CheckKind::Foreign => "the check expects words or statuses of another program",
        };
        table.unknown_if_nothing_is_up(why)
    }

    /// The combined result of this table and the server's agent-check.
    pub(super) fn with_agent(&self, server: &ServerLine) -> Self {
        if server.parameters.agent_check.is_none() {
            return self.clone();
        }
        let sent = server.parameters.view_line();
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

    /// If no case is up, the words and statuses may be those of another program, of which nothing is known.
    fn unknown_if_nothing_is_up(self, why: &'static str) -> Self {
        let known = [ServerOutcome::Up, ServerOutcome::Draining];
        if self
            .0
            .iter()
            .all(|outcome| !known.contains(outcome) && !is_unknown(*outcome))
        {
            return Self::all(ServerOutcome::Unknown(why));
        }
        self
    }
}

fn is_unknown(outcome: ServerOutcome) -> bool {
    matches!(outcome, ServerOutcome::Unknown(_))
}

#[cfg(test)]
mod tests;
