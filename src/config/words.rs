//! Reads `answer.production` and `answer.standby`, which are valid only as a pair but are reported one by one.

use super::document::TomlDocument;
use super::keys::{Key, PRODUCTION, STANDBY};
use super::problem::{Wrong, quote};
use super::values;
use crate::health::{Words, WordsError};

/// Reads the two words; if they are not a valid pair, each word that is set and wrong is noted.
pub(super) fn words(file: &mut TomlDocument<'_>) -> Words {
    let usual = Words::default();
    let (production, standby) = (read(file, PRODUCTION), read(file, STANDBY));
    let pair = Words::new(
        production.as_deref().unwrap_or(usual.production()),
        standby.as_deref().unwrap_or(usual.standby()),
    );
    let error = match pair {
        Ok(words) => return words,
        Err(error) => error,
    };
    let alone = [
        production.as_deref().and_then(|word| {
            let error = Words::new(word, usual.standby()).err()?;
            own_fault(error, usual.standby()).map(|error| (PRODUCTION, error))
        }),
        standby.as_deref().and_then(|word| {
            let error = Words::new(usual.production(), word).err()?;
            own_fault(error, usual.production()).map(|error| (STANDBY, error))
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
    usual
}

fn read(file: &mut TomlDocument<'_>, key: Key) -> Option<String> {
    let hint = "write a word in quotes, as in \"MASTER\"";
    file.read(key, |value| values::text(value, hint).map(str::to_owned))
}

/// Returns the error of a word paired with the `usual` other word, unless that other word is its only cause, because
/// the file may have replaced it.
fn own_fault(error: WordsError, usual: &str) -> Option<WordsError> {
    match &error {
        WordsError::Contained { answer, .. } if answer == usual => None,
        WordsError::Contained { .. } | WordsError::NotAWord(_) | WordsError::Opposite { .. } => {
            Some(error)
        }
    }
}

fn wrong(error: &WordsError) -> Wrong {
    match error {
        WordsError::NotAWord(word) => Wrong::new(
            format!("{} is not a word", quote(word)),
            "write 1 to 32 letters, digits, \"-\" or \"_\"",
        ),
        WordsError::Contained { .. } => Wrong::new(
            error.to_string(),
            "choose a word that no other answer contains, as in \"MASTER\"",
        ),
        WordsError::Opposite { .. } => Wrong::new(
            error.to_string(),
            "choose a word that does not contain a usual name of the other role",
        ),
    }
}
