//! What many checks at once were told. Clients note an answer's moment after it came, and late when
//! they wait for a processor, so that only this order is certain: a check asked after another one was
//! answered came later.

use std::time::Instant;

use support::{Exchange, Trouble};

/// Checks and their answers.
#[derive(Debug)]
pub(super) struct History(Vec<Told>);

#[derive(Debug)]
struct Told {
    asked: Instant,
    answered: Instant,
    line: String,
}

impl History {
    /// The checks of a run; one without an answer is an error.
    pub(super) fn of(exchanges: Vec<Exchange>) -> Result<Self, Trouble> {
        let told = exchanges.into_iter().map(|exchange| {
            Ok(Told {
                asked: exchange.asked,
                answered: exchange.answered,
                line: exchange.answer.map_err(Trouble::io("ask the daemon"))?,
            })
        });
        Ok(Self(told.collect::<Result<_, Trouble>>()?))
    }

    /// The different answers, in the order in which they were first seen.
    pub(super) fn lines(&self) -> Vec<&str> {
        different(self.0.iter())
    }

    /// When a client first held an answer.
    pub(super) fn first(&self, wanted: impl Fn(&str) -> bool) -> Option<Instant> {
        let told = self.0.iter().filter(|told| wanted(&told.line));
        told.map(|told| told.answered).min()
    }

    /// The different answers of checks asked no earlier than this.
    pub(super) fn lines_since(&self, moment: Instant) -> Vec<&str> {
        different(self.0.iter().filter(|told| told.asked >= moment))
    }
}

fn different<'a>(told: impl Iterator<Item = &'a Told>) -> Vec<&'a str> {
    let mut lines = Vec::new();
    for told in told {
        if !lines.contains(&told.line.as_str()) {
            lines.push(told.line.as_str());
        }
    }
    lines
}
