//! The text that Prometheus reads: `OpenMetrics` 1.0.0, or the older format 0.0.4, which differs in how
//! a counter is introduced and has no end.

use std::fmt::Write;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use crate::config::MetricNames;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsFormat {
    /// For whoever asks for it.
    OpenMetrics,
    /// For everybody else.
    Text,
}

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposition {
    /// In which format.
    pub form: MetricsFormat,
    /// By whose names.
    pub names: MetricNames,
}

impl MetricsFormat {
    /// As a client's `Accept:` has it.
    #[must_use]
    pub fn accepted(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// As the answer's `Content-Type:` has it.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

const END: &str = "# EOF\n";

/// Adds metrics before the end.
pub(super) fn with(mut text: String, more: &str) -> String {
    let length = text.strip_suffix(END).map(str::len);
    match length {
        Some(length) => text.insert_str(length, more),
        None => text.push_str(more),
    }
    text
}

pub(super) fn text(registry: &Registry, form: MetricsFormat) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    encode(&mut text, registry).ok();
    // As everybody writes a sample without labels; no label's value has these letters.
    let text = text.replace("{} ", " ");
    match form {
        MetricsFormat::OpenMetrics => text,
        MetricsFormat::Text => older(&text),
    }
}

/// `OpenMetrics` names a counter without its suffix `_total`, which its sample has; before it a name was
/// a name.
fn older(text: &str) -> String {
    let suffix = |line: &str| {
        let name = line.split(' ').nth(2).unwrap_or_default();
        let typed = |kind: &str| text.contains(&format!("# TYPE {name} {kind}\n"));
        match (typed("counter"), typed("info")) {
            (true, _) => "_total",
            (false, true) => "_info",
            (false, false) => "",
        }
    };
    let mut older = String::new();
    for line in text.lines() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        if !line.starts_with("# ") {
            older.push_str(line);
            older.push('\n');
            continue;
        }
        let mut words = line.splitn(4, ' ').skip(1);
        let mut next = || words.next().unwrap_or_default();
        let (what, name, rest) = (next(), next(), next());
        let kind = if rest == "info" { "gauge" } else { rest };
        writeln!(older, "# {what} {name}{} {kind}", suffix(line)).ok();
    }
    older
}
