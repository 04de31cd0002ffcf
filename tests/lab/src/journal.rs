//! Lines of the journals of all hosts. Knows nothing of what they mean.

use std::time::Duration;

use serde::Deserialize;

/// A line of `journalctl --output=json`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Line {
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    at: String,
    /// The host's name.
    #[serde(rename = "_HOSTNAME", default)]
    pub(crate) host: String,
    /// The program's name.
    #[serde(rename = "SYSLOG_IDENTIFIER", default)]
    pub(crate) program: String,
    /// A list of bytes where it is no text; such a line tells nothing here.
    #[serde(rename = "MESSAGE", default)]
    message: serde_json::Value,
}

/// The lines of a text; what is none is passed over.
pub(crate) fn lines(journal: &str) -> impl Iterator<Item = Line> {
    let lines = journal.lines();
    lines.filter_map(|line| serde_json::from_str(line).ok())
}

impl Line {
    /// When it was written, since 1970.
    pub(crate) fn at(&self) -> Option<Duration> {
        self.at.parse().ok().map(Duration::from_micros)
    }

    /// What it says, if that is text.
    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_str()
    }

    /// Whether a text is part of what it says.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.message().is_some_and(|said| said.contains(text))
    }
}
