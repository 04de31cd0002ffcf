//! The two words that name the roles, and which words cannot name a role because an answer with another meaning
//! contains them.

use thiserror::Error;

use super::reason::{DownReason, LagReason};

/// Words that only the answer of a primary may contain, whatever the operator configured: existing load
/// balancers already look for them.
pub const PRIMARY_WORDS: [&str; 4] = ["production", "primary", "master", "leader"];

/// Words that only the answer of a standby may contain.
pub const STANDBY_WORDS: [&str; 3] = ["standby", "replica", "slave"];

/// A valid pair of role words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleWords {
    production: String,
    standby: String,
}

/// Why a word cannot name a role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RoleWordsError {
    /// The text is not one word of 1 to 32 letters, digits, `-` or `_`.
    #[error("\"{0}\" is not a word: 1 to 32 letters, digits, \"-\" or \"_\"")]
    NotAWord(String),
    /// Another answer contains the word, so a check for the word would match that answer.
    #[error(
        "\"{word}\" is contained in the answer \"{answer}\", so a check for the word would match that answer"
    )]
    Contained {
        /// The configured word.
        word: String,
        /// The answer that contains it.
        answer: String,
    },
    /// The word contains a usual name of the other role.
    #[error("\"{word}\" contains \"{usual}\", which names the other role")]
    Opposite {
        /// The configured word.
        word: String,
        /// The usual name of the other role.
        usual: &'static str,
    },
}

impl Default for RoleWords {
    fn default() -> Self {
        Self {
            production: "production".into(),
            standby: "standby".into(),
        }
    }
}

impl RoleWords {
    /// Accepts a pair only if neither word is part of another answer, upper and lower case being equal, or contains a
    /// usual name of the other role.
    pub fn new(production: &str, standby: &str) -> Result<Self, RoleWordsError> {
        Self::check(production, standby, &STANDBY_WORDS)?;
        Self::check(standby, production, &PRIMARY_WORDS)?;
        Ok(Self {
            production: production.into(),
            standby: standby.into(),
        })
    }

    /// The word for a primary.
    #[must_use]
    pub fn production(&self) -> &str {
        &self.production
    }

    /// The word for a standby.
    #[must_use]
    pub fn standby(&self) -> &str {
        &self.standby
    }

    fn check(word: &str, other: &str, opposites: &[&'static str]) -> Result<(), RoleWordsError> {
        let letters = word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !letters || !(1..=32).contains(&word.len()) {
            return Err(RoleWordsError::NotAWord(word.into()));
        }
        if let Some(usual) = opposites.iter().find(|usual| contains(word, usual)) {
            return Err(RoleWordsError::Opposite {
                word: word.into(),
                usual,
            });
        }
        match other_answers(other).find(|answer| contains(answer, word)) {
            Some(answer) => Err(RoleWordsError::Contained {
                word: word.into(),
                answer,
            }),
            None => Ok(()),
        }
    }
}

fn other_answers(other: &str) -> impl Iterator<Item = String> {
    let down = DownReason::ALL
        .iter()
        .map(|reason| format!("down {}", reason.word()));
    let lagging = LagReason::ALL
        .iter()
        .map(|reason| format!("lagging {}", reason.word()));
    down.chain(lagging).chain([other.to_owned()])
}

fn contains(answer: &str, word: &str) -> bool {
    answer
        .to_ascii_lowercase()
        .contains(&word.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_bgw_replstatus_are_accepted() {
        let words = RoleWords::new("MASTER", "STANDBY").unwrap();
        assert_eq!((words.production(), words.standby()), ("MASTER", "STANDBY"));
    }

    #[test]
    fn the_default_words_are_valid() {
        assert_eq!(
            RoleWords::new("production", "standby"),
            Ok(RoleWords::default())
        );
    }

    #[test]
    fn a_word_that_is_part_of_another_answer_is_refused() {
        for word in ["down", "LAGGING", "start", "aus", "o-s", "n"] {
            let refused = RoleWords::new(word, "standby");
            assert!(
                matches!(refused, Err(RoleWordsError::Contained { .. })),
                "{word}"
            );
        }
        assert!(matches!(
            RoleWords::new("by", "standby"),
            Err(RoleWordsError::Contained { .. })
        ));
        assert!(matches!(
            RoleWords::new("same", "SAME"),
            Err(RoleWordsError::Contained { .. })
        ));
    }

    #[test]
    fn a_word_that_usually_names_the_other_role_is_refused() {
        for (production, standby) in [("Standby", "x9"), ("x9", "production"), ("x9", "MASTER2")] {
            let refused = RoleWords::new(production, standby);
            assert!(
                matches!(refused, Err(RoleWordsError::Opposite { .. })),
                "{production} {standby}"
            );
        }
    }

    #[test]
    fn a_text_that_is_not_one_word_is_refused() {
        for word in ["", "two words", "new\nline", "caf\u{e9}", &"x".repeat(33)] {
            assert!(
                matches!(
                    RoleWords::new(word, "standby"),
                    Err(RoleWordsError::NotAWord(_))
                ),
                "{word}"
            );
        }
    }

    #[test]
    fn no_reason_contains_a_role_word() {
        for role in PRIMARY_WORDS.iter().chain(&STANDBY_WORDS) {
            for answer in other_answers("").filter(|answer| !answer.is_empty()) {
                assert!(!contains(&answer, role), "{answer} contains {role}");
            }
        }
    }
}
