//! The rounds of one contender at one width, brought to one figure each: the median, but all losses and
//! the highest number of backends.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::contender::Name;
use crate::measure::{Round, Turns};

/// What one contender did at one width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    /// Right answers a second.
    pub(super) rate: f64,
    /// Seconds within which half of the answers came.
    pub(super) p50: Option<f64>,
    /// Seconds within which 99 of 100 answers came.
    pub(super) p99: Option<f64>,
    /// Checks lost in all rounds.
    pub(super) lost: u32,
    /// Seconds of CPU for each answer; `None` when nothing was answered.
    pub(super) cpu: Option<f64>,
    /// Kilobytes.
    pub(super) memory: f64,
    /// Statements in PostgreSQL for each answer; `None` without a PostgreSQL.
    pub(super) statements: Option<f64>,
    /// Sessions in PostgreSQL for each answer.
    pub(super) sessions: Option<f64>,
    /// The most backends at once in any round.
    pub(super) most_backends: Option<u32>,
    /// Share of the servers' core that others used, in the worst round.
    pub(super) others: f64,
    /// Share of the client's core in use.
    pub(super) client: f64,
}

impl Figures {
    /// Of at least one round.
    fn of(rounds: &[Round]) -> Option<Self> {
        let share =
            |used: Duration, round: &Round| used.as_secs_f64() / round.counted.as_secs_f64();
        Some(Self {
            rate: median(rounds.iter().map(|r| r.rate))?,
            p50: median(
                rounds
                    .iter()
                    .filter_map(|r| r.p50)
                    .map(|wait| wait.as_secs_f64()),
            ),
            p99: median(
                rounds
                    .iter()
                    .filter_map(|r| r.p99)
                    .map(|wait| wait.as_secs_f64()),
            ),
            lost: rounds.iter().map(|r| r.lost).sum(),
            cpu: median(
                rounds
                    .iter()
                    .filter_map(|r| per_answer(r, r.cpu.as_secs_f64())),
            ),
            memory: median(rounds.iter().map(|r| f64::from(r.memory)))?,
            statements: median(
                rounds
                    .iter()
                    .filter_map(|r| per_counted(r, r.postgres?.statements)),
            ),
            sessions: median(
                rounds
                    .iter()
                    .filter_map(|r| per_counted(r, r.postgres?.sessions)),
            ),
            most_backends: rounds
                .iter()
                .filter_map(|r| r.postgres.map(|_| r.most_backends))
                .max(),
            others: rounds
                .iter()
                .map(|r| share(r.others, r))
                .fold(0.0, f64::max),
            client: median(rounds.iter().map(|r| share(r.client, r)))?,
        })
    }
}

/// The figures of every contender and width that was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary(BTreeMap<(Name, u32), Figures>);

impl Summary {
    /// Of all rounds.
    pub(crate) fn of(turns: &Turns) -> Self {
        let cells = turns.iter();
        Self(
            cells
                .filter_map(|(n, width, rounds)| Some(((n, width), Figures::of(rounds)?)))
                .collect(),
        )
    }

    /// One contender at one width.
    pub(super) fn get(&self, name: Name, width: u32) -> Option<&Figures> {
        self.0.get(&(name, width))
    }

    /// All, by contender, then by width.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Name, u32, &Figures)> {
        self.0
            .iter()
            .map(|((name, width), figures)| (*name, *width, figures))
    }

    /// One contender, by width.
    pub(super) fn of_contender(&self, wanted: Name) -> impl Iterator<Item = (u32, &Figures)> {
        self.iter()
            .filter(move |(name, _, _)| *name == wanted)
            .map(|(_, width, f)| (width, f))
    }
}

fn per_answer(round: &Round, used: f64) -> Option<f64> {
    (round.answers > 0).then(|| used / f64::from(round.answers))
}

fn per_counted(round: &Round, number: u64) -> Option<f64> {
    // Far from where the number would not fit.
    let number = f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    (round.counted_answers > 0).then(|| number / f64::from(round.counted_answers))
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get(values.len() / 2 - 1)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
pub(super) mod tests;
