//! What many checks at once were told. Clients note an answer's moment after it came, and late when
//! they wait for a processor, so that only this order is certain: a check asked after another one was
//! answered came later.

use std::time::Instant;

use support::{Daemon, Exchange, Trouble, ask_every, ask_flat_out};

use crate::PACE;

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
    /// The checks that come at [`PACE`] while something is done, and what that brings.
    pub(super) fn during<T>(
        daemon: &Daemon,
        deed: impl FnOnce() -> Result<T, Trouble>,
    ) -> Result<(T, Self), Trouble> {
        let (value, exchanges) = ask_every(PACE, daemon.state(), deed);
        Ok((value?, Self::of(exchanges)?))
    }

    /// The same with so many clients that do not pause.
    pub(super) fn flat_out<T>(
        clients: usize,
        daemon: &Daemon,
        deed: impl FnOnce() -> Result<T, Trouble>,
    ) -> Result<(T, Self), Trouble> {
        let (value, exchanges) = ask_flat_out(daemon.state(), clients, deed);
        Ok((value?, Self::of(exchanges)?))
    }

    /// A check without an answer is an error.
    fn of(exchanges: Vec<Exchange>) -> Result<Self, Trouble> {
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
