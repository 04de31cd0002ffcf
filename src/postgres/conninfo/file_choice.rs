//! Chooses a file that a connection may need: the named one or libpq's default; opens nothing.

use std::path::{Path, PathBuf};

use super::keyword::Keyword;
use super::values::Values;

/// The path of a file, and whether it was named: the default file need not exist or be readable, while a named file
/// that cannot be read is a mistake to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChoice {
    /// Named in the connection string or the environment.
    Named(PathBuf),
    /// The path that libpq uses if no file is named.
    Default(PathBuf),
}

impl FileChoice {
    /// Returns the file that `keyword` names, or else `default` below the home directory, if there is a home directory.
    pub(super) fn from_values(
        values: &Values<'_>,
        keyword: Keyword,
        home: Option<&Path>,
        default: &str,
    ) -> Option<Self> {
        let named = values
            .text(keyword)
            .map(|value| Self::Named(value.text.into()));
        named.or_else(|| Some(Self::Default(home?.join(default))))
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        match self {
            Self::Named(path) | Self::Default(path) => path,
        }
    }
}
