//! Reads the lines of `show info` (HAProxy Management Guide, "Unix Socket commands"); judges nothing.

use crate::tools::release::Release;

/// Which release runs; none where it does not say so.
#[must_use]
pub fn release(text: &str) -> Option<Release> {
    let mut lines = text.lines();
    let version = lines.find_map(|line| line.strip_prefix("Version:"))?;
    version.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_read_and_nothing_else() {
        let debian = "Name: HAProxy\nVersion: 3.0.11-1+deb13u5\nRelease_date: 2026/11/18\n";
        assert_eq!(release(debian), "3.0.11".parse().ok());
        for other in ["", "Name: HAProxy\n", "Version: x\n", "Unknown command.\n"] {
            assert_eq!(release(other), None, "{other}");
        }
    }
}
