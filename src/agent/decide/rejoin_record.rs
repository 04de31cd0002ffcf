//! What `pgsql-state rejoin` has written down before each phase of its work on a data directory. By it an interrupted command
//! is repeated, and no server is started from files of two servers. Opens no file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The end of the name of the directory beside the data directory.
const BESIDE: &str = ".rejoin";

/// The name of the directory in it that has this node's own configuration, while the data directory may have that of another
/// node.
pub const CONFIGURATION: &str = "files";

/// The name of the record in it.
const RECORD: &str = "record.json";

/// The version of the format.
const FORMAT: u32 = 1;

/// A phase, in the order in which they follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejoinPhase {
    /// The server is stopped, and kept stopped.
    KeepOff,
    /// WAL that waits for it is archived.
    Archive,
    /// The server recovers from its crash, without clients.
    Recover,
    /// The WAL and the configuration files are copied beside the data directory.
    Save,
    /// `pg_rewind` changes files.
    Rewind,
    /// The configuration files are put back.
    Restore,
    /// A new copy is made beside the data directory.
    Copy,
    /// The copy takes the place of the data directory.
    Swap,
    /// The server is started.
    Start,
    /// The primary sends WAL to it.
    Follow,
}

/// The record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejoinRecord {
    format: u32,
    /// The phase that was begun last.
    pub phase: RejoinPhase,
    /// What only the WAL could tell before it was replaced.
    pub kept: Option<KeptFacts>,
}

/// What was known of the node before its files were changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFacts {
    /// The end of its WAL, as `TIMELINE#LSN`.
    pub end: String,
    /// The text of the history of that timeline.
    pub history: String,
    /// Where the recovery from the last common checkpoint begins, as `TIMELINE#LSN`.
    pub redo: Option<String>,
}

/// A text that is no record.
#[derive(Debug, Error)]
pub enum RecordError {
    /// It is not one of any version.
    #[error("it cannot be parsed: {0}")]
    Text(#[from] serde_json::Error),
    /// It is one of another version.
    #[error("its format {0} is not known")]
    Format(u32),
}

impl RejoinRecord {
    /// Makes a record.
    #[must_use]
    pub fn new(phase: RejoinPhase, kept: Option<KeptFacts>) -> Self {
        Self {
            format: FORMAT,
            phase,
            kept,
        }
    }

    /// Reads a record.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let read: Self = serde_json::from_str(text)?;
        if read.format == FORMAT {
            Ok(read)
        } else {
            Err(RecordError::Format(read.format))
        }
    }

    /// Returns its text.
    #[must_use]
    pub fn text(&self) -> String {
        crate::base::json::line_by_line(self)
    }
}

impl RejoinPhase {
    /// Returns its name, as in the record.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::KeepOff => "keep-off",
            Self::Archive => "archive",
            Self::Recover => "recover",
            Self::Save => "save",
            Self::Rewind => "rewind",
            Self::Restore => "restore",
            Self::Copy => "copy",
            Self::Swap => "swap",
            Self::Start => "start",
            Self::Follow => "follow",
        }
    }

    /// Returns whether the data directory may be started if the command ends in this phase. While `pg_rewind` works it has
    /// files of two servers, and afterwards the configuration of the other one; between two renames there is none.
    #[must_use]
    pub fn may_be_started(self) -> bool {
        match self {
            Self::KeepOff
            | Self::Archive
            | Self::Recover
            | Self::Save
            | Self::Copy
            | Self::Start
            | Self::Follow => true,
            Self::Rewind | Self::Restore | Self::Swap => false,
        }
    }
}

/// Returns the directory beside a data directory.
#[must_use]
pub fn beside(datadir: &Path) -> PathBuf {
    let mut name = datadir.file_name().unwrap_or_default().to_owned();
    name.push(BESIDE);
    datadir.with_file_name(name)
}

/// Returns the path of the record of a data directory.
#[must_use]
pub fn path(datadir: &Path) -> PathBuf {
    beside(datadir).join(RECORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [RejoinPhase; 10] = [
        RejoinPhase::KeepOff,
        RejoinPhase::Archive,
        RejoinPhase::Recover,
        RejoinPhase::Save,
        RejoinPhase::Rewind,
        RejoinPhase::Restore,
        RejoinPhase::Copy,
        RejoinPhase::Swap,
        RejoinPhase::Start,
        RejoinPhase::Follow,
    ];

    #[test]
    fn a_record_reads_as_it_was_written_and_no_other_text_is_one() {
        for phase in ALL {
            let kept = KeptFacts {
                end: "1#100".into(),
                history: String::new(),
                redo: None,
            };
            let record = RejoinRecord::new(phase, Some(kept));
            assert_eq!(RejoinRecord::parse(&record.text()).unwrap(), record);
            assert!(record.text().contains(&format!("\"{}\"", phase.word())));
        }
        for wrong in ["", "{}", r#"{"format":2,"phase":"start","kept":null}"#] {
            assert!(RejoinRecord::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_directory_is_not_started_while_its_files_are_replaced() {
        let not: Vec<_> = ALL
            .into_iter()
            .filter(|phase| !phase.may_be_started())
            .collect();
        assert_eq!(
            not,
            [RejoinPhase::Rewind, RejoinPhase::Restore, RejoinPhase::Swap]
        );
    }

    #[test]
    fn the_record_lies_beside_the_data_directory() {
        let path = path("/var/lib/postgresql/15/main".as_ref());
        assert_eq!(
            path,
            Path::new("/var/lib/postgresql/15/main.rejoin/record.json")
        );
    }
}
