//! `pgsql-state probe`: asks PostgreSQL once, without a daemon.

use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;

use super::exit::{Exit, complete, print};
use super::invocation;
use crate::answer::document::{LsnText, ReceiverWord};
use crate::answer::state_port::line;
use crate::base::json::line_by_line;
use crate::daemon::observe::{Observation, once};
use crate::daemon::{self, Configured, quorum};
use crate::health::{
    Claim, ConnectionSlots, Depth, DownReason, Replay, Replication, State, Transactions, Verdict,
};

/// The version of the document: it grows when a field changes its meaning, not when one is added.
const VERSION: u64 = 1;

/// The role that is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProbeExpected {
    Production,
    Standby,
}

/// The format of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeFormat {
    Line,
    Json,
}

pub(super) fn run(
    config: Option<&Path>,
    form: ProbeFormat,
    expected: Option<ProbeExpected>,
) -> Exit {
    match try_run(config, form, expected) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(
    config: Option<&Path>,
    form: ProbeFormat,
    expected: Option<ProbeExpected>,
) -> Result<Exit, Exit> {
    let settings = invocation::load(config)?;
    let (seen, refusal) = complete(once(
        &daemon::observation_settings(&settings),
        Depth::Figures,
    ))?;
    let answer = line(seen.verdict, &settings.answer.words);
    match form {
        ProbeFormat::Line => print(&answer)?,
        ProbeFormat::Json => print(&line_by_line(&document(answer.trim_end(), &seen)))?,
    }
    let why = match (refusal, seen.verdict) {
        (Some(refusal), _) => Some(refusal.to_string()),
        (None, Verdict::Down(reason)) => Some(why_down(reason, &settings)),
        (None, Verdict::Production | Verdict::Standby | Verdict::Lagging(_)) => None,
    };
    if let Some(why) = why {
        Exit::Failure.saying(&format!("pgsql-state: {}: {why}", settings.postgres.target));
    }
    Ok(if is_as(seen.verdict, expected) {
        Exit::Success
    } else {
        Exit::Failure
    })
}

/// Why a server is down that has answered: a guard, or the conditions of `[answer]`.
fn why_down(reason: DownReason, settings: &Configured) -> String {
    if reason == DownReason::NoQuorum
        && let Some(missing) = quorum::problem(&settings.guard.quorum_file)
    {
        return format!(
            "it is a primary, and {missing}; pgsql-state-quorum.service writes that file, and guard.quorum requires it"
        );
    }
    let sentence = format!("{} ({})", reason.meaning(), reason.look_at());
    sentence.replace('`', "")
}

/// Whether the role is known and as expected. A standby that lags has a known role, but does
/// not count as the expected standby.
fn is_as(verdict: Verdict, expected: Option<ProbeExpected>) -> bool {
    match (verdict, expected) {
        (Verdict::Production, None | Some(ProbeExpected::Production))
        | (Verdict::Standby, None | Some(ProbeExpected::Standby))
        | (Verdict::Lagging(_), None) => true,
        (Verdict::Production, Some(ProbeExpected::Standby))
        | (Verdict::Standby, Some(ProbeExpected::Production))
        | (Verdict::Lagging(_), Some(_))
        | (Verdict::Down(_), _) => false,
    }
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct ProbeDocument<'p> {
    version: u64,
    answer: &'p str,
    role: Option<Claim>,
    connection_slots: Option<ConnectionSlots>,
    default_transaction_read_only: Option<bool>,
    replication: Option<ProbeReplication>,
}

/// A standby's part of it.
#[derive(Debug, Serialize)]
struct ProbeReplication {
    receiver: ReceiverWord,
    received_lsn: Option<LsnText>,
    replayed_lsn: Option<LsnText>,
    replay: Replay,
    lag_bytes: Option<u64>,
    delay_seconds: Option<f64>,
}

fn document<'p>(answer: &'p str, seen: &Observation) -> ProbeDocument<'p> {
    let (role, slots, replication) = match &seen.state {
        State::Primary(slots) => (Some(Claim::Primary), Some(*slots), None),
        State::Standby(slots, standby) => (
            Some(Claim::Standby),
            Some(*slots),
            standby.replication.as_ref(),
        ),
        State::Down(_) => (None, None, None),
    };
    ProbeDocument {
        version: VERSION,
        answer,
        role,
        connection_slots: slots,
        default_transaction_read_only: seen.transactions.map(Transactions::is_read_only),
        replication: replication.map(|figures| replication_of(figures, seen)),
    }
}

fn replication_of(figures: &Replication, seen: &Observation) -> ProbeReplication {
    ProbeReplication {
        receiver: figures.receiver.into(),
        received_lsn: figures.received.map(LsnText),
        replayed_lsn: figures.replayed.map(LsnText),
        replay: figures.replay,
        lag_bytes: figures.lag().map(|lag| lag.0),
        delay_seconds: seen.delay.map(|delay| delay.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::LagReason;

    #[test]
    fn a_role_that_is_not_the_expected_one_fails() {
        assert!(is_as(Verdict::Production, Some(ProbeExpected::Production)));
        assert!(!is_as(Verdict::Production, Some(ProbeExpected::Standby)));
        assert!(!is_as(Verdict::Standby, Some(ProbeExpected::Production)));
    }

    #[test]
    fn a_lagging_standby_has_a_known_role_but_not_the_expected_one() {
        let lagging = Verdict::Lagging(LagReason::Behind);
        assert!(is_as(lagging, None));
        assert!(!is_as(lagging, Some(ProbeExpected::Standby)));
    }

    #[test]
    fn a_server_that_is_down_has_no_known_role() {
        assert!(!is_as(Verdict::Down(DownReason::Starting), None));
    }
}
