use proptest::prelude::*;

use super::*;
use crate::health::role_words::{PRIMARY_WORDS, STANDBY_WORDS};
use crate::health::{DownReason, LagReason};

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Production),
        Just(Verdict::Standby),
        prop::sample::select(LagReason::ALL).prop_map(Verdict::Lagging),
        prop::sample::select(DownReason::ALL).prop_map(Verdict::Down),
    ]
}

/// Words that an operator could configure, including some that must be refused.
fn any_words() -> impl Strategy<Value = RoleWords> {
    let word = || prop_oneof!["[a-zA-Z]{1,8}", "[a-z_-]{1,12}", Just("MASTER".to_owned())];
    prop_oneof![
        Just(RoleWords::default()),
        (word(), word()).prop_filter_map("refused words", |(production, standby)| {
            RoleWords::new(&production, &standby).ok()
        }),
    ]
}

proptest! {
    #[test]
    fn an_answer_contains_the_word_for_a_role_only_if_it_is_that_word(
        verdict in any_verdict(),
        words in any_words(),
    ) {
        let answer = line(verdict, &words).to_ascii_lowercase();
        let has = |word: &str| answer.contains(&word.to_ascii_lowercase());
        prop_assert_eq!(has(words.production()), verdict == Verdict::Production);
        prop_assert_eq!(has(words.standby()), verdict == Verdict::Standby);
        if verdict != Verdict::Production {
            prop_assert!(!PRIMARY_WORDS.iter().any(|word| has(word)), "{answer}");
        }
        if verdict != Verdict::Standby {
            prop_assert!(!STANDBY_WORDS.iter().any(|word| has(word)), "{answer}");
        }
    }

    #[test]
    fn an_answer_is_one_short_line(verdict in any_verdict(), words in any_words()) {
        let answer = line(verdict, &words);
        prop_assert!(answer.ends_with('\n') && answer.lines().count() == 1);
        // HAProxy keeps 127 bytes of a check's description (HCHK_DESC_LEN).
        prop_assert!(answer.len() <= 127 && answer.is_ascii());
    }
}

#[test]
fn the_lines_are_those_of_the_contract() {
    let words = RoleWords::default();
    assert_eq!(line(Verdict::Production, &words), "production\n");
    assert_eq!(line(Verdict::Standby, &words), "standby\n");
    assert_eq!(
        line(Verdict::Lagging(LagReason::Behind), &words),
        "lagging behind\n"
    );
    assert_eq!(
        line(Verdict::Down(DownReason::NoSocket), &words),
        "down no-socket\n"
    );
}
