//! Each rule by its name, and what a violation is. Knows no world.

use std::fmt;
use std::time::Duration;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The agent causes no time in which two servers that clients reach take writes, and prolongs none.
    OnePrimary,
    /// No primary lacks a row that was acknowledged under a synchronous rule.
    NoRowLost,
    /// The same, of rows on a timeline that two servers have written from the same beginning on.
    TwinTimelines,
    /// A single crash loses no acknowledged row where commits wait for nobody.
    NoneLeftBehind,
    /// Nobody is promoted where too few of those are seen who could have acknowledged.
    EnoughSeen,
    /// No healthy server is stopped without cause.
    NoneStopped,
    /// No host is fenced without cause.
    NoneFenced,
    /// In the end there is a primary.
    PrimaryInTheEnd,
    /// There is one soon after a single event, where all was well before.
    PrimarySoon,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 9] = [
        Self::OnePrimary,
        Self::NoRowLost,
        Self::TwinTimelines,
        Self::NoneLeftBehind,
        Self::EnoughSeen,
        Self::NoneStopped,
        Self::NoneFenced,
        Self::PrimaryInTheEnd,
        Self::PrimarySoon,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnePrimary => "one-primary",
            Self::NoRowLost => "no-row-lost",
            Self::TwinTimelines => "twin-timelines",
            Self::NoneLeftBehind => "none-left-behind",
            Self::EnoughSeen => "enough-seen",
            Self::NoneStopped => "none-stopped",
            Self::NoneFenced => "none-fenced",
            Self::PrimaryInTheEnd => "primary-in-the-end",
            Self::PrimarySoon => "primary-soon",
        }
    }

    /// By its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// Rules that are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// All but these.
    #[must_use]
    pub fn without(these: &[Rule]) -> Self {
        Self(
            Rule::ALL
                .into_iter()
                .filter(|rule| !these.contains(rule))
                .collect(),
        )
    }

    /// This one alone.
    #[must_use]
    pub fn only(rule: Rule) -> Self {
        Self(vec![rule])
    }

    pub(crate) fn includes(&self, rule: Rule) -> bool {
        self.0.contains(&rule)
    }
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// When.
    pub at: Duration,
    /// How.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, at, what } = self;
        write!(f, "{} at {:.3} s: {what}", rule.name(), at.as_secs_f64())
    }
}
