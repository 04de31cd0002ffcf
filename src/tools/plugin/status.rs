//! How bad a finding is.

/// The four states of the Monitoring Plugins Development Guidelines ("Plugin Return Codes"), the worst
/// last: what is known to be broken is worse than what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PluginStatus {
    /// Within every limit.
    Ok,
    /// For people to look at.
    Warning,
    /// It could not be asked, or not be judged.
    Unknown,
    /// Broken, or not what is expected.
    Critical,
}

impl PluginStatus {
    /// As these guidelines write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Unknown => "UNKNOWN",
            Self::Critical => "CRITICAL",
        }
    }
}
