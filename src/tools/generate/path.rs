//! The path of a file or folder, in characters that mean nothing to any program that reads one; knows no
//! file.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A path from the root, without blanks, quotes, backslashes, `$`, `%`, `#` and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholePath(String);

/// A text is no such path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no whole path of letters, digits and \"/._+-\", with something behind its last \"/\""
)]
pub struct WholePathError(String);

impl FromStr for WholePath {
    type Err = WholePathError;

    fn from_str(text: &str) -> Result<Self, WholePathError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
        if text.starts_with('/') && !text.ends_with('/') && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(WholePathError(text.escape_debug().to_string()))
        }
    }
}

impl fmt::Display for WholePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_nothing_elsewhere_is_taken() {
        for path in ["/usr/bin/pgsql-state", "/var/lib/postgresql/15/main"] {
            assert_eq!(path.parse::<WholePath>().unwrap().to_string(), path);
        }
    }

    #[test]
    fn what_another_program_would_read_into_it_is_refused() {
        for path in [
            "", "/", "usr/bin", "/a/", "/a b", "/a\"", "/a%i", "/a$b", "/a#b", "/a\nb", "/a;b",
            "/a\\",
        ] {
            let error = path.parse::<WholePath>().unwrap_err().to_string();
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
