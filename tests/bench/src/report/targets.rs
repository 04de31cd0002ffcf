//! What the daemon is to reach beside the bare server and its closest rival, and whether it does; pure.

use super::figures::{Figures, Summary};
use super::spell::{each, megabytes, seconds, times};
use crate::contender::Name;
use crate::measure::{Activation, Endurance};

/// From so many clients on, load and not the round trip decides.
const CROWD: u32 = 16;
const CPU_TIMES_BARE: f64 = 1.2;
const P99_TIMES_BARE: f64 = 2.0;
const RATE_TIMES_BARE_ALONE: f64 = 0.7;
const RATE_TIMES_BARE_IN_CROWD: f64 = 0.9;
const RATE_TIMES_BARE_HTTP: f64 = 0.8;
const MOST_BACKENDS: u32 = 2;
const MEMORY: u32 = 12 * 1024;
/// Kilobytes that half a million answers may add and still count as flat. The allocator's smallest
/// block has 16 bytes, so a block lost in every thirtieth answer exceeds this.
const FLAT: u32 = 256;
const ACTIVATION: f64 = 0.1;

/// Whether a target is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is.
    Met,
    /// It is not.
    Missed,
    /// This run cannot tell.
    NotMeasured,
}

/// One thing to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What is to be reached.
    pub(super) wanted: String,
    /// What was.
    pub(super) measured: String,
    /// Whether that is enough.
    pub(super) outcome: Outcome,
}

impl Target {
    fn new(wanted: impl Into<String>, measured: Option<(String, bool)>) -> Self {
        let (measured, outcome) = match measured {
            Some((measured, true)) => (measured, Outcome::Met),
            Some((measured, false)) => (measured, Outcome::Missed),
            None => (String::new(), Outcome::NotMeasured),
        };
        Self {
            wanted: wanted.into(),
            measured,
            outcome,
        }
    }
}

/// Whether a run shows every target met.
pub(crate) fn all_met(targets: &[Target]) -> bool {
    targets.iter().all(|target| target.outcome == Outcome::Met)
}

/// All targets for the widths of this run.
pub(crate) fn targets(
    summary: &Summary,
    widths: &[u32],
    endurance: Option<Endurance>,
    activation: Option<Activation>,
) -> Vec<Target> {
    let by_width = widths.iter().flat_map(|width| {
        let mut targets = at_width(summary, *width);
        // A check that comes alone waits for a question of its own, which takes PostgreSQL longer than
        // the whole answer takes a server that knows nothing.
        if *width >= CROWD {
            targets
                .extend([Name::Http, Name::HttpKept].map(|name| over_http(summary, name, *width)));
        }
        targets
    });
    let overall = [
        nothing_lost(summary),
        nothing_lost_over_http(summary),
        few_backends(summary),
        shared_statements(summary),
        small(endurance),
        flat(endurance),
        quickly_activated(activation),
    ];
    by_width.chain(overall).collect()
}

fn at_width(summary: &Summary, width: u32) -> Vec<Target> {
    let ratio = |rival: Name, figure: fn(&Figures) -> Option<f64>| {
        let own = figure(summary.get(Name::Ours, width)?)?;
        Some(own / figure(summary.get(rival, width)?)?)
    };
    let judged = |ratio: Option<f64>, good: &dyn Fn(f64) -> bool| {
        ratio.map(|ratio| (times(ratio), good(ratio)))
    };
    let at = with(width);
    let crowd = width >= CROWD;
    let least_rate = if crowd {
        RATE_TIMES_BARE_IN_CROWD
    } else {
        RATE_TIMES_BARE_ALONE
    };
    let mut targets = Vec::new();
    if crowd {
        targets.push(Target::new(
            format!("CPU per answer {at}: at most {CPU_TIMES_BARE} × the bare server's"),
            judged(ratio(Name::Bare, |own| own.cpu), &|ratio| {
                ratio <= CPU_TIMES_BARE
            }),
        ));
        targets.push(Target::new(
            format!("CPU per answer {at}: below bgw_replstatus's"),
            judged(ratio(Name::Bgw, |own| own.cpu), &|ratio| ratio < 1.0),
        ));
    }
    targets.push(Target::new(
        format!("p99 {at}: at most {P99_TIMES_BARE} × the bare server's"),
        judged(ratio(Name::Bare, |own| own.p99), &|ratio| {
            ratio <= P99_TIMES_BARE
        }),
    ));
    targets.push(Target::new(
        format!("answers a second {at}: at least {least_rate} × the bare server's"),
        judged(ratio(Name::Bare, |own| Some(own.rate)), &|ratio| {
            ratio >= least_rate
        }),
    ));
    targets
}

fn with(width: u32) -> String {
    if width == 1 {
        "with 1 client".into()
    } else {
        format!("with {width} clients")
    }
}

fn over_http(summary: &Summary, name: Name, width: u32) -> Target {
    let rate = |name| summary.get(name, width).map(|figures| figures.rate);
    let ratio = rate(name).zip(rate(name.bare()));
    let ratio = ratio.map(|(own, bare)| own / bare);
    Target::new(
        format!(
            "{} {}: at least {RATE_TIMES_BARE_HTTP} × the rate of the bare hyper server",
            name.label(),
            with(width)
        ),
        ratio.map(|ratio| (times(ratio), ratio >= RATE_TIMES_BARE_HTTP)),
    )
}

fn nothing_lost(summary: &Summary) -> Target {
    Target::new(
        "nothing lost at any width",
        lost(summary, &[Name::Ours]).map(|lost| (lost.to_string(), lost == 0)),
    )
}

fn nothing_lost_over_http(summary: &Summary) -> Target {
    Target::new(
        "no check over HTTP lost at any width",
        lost(summary, &[Name::Http, Name::HttpKept]).map(|lost| (lost.to_string(), lost == 0)),
    )
}

fn lost(summary: &Summary, names: &[Name]) -> Option<u32> {
    let figures = names.iter().flat_map(|name| summary.of_contender(*name));
    figures.map(|(_, own)| own.lost).reduce(|a, b| a + b)
}

fn few_backends(summary: &Summary) -> Target {
    let most = summary
        .of_contender(Name::Ours)
        .filter_map(|(_, own)| own.most_backends)
        .max();
    Target::new(
        format!("never more than {MOST_BACKENDS} backends in PostgreSQL"),
        most.map(|most| (most.to_string(), most <= MOST_BACKENDS)),
    )
}

fn shared_statements(summary: &Summary) -> Target {
    let each_width: Vec<f64> = summary
        .of_contender(Name::Ours)
        .filter_map(|(_, own)| own.statements)
        .collect();
    let falling = each_width
        .windows(2)
        .all(|pair| pair.is_sorted_by(|fewer, more| fewer > more));
    let spelt: Vec<String> = each_width.iter().copied().map(each).collect();
    Target::new(
        "statements per answer fall as clients rise",
        (each_width.len() > 1).then(|| (spelt.join(", "), falling)),
    )
}

fn small(endurance: Option<Endurance>) -> Target {
    Target::new(
        format!(
            "memory after a million answers: under {}",
            megabytes(f64::from(MEMORY))
        ),
        endurance
            .filter(Endurance::is_a_million)
            .map(|seen| (megabytes(f64::from(seen.at_end)), seen.at_end < MEMORY)),
    )
}

fn flat(endurance: Option<Endurance>) -> Target {
    Target::new(
        "memory does not grow from half a million answers to a million",
        endurance.filter(Endurance::is_a_million).map(|seen| {
            let sizes = [seen.at_start, seen.at_half, seen.at_end];
            let measured = sizes.map(|size| megabytes(f64::from(size))).join(", ");
            (measured, seen.at_end.saturating_sub(seen.at_half) <= FLAT)
        }),
    )
}

fn quickly_activated(activation: Option<Activation>) -> Target {
    Target::new(
        format!(
            "first answer after socket activation: within {}",
            seconds(ACTIVATION)
        ),
        activation.map(|seen| {
            let (median, slowest) = (seen.median.as_secs_f64(), seen.slowest.as_secs_f64());
            let measured = format!("{}, at worst {}", seconds(median), seconds(slowest));
            (measured, median <= ACTIVATION)
        }),
    )
}

#[cfg(test)]
mod tests;
