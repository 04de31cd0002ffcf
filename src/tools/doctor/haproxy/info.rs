//! Reads the lines of `show info` (HAProxy Management Guide, "Unix Socket commands"); judges nothing.

use crate::tools::release::{Release, ReleaseError};

/// Which release runs; none where it does not say so, an error where it is not supported or unreadable.
#[must_use]
pub fn release(text: &str) -> Option<Result<Release, ReleaseError>> {
    let mut lines = text.lines();
    let version = lines.find_map(|line| line.strip_prefix("Version:"))?;
    Some(version.trim().parse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_read_and_nothing_else() {
        let debian = "Name: HAProxy\nVersion: 3.0.11-1+deb13u5\nRelease_date: 2026/11/18\n";
        assert_eq!(release(debian), Some("3.0.11".parse()));
        for other in ["", "Name: HAProxy\n", "Unknown command.\n"] {
            assert_eq!(release(other), None, "{other}");
        }
        for (other, why) in [
            ("Version: x\n", ReleaseError::Unreadable("x".into())),
            (
                "Version: 1.8.30\n",
                "1.8.30".parse::<Release>().unwrap_err(),
            ),
        ] {
            assert_eq!(release(other), Some(Err(why)), "{other}");
        }
    }
}
