//! A file that a connection may need: which one, and whether anybody named it; opens nothing.

use std::path::{Path, PathBuf};

use super::given::Values;
use super::keyword::Keyword;

/// The path of a file, with the weight it has: nobody promised that the default exists or may be
/// read, while one that was named and cannot be read is a mistake to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChoice {
    /// Named in the connection string or the environment.
    Named(PathBuf),
    /// Where libpq looks when nothing is named.
    Default(PathBuf),
}

impl FileChoice {
    /// The file that `keyword` names, or else `default` below the home directory, if there is one.
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

    /// The path alone.
    pub fn path(&self) -> &Path {
        match self {
            Self::Named(path) | Self::Default(path) => path,
        }
    }
}
