//! What a plugin checks, with its limits. Refuses combinations that make no sense; asks nothing itself.

use std::time::Duration;

use thiserror::Error;

use super::limits::{Bounds, LagLimits, Limit};
use crate::base::units::Bytes;

/// The subject of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The role of the server.
    Role,
    /// The lag of a standby.
    Lag,
    /// Whether WAL is streamed, from a primary or to a standby.
    Replication,
    /// The replication slots.
    Slots,
    /// Whether an ordinary client can connect.
    Connect,
}

impl Subject {
    /// Every subject.
    #[cfg(test)]
    pub(super) const ALL: [Self; 5] = [
        Self::Role,
        Self::Lag,
        Self::Replication,
        Self::Slots,
        Self::Connect,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Lag => "lag",
            Self::Replication => "replication",
            Self::Slots => "slots",
            Self::Connect => "connect",
        }
    }

    fn limited_by(self) -> &'static str {
        match self {
            Self::Role => "nothing but --expect",
            Self::Lag => "a size, a duration, or both, as in 16MB,10s",
            Self::Replication => "the least number of streaming senders, as in 2",
            Self::Slots => "a size, as in 10GB",
            Self::Connect => "a duration, as in 500ms",
        }
    }
}

/// The role that `--expect` requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckExpected {
    /// A primary.
    Production,
    /// A standby.
    Standby,
}

/// A subject with its expectation or limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckQuestion {
    /// Whether the server has this role, or any role.
    Role(Option<CheckExpected>),
    /// Whether the lag is within the limits.
    Lag(LagLimits),
    /// Whether at least this many senders stream.
    Replication(Bounds<u32>),
    /// Whether the slots are sound, and hold no more WAL than this.
    Slots(Bounds<Bytes>),
    /// Whether connecting takes no longer than the limits.
    Connect(Bounds<Duration>),
}

/// Why the arguments are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuestionMistake {
    /// The limit is of another kind, or two are of the same kind.
    #[error("`check {}` is limited by {}", .0.word(), .0.limited_by())]
    Limits(Subject),
    /// The critical limit is reached before the warning.
    #[error("--critical is reached before --warning with these limits")]
    Order,
    /// `--expect` is given for another subject than the role.
    #[error("--expect can be used only with `check role`")]
    Expectation,
}

impl CheckQuestion {
    /// Builds a question from the arguments of the command line.
    ///
    /// # Errors
    ///
    /// [`QuestionMistake`] if the limits do not fit the subject or contradict each other.
    pub fn new(
        subject: Subject,
        expected: Option<CheckExpected>,
        warning: &[Limit],
        critical: &[Limit],
    ) -> Result<Self, QuestionMistake> {
        let wrong = || QuestionMistake::Limits(subject);
        if expected.is_some() && subject != Subject::Role {
            return Err(QuestionMistake::Expectation);
        }
        match subject {
            Subject::Role if warning.is_empty() && critical.is_empty() => Ok(Self::Role(expected)),
            Subject::Role => Err(wrong()),
            Subject::Lag => {
                let (warning, critical) = (split(warning), split(critical));
                let (Some(warning), Some(critical)) = (warning, critical) else {
                    return Err(wrong());
                };
                Ok(Self::Lag(LagLimits {
                    lag: rising(warning.0, critical.0)?,
                    delay: rising(warning.1, critical.1)?,
                }))
            }
            Subject::Replication => {
                let count = |limit| match limit {
                    Limit::Count(count) => Some(count),
                    Limit::Size(_) | Limit::Time(_) => None,
                };
                let bounds = Bounds {
                    warning: only(warning, count).map_err(|()| wrong())?,
                    critical: only(critical, count).map_err(|()| wrong())?,
                };
                match (bounds.warning, bounds.critical) {
                    (Some(warning), Some(critical)) if warning < critical => {
                        Err(QuestionMistake::Order)
                    }
                    (_, _) => Ok(Self::Replication(bounds)),
                }
            }
            Subject::Slots => {
                let size = |limit| match limit {
                    Limit::Size(size) => Some(size),
                    Limit::Time(_) | Limit::Count(_) => None,
                };
                let warning = only(warning, size).map_err(|()| wrong())?;
                let critical = only(critical, size).map_err(|()| wrong())?;
                rising(warning, critical).map(Self::Slots)
            }
            Subject::Connect => {
                let time = |limit| match limit {
                    Limit::Time(time) => Some(time),
                    Limit::Size(_) | Limit::Count(_) => None,
                };
                let warning = only(warning, time).map_err(|()| wrong())?;
                let critical = only(critical, time).map_err(|()| wrong())?;
                rising(warning, critical).map(Self::Connect)
            }
        }
    }
}

/// Returns the only limit, if there is one; an error if there are several or if it is of another kind.
fn only<T>(limits: &[Limit], kind: impl Fn(Limit) -> Option<T>) -> Result<Option<T>, ()> {
    match limits {
        [] => Ok(None),
        [limit] => kind(*limit).map(Some).ok_or(()),
        [_, _, ..] => Err(()),
    }
}

/// Separates at most one size and at most one duration; `None` for anything else.
fn split(limits: &[Limit]) -> Option<(Option<Bytes>, Option<Duration>)> {
    let (mut size, mut time) = (None, None);
    for limit in limits {
        let taken = match *limit {
            Limit::Size(bytes) => size.replace(bytes).is_some(),
            Limit::Time(duration) => time.replace(duration).is_some(),
            Limit::Count(_) => true,
        };
        if taken {
            return None;
        }
    }
    Some((size, time))
}

fn rising<T: PartialOrd>(
    warning: Option<T>,
    critical: Option<T>,
) -> Result<Bounds<T>, QuestionMistake> {
    match (&warning, &critical) {
        (Some(warning), Some(critical)) if warning > critical => Err(QuestionMistake::Order),
        (_, _) => Ok(Bounds { warning, critical }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Vec<Limit> {
        let each = text.split(',').filter(|limit| !limit.is_empty());
        each.map(|limit| limit.parse().unwrap()).collect()
    }

    fn question(
        subject: Subject,
        warning: &str,
        critical: &str,
    ) -> Result<CheckQuestion, QuestionMistake> {
        CheckQuestion::new(subject, None, &limits(warning), &limits(critical))
    }

    #[test]
    fn each_subject_takes_limits_of_its_kind_alone() {
        for (subject, warning, critical) in [
            (Subject::Lag, "16MB", "64MB"),
            (Subject::Lag, "16MB,10s", "1min"),
            (Subject::Lag, "10s,16MB", ""),
            (Subject::Replication, "2", "1"),
            (Subject::Slots, "1GB", "10GB"),
            (Subject::Connect, "100ms", "1s"),
            (Subject::Role, "", ""),
        ] {
            let asked = question(subject, warning, critical);
            let is_of_the_subject = match subject {
                Subject::Role => matches!(asked, Ok(CheckQuestion::Role(_))),
                Subject::Lag => matches!(asked, Ok(CheckQuestion::Lag(_))),
                Subject::Replication => matches!(asked, Ok(CheckQuestion::Replication(_))),
                Subject::Slots => matches!(asked, Ok(CheckQuestion::Slots(_))),
                Subject::Connect => matches!(asked, Ok(CheckQuestion::Connect(_))),
            };
            assert!(is_of_the_subject, "{subject:?}: {asked:?}");
        }
        for (subject, warning, critical) in [
            (Subject::Lag, "2", ""),
            (Subject::Lag, "", "16MB,17MB"),
            (Subject::Lag, "1s,2s", ""),
            (Subject::Replication, "2s", ""),
            (Subject::Replication, "", "1,2"),
            (Subject::Slots, "1s", ""),
            (Subject::Connect, "", "16MB"),
            (Subject::Role, "1", ""),
            (Subject::Role, "", "1s"),
        ] {
            let wrong = Err(QuestionMistake::Limits(subject));
            assert_eq!(question(subject, warning, critical), wrong, "{subject:?}");
        }
    }

    #[test]
    fn an_alarm_comes_no_sooner_than_the_warning() {
        for (subject, warning, critical) in [
            (Subject::Lag, "64MB", "16MB"),
            (Subject::Lag, "1MB,1min", "2MB,1s"),
            (Subject::Replication, "1", "2"),
            (Subject::Slots, "2GB", "1GB"),
            (Subject::Connect, "2s", "1s"),
        ] {
            assert_eq!(
                question(subject, warning, critical),
                Err(QuestionMistake::Order)
            );
        }
        assert!(question(Subject::Replication, "1", "1").is_ok());
    }

    #[test]
    fn only_a_role_is_expected() {
        let expected = Some(CheckExpected::Standby);
        for subject in Subject::ALL {
            let asked = CheckQuestion::new(subject, expected, &[], &[]);
            match subject {
                Subject::Role => assert_eq!(asked, Ok(CheckQuestion::Role(expected))),
                Subject::Lag | Subject::Replication | Subject::Slots | Subject::Connect => {
                    assert_eq!(asked, Err(QuestionMistake::Expectation));
                }
            }
        }
    }
}
