//! Files as people have them, and what becomes of each.

use proptest::prelude::*;

use super::*;

const BLOCK: &str = "# BEGIN pgsql-state: x\nlocal replication all reject\n# END pgsql-state\n";

fn installed(text: &str) -> String {
    String::from_utf8(install(text.as_bytes(), BLOCK).unwrap()).unwrap()
}

#[test]
fn the_block_goes_in_front_of_the_first_rule_and_its_comments() {
    for (above, below) in [
        ("", ""),
        ("", "# only comments, no newline"),
        ("", "local all all peer"),
        (
            "# License.\n\n",
            "# Do not disable!\nlocal all postgres peer\n\nhost all all ::1/128 md5\n",
        ),
        ("# License.\r\n\r\n", "local all all peer\r\n"),
        ("\n", "include_dir conf.d\n"),
        (
            "# a \\\n goes on\n\n",
            "host a,b \"c d\" samenet scram-sha-256 # x\n",
        ),
        // A comment that goes on, or does not.
        ("", "# a \\\n\nlocal all all peer\n"),
    ] {
        let text = format!("{above}{below}");
        assert_eq!(installed(&text), format!("{above}{BLOCK}{below}"));
    }
}

#[test]
fn the_rules_of_the_block_are_known_by_their_lines() {
    let text = installed("# License.\n\nlocal all all peer\n");
    assert_eq!(rules_of_block(text.as_bytes()), [4]);
    assert_eq!(rules_of_block(b"local all all peer\n"), Vec::<u64>::new());
}

#[test]
fn a_block_that_is_there_is_replaced_and_moved_in_front() {
    let old = "# BEGIN pgsql-state: old\n# END pgsql-state\n";
    let text = format!("local all all peer\n{old}host all all all md5\n");
    let expected = format!("{BLOCK}local all all peer\nhost all all all md5\n");
    assert_eq!(installed(&text), expected);
}

#[test]
fn a_file_that_makes_no_sense_is_left_alone_with_the_line() {
    let begin = "# BEGIN pgsql-state\n";
    let end = "# END pgsql-state\n";
    for (text, said) in [
        (
            "\nhots all all all md5\n",
            "line 2: \"hots\" begins no rule",
        ),
        (
            "local all all\n",
            "line 1: the rule has 3 fields and needs 4",
        ),
        (
            "host all, b all\\\n md5\n",
            "line 1: the rule has 4 fields and needs 5",
        ),
        ("local \"all all peer\n", "line 1: a quote is not closed"),
        // The block's own lines count too.
        (
            &format!("{BLOCK}hots all all all md5\n"),
            "line 4: \"hots\" begins no rule",
        ),
    ] {
        let error = install(text.as_bytes(), BLOCK).unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    for (text, line) in [
        (begin.to_owned(), 1),
        (format!("\n{end}"), 2),
        (format!("{begin}{begin}{end}"), 2),
    ] {
        assert_eq!(remove(text.as_bytes()), Err(HbaFileError::Marker(line)));
    }
}

proptest! {
    #[test]
    fn removing_undoes_and_installing_again_changes_nothing(
        lines in prop::collection::vec(prop::sample::select(vec![
            "local all all peer\n", "# x\n", "\n", "# y \\\n", "host all \\\n", "all all md5\n",
            "  \t\n", "host all all 10.0.0.0/8 md5", "\r\n",
        ]), 0..12),
    ) {
        let text = lines.concat();
        if let Ok(once) = install(text.as_bytes(), BLOCK) {
            prop_assert_eq!(remove(&once).unwrap(), text.as_bytes());
            prop_assert_eq!(install(&once, BLOCK).unwrap(), once);
        }
    }
}

/// As `tokenize_auth_file` joins them: nothing stands between the two, and a comment goes on too.
#[test]
fn a_line_goes_on_as_postgresql_has_it() {
    for text in [
        "ho\\\nst all all 10.0.0.1/32 trust\n",
        "# a comment \\\n* * * * * root true\nlocal all all peer\n",
        "\\\n\\\nlocal all all peer\n",
    ] {
        assert!(install(text.as_bytes(), BLOCK).is_ok(), "{text}");
    }
    // Where the first part of a word is blank, the line is still one.
    let split = "local all all pe\\\ner\n";
    assert!(
        install(split.as_bytes(), BLOCK)
            .unwrap()
            .ends_with(split.as_bytes())
    );
    let error = install(b"local all\\\nall peer\n", BLOCK).unwrap_err();
    assert_eq!(
        error,
        HbaFileError::Fields {
            line: 1,
            has: 3,
            needs: 4
        }
    );
}
