//! The note of one answer and its text format: `held 81234.567890123`, a word and the moment of the question in seconds
//! since the host was booted. Reads no file and no clock.

use std::fmt;
use std::time::Duration;

use crate::health::Quorum;

/// Number of digits after the point.
const NANOSECONDS: usize = 9;

/// An answer of Pacemaker, and the moment of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Pacemaker's answer.
    pub quorum: Quorum,
    /// The moment of the question, as time since the host was booted.
    pub asked: Duration,
}

impl Note {
    /// Parses a note; `None` if the text is not a note.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (word, time) = text.strip_suffix('\n')?.split_once(' ')?;
        let words = [Quorum::Held, Quorum::Lost, Quorum::Unknown];
        let quorum = words.into_iter().find(|quorum| quorum.word() == word)?;
        let (seconds, nanoseconds) = time.split_once('.')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(seconds) && digits(nanoseconds)) || nanoseconds.len() != NANOSECONDS {
            return None;
        }
        let asked = Duration::new(seconds.parse().ok()?, nanoseconds.parse().ok()?);
        Some(Self { quorum, asked })
    }

    /// The age of the note at `now`, a time since boot; `None` if the note is from the future, and so from before a reboot.
    #[must_use]
    pub fn age_at(&self, now: Duration) -> Option<Duration> {
        now.checked_sub(self.asked)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanoseconds) = (self.asked.as_secs(), self.asked.subsec_nanos());
        writeln!(f, "{} {seconds}.{nanoseconds:09}", self.quorum.word())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_is_not_a_note_is_rejected() {
        for text in [
            "",
            "held",
            "held 1",
            "held 1.000000000",
            "held 1.0000\n",
            "held 1.+00000000\n",
            "held -1.000000000\n",
            "held 99999999999999999999.000000000\n",
            "HELD 1.000000000\n",
            "held 1.000000000\n\n",
            "held  1.000000000\n",
            "perhaps 1.000000000\n",
        ] {
            assert_eq!(Note::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_note_from_the_future_has_no_age() {
        let note = Note::parse("lost 7.500000000\n").unwrap();
        assert_eq!(note.quorum, Quorum::Lost);
        let at = Duration::from_millis;
        assert_eq!(note.age_at(at(7_750)), Some(at(250)));
        assert_eq!(note.age_at(at(7_499)), None);
    }

    proptest! {
        #[test]
        fn a_printed_note_parses_to_the_same_note(seconds: u64, nanoseconds in 0_u32..1_000_000_000) {
            let asked = Duration::new(seconds, nanoseconds);
            for quorum in [Quorum::Held, Quorum::Lost, Quorum::Unknown] {
                let note = Note { quorum, asked };
                prop_assert_eq!(Note::parse(&note.to_string()), Some(note));
            }
        }
    }
}
