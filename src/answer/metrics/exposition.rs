//! Writes the text that Prometheus reads: `OpenMetrics` 1.0.0, or the older format 0.0.4, which differs in the names
//! in comments of counters and has no end mark.

use std::fmt::Write;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use crate::config::MetricNames;

/// The format of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsFormat {
    /// `OpenMetrics` 1.0.0, for clients that accept it.
    OpenMetrics,
    /// Format 0.0.4, for all other clients.
    Text,
}

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposition {
    /// The format.
    pub form: MetricsFormat,
    /// Whether metrics under Patroni's names are included.
    pub names: MetricNames,
}

impl MetricsFormat {
    /// The format for the value of a client's `Accept:` header.
    #[must_use]
    pub fn accepted(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// The value of the response's `Content-Type:` header.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

const END: &str = "# EOF\n";

/// Adds metrics before the end mark.
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
    // The library writes `{}` for a sample without labels, others write nothing; no label's value contains `{} `.
    let text = text.replace("{} ", " ");
    match form {
        MetricsFormat::OpenMetrics => text,
        MetricsFormat::Text => older(&text),
    }
}

/// Converts `OpenMetrics` to the older format. In the comments of `OpenMetrics` a counter has no suffix `_total`, but its
/// sample has; in the older format both have it.
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
