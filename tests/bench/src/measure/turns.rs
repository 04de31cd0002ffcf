//! Every contender in turn at every width, round after round, so that what changes on the machine
//! meanwhile meets them all.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Round;
use crate::contender::{Name, Running};
use crate::error::Error;
use crate::host::Host;
use crate::progress::say;

/// How long and how often to measure.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Numbers of clients at once.
    pub(crate) widths: Vec<u32>,
    /// Turns of each contender at each width.
    pub(crate) rounds: u32,
    /// Length of one turn.
    pub(crate) length: Duration,
}

/// All rounds by contender and width.
#[derive(Debug, Default)]
pub(crate) struct Turns(BTreeMap<(Name, u32), Vec<Round>>);

impl Turns {
    /// Measures them all.
    pub(crate) fn measure(host: &Host, running: &[Running], plan: &Plan) -> Result<Self, Error> {
        let mut turns = Self::default();
        for width in &plan.widths {
            for number in 1..=plan.rounds {
                for contender in running {
                    let round = Round::measure(host, contender, *width, plan.length)?;
                    say(&format!(
                        "{width:>4} clients, round {number}/{}: {} answered {} checks, lost {}",
                        plan.rounds,
                        contender.name.label(),
                        round.answers,
                        round.lost,
                    ));
                    if round.lost > 0 && contender.name.is_ours() {
                        say(&contender.enclosure.log_end());
                    }
                    turns
                        .0
                        .entry((contender.name, *width))
                        .or_default()
                        .push(round);
                }
            }
        }
        Ok(turns)
    }

    /// Every contender and width with its rounds, by contender, then by width.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Name, u32, &[Round])> {
        self.0
            .iter()
            .map(|((name, width), rounds)| (*name, *width, rounds.as_slice()))
    }
}
