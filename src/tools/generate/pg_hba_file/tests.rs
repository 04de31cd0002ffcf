//! Files as administrators write them, and the result for each.

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
        // A comment that continues on the next line, or does not.
        ("", "# a \\\n\nlocal all all peer\n"),
    ] {
        let text = format!("{above}{below}");
        assert_eq!(installed(&text), format!("{above}{BLOCK}{below}"));
    }
}

#[test]
fn the_rules_of_the_block_are_found_by_their_lines() {
    let text = installed("# License.\n\nlocal all all peer\n");
    assert_eq!(rules_of_block(text.as_bytes()), [4]);
    assert_eq!(rules_of_block(b"local all all peer\n"), Vec::<u64>::new());
}

#[test]
fn addresses_that_postgresql_reads_are_left_alone() {
    for rule in [
        "host all all 0.0.0.0/0 md5",
        "host all all 10.0.0.0 255.0.0.0 md5",
        "host all all ::/0 md5",
        "host all all fe80::1%eth0/64 md5",
        "host all all .example.org md5",
        "host all all srv1 md5",
        "host all all \"all\" md5",
        "hostssl all all samenet md5",
        "local all all peer\\",
    ] {
        assert!(install(rule.as_bytes(), BLOCK).is_ok(), "{rule}");
    }
}

#[test]
fn the_first_line_that_differs_is_found() {
    let text = installed("# License.\n\nlocal all all peer\n");
    assert_eq!(difference(text.as_bytes(), BLOCK), None);
    let other = BLOCK.replace("reject", "trust").replace(": x", ": y");
    let expected = BlockDifference {
        line: 4,
        has: "local replication all reject".into(),
        wanted: "local replication all trust".into(),
    };
    assert_eq!(difference(text.as_bytes(), &other), Some(expected));
    assert_eq!(difference(b"local all all peer\n", BLOCK), None);
}

#[test]
fn an_existing_block_is_replaced_and_moved_to_the_front() {
    let old = "# BEGIN pgsql-state: old\n# END pgsql-state\n";
    let text = format!("local all all peer\n{old}host all all all md5\n");
    let expected = format!("{BLOCK}local all all peer\nhost all all all md5\n");
    assert_eq!(installed(&text), expected);
}

#[test]
fn an_invalid_file_is_refused_with_the_line() {
    let begin = "# BEGIN pgsql-state\n";
    let end = "# END pgsql-state\n";
    for (text, said) in [
        (
            "\nhots all all all md5\n",
            "line 2: \"hots\" is not the type of a rule",
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
        // Nothing follows, so PostgreSQL reads what is there.
        (
            "local all all peer\nhost all all x\\",
            "line 2: the rule has 4 fields and needs 5",
        ),
        (
            "host all all 1.2.3.4/33 md5\n",
            "line 1: \"1.2.3.4/33\" is not an address with a mask, and not the name of a host",
        ),
        (
            "host all all ::1/129 md5\n",
            "line 1: \"::1/129\" is not an address with a mask, and not the name of a host",
        ),
        (
            "host all all srv1/32 md5\n",
            "line 1: \"srv1/32\" is not an address with a mask, and not the name of a host",
        ),
        (
            "host all all 1.2.3.4/ md5\n",
            "line 1: \"1.2.3.4/\" is not an address with a mask, and not the name of a host",
        ),
        (
            "host all all 1.2.3.4 md5\n",
            "line 1: \"1.2.3.4 md5\" is not an address with a mask, and not the name of a host",
        ),
        (
            "host all all ::1 255.0.0.0 md5\n",
            "line 1: \"::1 255.0.0.0\" is not an address with a mask, and not the name of a host",
        ),
        (
            "host all all 1.2.3.4 255.0.0.0\n",
            "line 1: the rule has 5 fields and needs 6",
        ),
        // The lines of the block are counted too.
        (
            &format!("{BLOCK}hots all all all md5\n"),
            "line 4: \"hots\" is not the type of a rule",
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

/// As `tokenize_auth_file` joins lines: without a blank in between, and comments too.
#[test]
fn a_line_continues_as_in_postgresql() {
    for text in [
        "ho\\\nst all all 10.0.0.1/32 trust\n",
        "# a comment \\\n* * * * * root true\nlocal all all peer\n",
        "\\\n\\\nlocal all all peer\n",
    ] {
        assert!(install(text.as_bytes(), BLOCK).is_ok(), "{text}");
    }
    // A word may be split between the two lines.
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
