//! Formats a finding for the programs that run plugins: a line and an exit status. Prints nothing itself.
//!
//! Nagios and compatible programs: Monitoring Plugins Development Guidelines, "Plugin Output", "Performance data" and
//! "Plugin Return Codes". Consul: its manual, "Check script conventions". keepalived: `keepalived.conf(5)`,
//! `MISC_CHECK`.

use serde::{Serialize, Serializer};

use super::finding::{Amount, CheckFinding, Figure, Load};
use super::status::PluginStatus;
use crate::base::json::line_by_line;

/// The program that reads the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// Nagios, Icinga and compatible programs.
    #[default]
    Nagios,
    /// Other programs, as JSON; the exit status is that of Nagios.
    Json,
    /// Consul.
    Consul,
    /// keepalived's `MISC_CHECK`, and `vrrp_script`.
    Keepalived,
    /// keepalived's `MISC_CHECK` with `misc_dynamic`.
    MiscDynamic,
}

/// Version of the JSON document. It grows when a field changes its meaning, not when a field is added.
const VERSION: u32 = 1;

/// With `misc_dynamic` an exit status from 2 is a weight plus 2; 0 leaves the weight, 1 is a failure.
const NO_WEIGHT: u8 = 2;

impl OutputFormat {
    /// Every format.
    #[cfg(test)]
    pub(super) const ALL: [Self; 5] = [
        Self::Nagios,
        Self::Json,
        Self::Consul,
        Self::Keepalived,
        Self::MiscDynamic,
    ];

    /// The output, with a newline at its end.
    #[must_use]
    pub fn text(self, finding: &CheckFinding) -> String {
        let line = line(finding);
        match self {
            Self::Nagios if finding.figures.is_empty() => line + "\n",
            Self::Nagios => {
                let figures: Vec<String> = finding.figures.iter().map(performance).collect();
                format!("{line} | {}\n", figures.join(" "))
            }
            Self::Json => document(finding),
            Self::Consul | Self::Keepalived | Self::MiscDynamic => line + "\n",
        }
    }

    /// The exit status.
    #[must_use]
    pub fn exit(self, finding: &CheckFinding) -> u8 {
        match (self, finding.status) {
            (Self::MiscDynamic, status) => weighed(finding.load, status),
            (_, PluginStatus::Ok) | (Self::Keepalived, PluginStatus::Warning) => 0,
            (Self::Nagios | Self::Json | Self::Consul, PluginStatus::Warning)
            | (Self::Keepalived, PluginStatus::Unknown | PluginStatus::Critical) => 1,
            (Self::Consul, PluginStatus::Unknown)
            | (Self::Nagios | Self::Json | Self::Consul, PluginStatus::Critical) => 2,
            (Self::Nagios | Self::Json, PluginStatus::Unknown) => 3,
        }
    }
}

/// keepalived takes every status above 1 for success, so only an intended weight may be above 1.
fn weighed(load: Load, status: PluginStatus) -> u8 {
    match (load, status) {
        (Load::Drain, PluginStatus::Ok | PluginStatus::Warning | PluginStatus::Critical) => {
            NO_WEIGHT
        }
        (Load::Share(share), PluginStatus::Ok | PluginStatus::Warning) => {
            NO_WEIGHT.saturating_add(share.percent())
        }
        (Load::AsConfigured, PluginStatus::Ok | PluginStatus::Warning) => 0,
        (Load::Drain, PluginStatus::Unknown)
        | (Load::Share(_) | Load::AsConfigured, PluginStatus::Unknown | PluginStatus::Critical) => {
            1
        }
    }
}

fn line(finding: &CheckFinding) -> String {
    let subject = finding.subject.word().to_uppercase();
    format!("{subject} {} - {}", finding.status.word(), finding.text)
}

/// Formats `label=value[unit];warning;critical;minimum`. A bare number as a limit is a maximum, a number with
/// a colon a minimum.
fn performance(figure: &Figure) -> String {
    let limit = |limit: Option<Amount>| match limit {
        None => String::new(),
        Some(Amount::Count(count)) => format!("{count}:"),
        Some(limit) => number(limit),
    };
    format!(
        "{}={}{};{};{};0",
        figure.name,
        number(figure.amount),
        unit(figure.amount),
        limit(figure.bounds.warning),
        limit(figure.bounds.critical)
    )
}

fn number(amount: Amount) -> String {
    match amount {
        Amount::Bytes(bytes) => bytes.0.to_string(),
        Amount::Time(time) => time.as_secs_f64().to_string(),
        Amount::Count(count) => count.to_string(),
    }
}

fn unit(amount: Amount) -> &'static str {
    match amount {
        Amount::Bytes(_) => "B",
        Amount::Time(_) => "s",
        Amount::Count(_) => "",
    }
}

/// What programs read.
#[derive(Debug, Serialize)]
struct CheckDocument<'f> {
    version: u32,
    check: &'static str,
    status: String,
    text: &'f str,
    #[serde(serialize_with = "by_name")]
    figures: &'f [Figure],
}

/// A figure with its limits.
#[derive(Debug, Serialize)]
struct FigureFields {
    value: FigureValue,
    unit: &'static str,
    warning: Option<FigureValue>,
    critical: Option<FigureValue>,
}

/// In bytes, seconds or none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum FigureValue {
    Bytes(u64),
    Seconds(f64),
    Count(u32),
}

impl From<Amount> for FigureValue {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Bytes(bytes) => Self::Bytes(bytes.0),
            Amount::Time(time) => Self::Seconds(time.as_secs_f64()),
            Amount::Count(count) => Self::Count(count),
        }
    }
}

fn document(finding: &CheckFinding) -> String {
    line_by_line(&CheckDocument {
        version: VERSION,
        check: finding.subject.word(),
        status: finding.status.word().to_lowercase(),
        text: &finding.text,
        figures: &finding.figures,
    })
}

/// An object with a field for each figure.
fn by_name<S: Serializer>(figures: &[Figure], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(figures.iter().map(|figure| {
        let fields = FigureFields {
            value: figure.amount.into(),
            unit: unit(figure.amount),
            warning: figure.bounds.warning.map(Into::into),
            critical: figure.bounds.critical.map(Into::into),
        };
        (figure.name, fields)
    }))
}

#[cfg(test)]
mod tests;
