//! The path of a file or folder, in characters that are not special to any program that reads it; opens no
//! file.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An absolute path without blanks, quotes, backslashes, `$`, `%`, `#` and other special characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholePath(String);

/// A text that is not such a path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not an absolute path of letters, digits and \"/._+-\" that ends with a name")]
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
    fn paths_without_special_characters_are_accepted() {
        for path in ["/usr/bin/pgsql-state", "/var/lib/postgresql/15/main"] {
            assert_eq!(path.parse::<WholePath>().unwrap().to_string(), path);
        }
    }

    #[test]
    fn paths_with_special_characters_are_refused() {
        for path in [
            "", "/", "usr/bin", "/a/", "/a b", "/a\"", "/a%i", "/a$b", "/a#b", "/a\nb", "/a;b",
            "/a\\",
        ] {
            let error = path.parse::<WholePath>().unwrap_err().to_string();
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
