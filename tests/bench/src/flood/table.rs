//! What came of it, as a Markdown table; pure.

use std::time::Duration;

/// One attack on one contender.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) contender: &'static str,
    pub(super) attack: &'static str,
    /// Connections that untrusted clients began, a second.
    pub(super) arrivals: f64,
    pub(super) answered: usize,
    pub(super) lost: u32,
    pub(super) p50: Option<Duration>,
    pub(super) p99: Option<Duration>,
    pub(super) longest: Option<Duration>,
    pub(super) changes: usize,
    pub(super) overflows: u64,
    /// By how many kB its own processes' memory grew.
    pub(super) grown: i64,
    pub(super) log_lines: usize,
    /// Whether it answers once nobody attacks.
    pub(super) survived: bool,
}

const HEAD: &str = "\
| contender | untrusted clients | arrivals/s | answered | lost | p50 | p99 | longest | HAProxy's changes | queue full | memory | log lines | answers afterwards |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
";

/// All rows below their heading.
pub(super) fn table(rows: &[Row]) -> String {
    HEAD.to_owned() + &rows.iter().map(line).collect::<String>()
}

/// One row.
pub(super) fn line(row: &Row) -> String {
    let time = |time: Option<Duration>| {
        time.map_or_else(
            || "\u{2013}".into(),
            |time| format!("{:.1} ms", time.as_secs_f64() * 1e3),
        )
    };
    format!(
        "| {} | {} | {:.0} | {} | {} | {} | {} | {} | {} | {} | {:+} kB | {} | {} |\n",
        row.contender,
        row.attack,
        row.arrivals,
        row.answered,
        row.lost,
        time(row.p50),
        time(row.p99),
        time(row.longest),
        row.changes,
        row.overflows,
        row.grown,
        row.log_lines,
        if row.survived { "yes" } else { "no" },
    )
}
