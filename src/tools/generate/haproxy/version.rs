//! Which HAProxy a configuration is for, and what each version brought that is made use of; knows no
//! line of a configuration.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::base::terminal::shown;
use crate::tools::release::{Release, TooOld};

/// A version of HAProxy, one of [`HaproxyVersion::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HaproxyVersion {
    major: u8,
    minor: u8,
}

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VersionError {
    /// Its developers support it no more, and nor does this program.
    #[error(transparent)]
    TooOld(#[from] TooOld),
    /// There is no such version, or it is not known here.
    #[error("\"{0}\" is no version from 2.0 to 3.4; write its first two numbers, as in 2.6")]
    Unknown(String),
    /// A program did not print its version.
    #[error("it does not print its version")]
    Unread,
}

/// Why a configuration is for a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionOrigin {
    /// The administrator named it.
    Named,
    /// A program has this release.
    Program {
        /// The program.
        program: String,
        /// Its release, as it prints it.
        release: String,
    },
    /// It is the oldest, because no program told its version.
    Oldest {
        /// Why none did.
        why: String,
    },
}

impl VersionOrigin {
    /// A sentence that says which version the configuration is for and why, unless the administrator named it.
    pub(super) fn told(&self, version: HaproxyVersion) -> Option<String> {
        match self {
            Self::Named => None,
            Self::Program { program, release } => Some(format!(
                "For HAProxy {version}, because {} is HAProxy {}.",
                shown(program),
                shown(release)
            )),
            Self::Oldest { why } => Some(format!(
                "For HAProxy {version}, the oldest that is supported, because {}. A newer HAProxy takes it too; name its \
                 version (--haproxy-version) to have what that version can do, and to avoid what it does wrong.",
                shown(why)
            )),
        }
    }
}

/// A feature that not every version has (Configuration Manual of each).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    /// A check can come to more than good and bad: `error-status`, `on-error`.
    CheckStatus,
    /// The time after which the kernel probes an idle peer: `clitcpka-idle`.
    KeepalivePace,
    /// Variables of the process, which can store the time of its start: `set-var` in `global`.
    ProcessVariables,
    /// A server can be down until its first check: `init-state`.
    InitState,
}

impl HaproxyVersion {
    /// Every version, the oldest first.
    pub const ALL: [Self; 15] = [
        Self::new(2, 0),
        Self::new(2, 1),
        Self::new(2, 2),
        Self::new(2, 3),
        Self::new(2, 4),
        Self::new(2, 5),
        Self::new(2, 6),
        Self::new(2, 7),
        Self::new(2, 8),
        Self::new(2, 9),
        Self::new(3, 0),
        Self::new(3, 1),
        Self::new(3, 2),
        Self::new(3, 3),
        Self::new(3, 4),
    ];

    /// The oldest version: later ones take what it takes.
    pub const OLDEST: Self = Self::new(2, 0);

    /// The version of a program, from what it prints with `-v`; the newest that is known for a newer one.
    ///
    /// 1.5 to 2.3 print `HA-Proxy version`, later ones `HAProxy version`.
    pub fn of_program(printed: &str) -> Result<(Self, String), VersionError> {
        let mut words = printed.split_whitespace();
        let release = words.find(|word| *word == "version").and(words.next());
        let release = release.unwrap_or_default().to_owned();
        TooOld::refuse(&release)?;
        let branch = Release::numbers(&release).ok_or(VersionError::Unread)?;
        let mut newest_first = Self::ALL.into_iter().rev();
        let known = newest_first.find(|version| version.branch() <= branch.branch_numbers());
        Ok((known.unwrap_or(Self::OLDEST), release))
    }

    const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    pub(super) fn has(self, feature: Feature) -> bool {
        self >= feature.since()
    }

    fn branch(self) -> (u32, u32) {
        (self.major.into(), self.minor.into())
    }

    /// See [`Release::keeps_ended_sessions`].
    pub(super) fn keeps_ended_sessions(self) -> bool {
        Release::branch(self.major.into(), self.minor.into()).keeps_ended_sessions()
    }
}

impl Feature {
    /// The first version that has it.
    pub(super) const fn since(self) -> HaproxyVersion {
        match self {
            Self::CheckStatus => HaproxyVersion::new(2, 2),
            Self::KeepalivePace => HaproxyVersion::new(2, 3),
            Self::ProcessVariables => HaproxyVersion::new(2, 4),
            Self::InitState => HaproxyVersion::new(3, 1),
        }
    }
}

impl FromStr for HaproxyVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut known = Self::ALL.into_iter();
        if let Some(found) = known.find(|version| version.to_string() == text) {
            return Ok(found);
        }
        TooOld::refuse(text)?;
        Err(VersionError::Unknown(text.to_owned()))
    }
}

impl fmt::Display for HaproxyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_read_as_it_is_written() {
        assert!(HaproxyVersion::ALL.is_sorted());
        for version in HaproxyVersion::ALL {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        for wrong in ["", "2", "2.6.12", "3.5", "2.10", "v2.6", "2,6"] {
            let refused = wrong.parse::<HaproxyVersion>();
            assert_eq!(refused, Err(VersionError::Unknown(wrong.to_owned())));
        }
        for old in ["1.4", "1.9", "1.8.30"] {
            let refused = old.parse::<HaproxyVersion>();
            assert!(matches!(refused, Err(VersionError::TooOld(_))), "{old}");
        }
    }

    #[test]
    fn the_version_of_a_program_is_read_from_what_it_prints() {
        for (printed, version, release) in [
            (
                "HAProxy version 3.0.11-1+deb13u5 2026/11/18 - https://haproxy.org/\nStatus: long-term\n",
                "3.0",
                "3.0.11-1+deb13u5",
            ),
            (
                "HA-Proxy version 2.2.9-2+deb11u6 2023/08/10\n",
                "2.2",
                "2.2.9-2+deb11u6",
            ),
            ("HAProxy version 3.5-dev2 2026/11/18\n", "3.4", "3.5-dev2"),
            ("HAProxy version 4.0.1 2028/11/18\n", "3.4", "4.0.1"),
        ] {
            let read = HaproxyVersion::of_program(printed);
            assert_eq!(read, Ok((version.parse().unwrap(), release.to_owned())));
        }
        for other in ["", "nginx version: nginx/1.22.1\n", "HAProxy version\n"] {
            let read = HaproxyVersion::of_program(other);
            assert_eq!(read, Err(VersionError::Unread), "{other}");
        }
        let old = HaproxyVersion::of_program("HA-Proxy version 1.8.30 2021/04/12\n");
        assert!(matches!(old, Err(VersionError::TooOld(_))), "{old:?}");
    }

    #[test]
    fn a_feature_is_there_from_its_version_on() {
        let version = |text: &str| text.parse::<HaproxyVersion>().unwrap();
        assert!(!version("3.0").has(Feature::InitState));
        assert!(version("3.1").has(Feature::InitState));
        assert!(version("2.2").has(Feature::CheckStatus));
    }
}
