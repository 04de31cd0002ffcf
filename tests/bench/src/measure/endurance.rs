//! Memory over very many answers: a leak of a few bytes per answer shows.

use crate::client::{Load, Until};
use crate::contender::Running;
use crate::error::Error;
use crate::host::Host;
use crate::host::processes::Census;

/// Clients at once; as many as make the answers come fast.
const WIDTH: u32 = 64;

/// Resident memory of the contender's own processes, in kB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endurance {
    /// How many answers were given in all.
    pub(crate) answers: u32,
    /// After the first answer.
    pub(crate) at_start: u32,
    /// After half of the answers.
    pub(crate) at_half: u32,
    /// After all.
    pub(crate) at_end: u32,
}

impl Endurance {
    /// Whether it was long enough to judge by.
    pub(crate) const fn is_a_million(&self) -> bool {
        self.answers >= 1_000_000
    }

    /// Has a contender that was just started give so many answers.
    pub(crate) fn measure(host: &Host, running: &Running, answers: u32) -> Result<Self, Error> {
        let resident =
            || Ok::<_, Error>(Census::take(running.enclosure.account())?.resident_of_server());
        let answer_half = || {
            Load::new(&running.endpoint, WIDTH, &host.interrupt)?
                .run(Until::Checks(answers.div_ceil(2)))
        };
        let at_start = resident()?;
        let first = answer_half()?;
        let at_half = resident()?;
        let second = answer_half()?;
        let at_end = resident()?;
        let answers = first.answers() + second.answers();
        Ok(Self {
            answers,
            at_start,
            at_half,
            at_end,
        })
    }
}
