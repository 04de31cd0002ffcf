//! Reads `answer.production` and `answer.standby`, which are valid only as a pair but are reported one by one.

use super::document::TomlDocument;
use super::keys::{Key, PRODUCTION, STANDBY};
use super::problem::{Wrong, quote};
use super::values;
use crate::health::{RoleWords, RoleWordsError};

/// Reads the two words; if they are not a valid pair, each word that is set and wrong is noted.
pub(super) fn words(file: &mut TomlDocument<'_>) -> RoleWords {
    let defaults = RoleWords::default();
    let (production, standby) = (read(file, PRODUCTION), read(file, STANDBY));
    let pair = RoleWords::new(
        production.as_deref().unwrap_or(defaults.production()),
        standby.as_deref().unwrap_or(defaults.standby()),
    );
    let error = match pair {
        Ok(words) => return words,
        Err(error) => error,
    };
    let alone = [
        production.as_deref().and_then(|word| {
            let error = RoleWords::new(word, defaults.standby()).err()?;
            own_fault(error, defaults.standby()).map(|error| (PRODUCTION, error))
        }),
        standby.as_deref().and_then(|word| {
            let error = RoleWords::new(defaults.production(), word).err()?;
            own_fault(error, defaults.production()).map(|error| (STANDBY, error))
        }),
    ];
    if alone.iter().all(Option::is_none) {
        let key = if standby.is_some() {
            STANDBY
        } else {
            PRODUCTION
        };
        file.note_wherever(key, wrong(&error));
    }
    for (key, error) in alone.into_iter().flatten() {
        file.note_wherever(key, wrong(&error));
    }
    defaults
}

fn read(file: &mut TomlDocument<'_>, key: Key) -> Option<String> {
    let hint = "write a word in quotes, as in \"MASTER\"";
    file.read(key, |value| values::text(value, hint).map(str::to_owned))
}

/// Returns the error of a word paired with the `other` word, unless that other word is its only cause, because
/// the file may have replaced it.
fn own_fault(error: RoleWordsError, other: &str) -> Option<RoleWordsError> {
    match &error {
        RoleWordsError::Contained { answer, .. } if answer == other => None,
        RoleWordsError::Contained { .. }
        | RoleWordsError::NotAWord(_)
        | RoleWordsError::Opposite { .. } => Some(error),
    }
}

fn wrong(error: &RoleWordsError) -> Wrong {
    match error {
        RoleWordsError::NotAWord(word) => Wrong::new(
            format!("{} is not a word", quote(word)),
            "write 1 to 32 letters, digits, \"-\" or \"_\"",
        ),
        RoleWordsError::Contained { .. } => Wrong::new(
            error.to_string(),
            "choose a word that no other answer contains, as in \"MASTER\"",
        ),
        RoleWordsError::Opposite { .. } => Wrong::new(
            error.to_string(),
            "choose a word that does not contain a usual name of the other role",
        ),
    }
}
