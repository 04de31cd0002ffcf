//! Knows which releases of HAProxy have a fault that a configuration can avoid; reads no configuration.

use std::num::ParseIntError;
use std::str::FromStr;

use thiserror::Error;

/// A release of HAProxy, or a branch of releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    major: u32,
    minor: u32,
    /// `None` for a branch, or for an unspecified release of it.
    patch: Option<u32>,
}

/// Why a text names no release that is supported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReleaseError {
    /// It is a release from before the oldest supported one.
    #[error(transparent)]
    TooOld(#[from] TooOld),
    /// It is no release.
    #[error("\"{0}\" is no version of HAProxy; write it as `haproxy -v` does, 3.0.11 say")]
    Unreadable(String),
}

/// A release from before [`OLDEST`], which gets no corrections from HAProxy's developers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("HAProxy {version} is not supported: the oldest supported version is {major}.{minor}", version = .0, major = OLDEST.0, minor = OLDEST.1)]
pub struct TooOld(String);

/// The first branch that is supported, its major and its minor number.
const OLDEST: (u32, u32) = (2, 0);

/// The branches in which a session that HAProxy ends while it connects to a server is never closed, each with
/// its first affected release.
///
/// HAProxy's commit 51611a5b7 of March 2025 closes the server's side of such a session at once. The client's
/// side is closed only with commit 6365eb85e of the same day: without it, `process_stream()` compares
/// with flags that it copied after the server's side was closed, and so sees no change. 3.2 began
/// with both commits; 3.0.10 has only the first, and no later release of the branch that was examined has the
/// other (observed in Debian's 3.0.11, read in the changes of 3.0.12). 2.6 and 2.8 have neither and close such
/// sessions.
const KEEP_ENDED_SESSIONS: [(u32, u32, u32); 2] = [(3, 0, 10), (3, 1, 7)];

impl TooOld {
    /// Refuses a text that names a release from before the oldest supported one; others, and what is no release, pass.
    pub(crate) fn refuse(text: &str) -> Result<(), Self> {
        match Release::numbers(text) {
            Some(release) if (release.major, release.minor) < OLDEST => Err(Self(text.to_owned())),
            Some(_) | None => Ok(()),
        }
    }
}

impl Release {
    /// Any release of a branch.
    #[must_use]
    pub const fn branch(major: u32, minor: u32) -> Self {
        let patch = None;
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Whether a session that `on-marked-down shutdown-sessions` ends while it connects to the server may never
    /// be closed: its client is not disconnected, and the session is counted even after the client has left. For
    /// a branch: whether any of its releases does so.
    #[must_use]
    pub fn keeps_ended_sessions(self) -> bool {
        KEEP_ENDED_SESSIONS.iter().any(|&(major, minor, first)| {
            (self.major, self.minor) == (major, minor)
                && self.patch.is_none_or(|patch| patch >= first)
        })
    }
}

impl Release {
    /// Its major and its minor number.
    pub(crate) const fn branch_numbers(self) -> (u32, u32) {
        (self.major, self.minor)
    }

    /// The numbers of a release of any age.
    pub(crate) fn numbers(text: &str) -> Option<Self> {
        let numbers = text.split('-').next().unwrap_or_default();
        let numbers: Result<Vec<u32>, ParseIntError> = numbers.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[major, minor]) => Some(Self::branch(major, minor)),
            Ok(&[major, minor, patch]) => Some(Self {
                major,
                minor,
                patch: Some(patch),
            }),
            Ok(_) | Err(_) => None,
        }
    }
}

/// `3.0`, `3.0.11`, and what packagers and developers append: `3.0.11-1+deb13u5`, `3.5-dev2`.
impl FromStr for Release {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        TooOld::refuse(text)?;
        Self::numbers(text).ok_or_else(|| ReleaseError::Unreadable(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps(text: &str) -> bool {
        text.parse::<Release>().unwrap().keeps_ended_sessions()
    }

    #[test]
    fn releases_with_one_commit_of_two_keep_ended_sessions() {
        for keeping in ["3.0.10", "3.0.11-1+deb13u5", "3.0", "3.1", "3.1.7"] {
            assert!(keeps(keeping), "{keeping}");
        }
        for closing in [
            "2.6.12-1+deb12u4",
            "2.8.25-5cf5d0683",
            "3.0.9",
            "3.1.6",
            "3.2",
            "3.2.26-1",
            "3.5-dev5",
        ] {
            assert!(!keeps(closing), "{closing}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for wrong in ["", "3", "3.x", "v3.0", "3.0.1.2", "-3.0", "99999999999.0"] {
            assert_eq!(
                wrong.parse::<Release>(),
                Err(ReleaseError::Unreadable(wrong.to_owned()))
            );
        }
    }

    #[test]
    fn releases_before_the_oldest_supported_one_are_refused_with_its_number() {
        for old in ["1.8", "1.9.16", "0.1", "1.8.30-1ppa1"] {
            let said = old.parse::<Release>().unwrap_err().to_string();
            let wanted =
                format!("HAProxy {old} is not supported: the oldest supported version is 2.0");
            assert_eq!(said, wanted);
        }
        assert!("2.0".parse::<Release>().is_ok());
    }
}
