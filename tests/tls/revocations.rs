//! Lists of revoked certificates, in a file and in a folder.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::operator::Operator;
use crate::pki::Authority;
use crate::server::{AUTHORITY, SERIAL, STRANGER, WITH_TLS};

/// An operator who trusts the authority.
fn operator() -> Operator {
    let operator = Operator::new();
    operator.file(".postgresql/root.crt", &AUTHORITY.certificate(), 0o644);
    operator
}

/// Puts a list into the folder `lists`, under the name that OpenSSL looks it up by.
fn put(operator: &Operator, number: usize, list: &str) {
    let plain = operator.file("plain", list, 0o644);
    let mut command = Command::new("openssl");
    let output = command
        .args(["crl", "-hash", "-noout", "-in"])
        .arg(plain)
        .output()
        .unwrap();
    let hash = String::from_utf8(output.stdout).unwrap();
    operator.file(&format!("lists/{}.r{number}", hash.trim()), list, 0o644);
}

fn meet(operator: &Operator, settings: &str) -> String {
    WITH_TLS.meet(operator, "either", &format!("sslmode=verify-ca {settings}"))
}

fn in_folder(operator: &Operator) -> String {
    meet(
        operator,
        &format!("sslcrldir={}", operator.path("lists").display()),
    )
}

#[test]
fn a_folder_of_lists_is_held_against_a_certificate_as_libpq_does() {
    type Lists<'a> = &'a [&'a dyn Fn(&Authority) -> String];
    let revoked = |authority: &Authority| authority.revoke(SERIAL);
    let other = |authority: &Authority| authority.revoke(SERIAL + 1);
    let old = |authority: &Authority| authority.list(SERIAL + 1, 2019, 4000);
    let old_revoked = |authority: &Authority| authority.list(SERIAL, 2019, 4000);
    let expired = |authority: &Authority| authority.list(SERIAL + 1, 2019, 2021);
    let future = |authority: &Authority| authority.list(SERIAL + 1, 3900, 4000);
    let future_revoked = |authority: &Authority| authority.list(SERIAL, 3900, 4000);
    let cases: [(&str, Lists<'_>, &str); 10] = [
        ("it is revoked", &[&revoked], "down tls"),
        ("another is revoked", &[&other], "TLSv1.3"),
        ("nothing is known", &[], "down tls"),
        ("a newer list revokes it", &[&old, &revoked], "down tls"),
        ("a newer list clears it", &[&old_revoked, &other], "TLSv1.3"),
        (
            "the newest is the first",
            &[&other, &old_revoked],
            "TLSv1.3",
        ),
        ("the list is too old", &[&expired], "down tls"),
        ("the list is of the future", &[&future], "down tls"),
        (
            "one of the future clears it",
            &[&revoked, &future],
            "down tls",
        ),
        (
            "one of the future revokes it",
            &[&other, &future_revoked],
            "TLSv1.3",
        ),
    ];
    for (name, lists, end) in cases {
        let operator = operator();
        operator.file("lists/README", "not a list", 0o644);
        for (number, list) in lists.iter().enumerate() {
            put(&operator, number, &list(&AUTHORITY));
        }
        assert_eq!(in_folder(&operator), end, "{name}");
    }
    let operator = operator();
    assert_eq!(in_folder(&operator), "down tls", "no folder");
    put(&operator, 0, &STRANGER.revoke(1));
    assert_eq!(in_folder(&operator), "down tls", "a list of somebody else");
    put(&operator, 0, &AUTHORITY.revoke(SERIAL + 1));
    assert_eq!(in_folder(&operator), "TLSv1.3", "lists of both");
}

#[test]
fn a_folder_and_a_file_count_together_and_the_default_file_beside_neither() {
    let operator = operator();
    put(&operator, 0, &AUTHORITY.revoke(SERIAL + 1));
    operator.file(".postgresql/root.crl", &AUTHORITY.revoke(SERIAL), 0o644);
    assert_eq!(meet(&operator, ""), "down tls");
    assert_eq!(in_folder(&operator), "TLSv1.3");
    let newer = AUTHORITY.list(SERIAL, 2021, 4000);
    let file = operator.file("file", &newer, 0o644);
    let folder = operator.path("lists");
    let both = format!("sslcrl={} sslcrldir={}", file.display(), folder.display());
    assert_eq!(meet(&operator, &both), "down tls");
    // As `c_rehash` does.
    let linked = operator.path("linked");
    std::fs::create_dir(&linked).unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        symlink(entry.path(), linked.join(entry.file_name())).unwrap();
    }
    let linked = format!("sslcrldir={}", linked.display());
    assert_eq!(meet(&operator, &linked), "TLSv1.3");
}

#[test]
fn of_the_lists_in_a_file_the_newest_counts() {
    let operator = operator();
    let revoked = AUTHORITY.revoke(SERIAL);
    for (lists, end) in [
        (
            [AUTHORITY.list(SERIAL + 1, 2019, 4000), revoked.clone()],
            "down tls",
        ),
        (
            [revoked.clone(), AUTHORITY.list(SERIAL + 1, 2019, 4000)],
            "down tls",
        ),
        (
            [AUTHORITY.list(SERIAL + 1, 2021, 4000), revoked.clone()],
            "TLSv1.3",
        ),
        ([revoked, AUTHORITY.list(SERIAL + 1, 2021, 4000)], "TLSv1.3"),
    ] {
        let file = operator.file("file", &lists.concat(), 0o644);
        assert_eq!(meet(&operator, &format!("sslcrl={}", file.display())), end);
    }
    for (from, until) in [(2019, 2021), (3900, 4000)] {
        let list = AUTHORITY.list(SERIAL + 1, from, until);
        let useless = operator.file("file", &list, 0o644);
        assert_eq!(
            meet(&operator, &format!("sslcrl={}", useless.display())),
            "down tls",
            "from {from} until {until}"
        );
    }
}
