//! What is kept, and that it comes back.

use super::*;

#[test]
fn configuration_is_kept_and_put_back_over_that_of_the_primary() {
    let folder = tempfile::tempdir().unwrap();
    let datadir = folder.path().join("data");
    for name in ["", "base", "conf.d"] {
        fs::create_dir(datadir.join(name)).unwrap();
    }
    for (name, text) in [
        ("postgresql.conf", "port = 1"),
        ("server.key", "ours"),
        ("conf.d/a.conf", "a"),
        ("PG_VERSION", "15"),
        ("base/5", "data"),
    ] {
        fs::write(datadir.join(name), text).unwrap();
    }
    let beside = Beside::of(&datadir);
    beside::make(&beside.path("")).unwrap();
    keep_files(&datadir, &beside).unwrap();
    let kept = |name: &str| {
        beside
            .path(rejoin_record::CONFIGURATION)
            .join(name)
            .exists()
    };
    assert!(kept("conf.d/a.conf") && !kept("PG_VERSION") && !kept("base"));
    for name in [
        "postgresql.conf",
        "server.key",
        "postgresql.auto.conf",
        "recovery.signal",
    ] {
        fs::write(datadir.join(name), "theirs").unwrap();
    }
    fs::remove_file(datadir.join("conf.d/a.conf")).unwrap();
    // A second time, as after an interruption.
    for _ in 0..2 {
        put_files_back(&beside, &datadir).unwrap();
        let text = |name: &str| fs::read_to_string(datadir.join(name)).unwrap();
        assert_eq!(text("postgresql.conf"), "port = 1");
        assert_eq!(text("server.key"), "ours");
        assert_eq!(text("conf.d/a.conf"), "a");
        assert_eq!(text("standby.signal"), "");
        assert!(!datadir.join("postgresql.auto.conf").exists());
        assert!(!datadir.join("recovery.signal").exists());
    }
    beside.remove().unwrap();
    assert!(!beside.path("").exists());
}

#[test]
fn wal_is_kept_from_the_segment_of_a_position_on() {
    let geometry = Geometry::new(16 << 20, 8192).unwrap();
    let is_from = |name: &str| is_from(name.as_ref(), Lsn(0x1_0300_0028), geometry);
    for (name, expected) in [
        ("000000010000000100000003", true),
        ("000000020000000200000000", true),
        ("000000010000000100000002", false),
        ("0000000100000000000000FF", false),
        ("00000002.history", true),
        ("000000010000000100000003.partial", false),
        ("archive_status", false),
    ] {
        assert_eq!(is_from(name), expected, "{name}");
    }
}
