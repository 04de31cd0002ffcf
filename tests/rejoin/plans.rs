//! Which way is taken, and why not the others.

use std::fs;
use std::os::unix::fs::symlink;

use support::Postgres;
use support::postgres::Mode;

use crate::pair::{
    Pair, Parting, configure, obstacles, plan, reasons, rejoin, remove_wal_before, wait_for_stream,
};

#[test]
fn row_1_a_server_of_another_cluster_is_refused() {
    let pair = Pair::parted(Parting::None);
    // With another size of segments it comes from another initdb.
    let other = Postgres::primary()
        .wal_segment(2)
        .tcp(support::ports::free().unwrap());
    let other = other.start().unwrap();
    let plan = pair.plan(&["--primary", &other.tcp_conninfo("postgres")]);
    assert!(
        reasons(&plan["refusals"]).contains("no servers of one database cluster"),
        "{plan:#}"
    );
}

#[test]
fn row_2_a_server_that_runs_is_refused() {
    let mut pair = Pair::parted(Parting::Clean);
    pair.old.start().unwrap();
    let plan = pair.plan(&[]);
    assert!(
        reasons(&plan["refusals"]).contains("runs as a primary"),
        "{plan:#}"
    );
    let standby = pair.new.standby().name("third").start().unwrap();
    wait_for_stream(&pair.new);
    let plan = self::plan(&standby, &[]);
    assert!(
        reasons(&plan["refusals"]).contains("pg_ctl stop"),
        "{plan:#}"
    );
}

#[test]
fn row_3_a_backup_is_started_as_it_is() {
    let pair = Pair::parted(Parting::None);
    let fresh = pair.new.standby().name("fresh").create().unwrap();
    let plan = plan(&fresh, &[]);
    assert_eq!(plan["plan"], "as-is", "{plan:#}");
    assert!(fresh.data_dir().join("backup_label").exists());
}

#[test]
fn row_4_a_damaged_control_file_leaves_only_a_copy() {
    let pair = Pair::parted(Parting::Crash);
    fs::write(pair.old.data_dir().join("global/pg_control"), "").unwrap();
    let plan = pair.plan(&[]);
    assert_eq!(plan["plan"], "copy", "{plan:#}");
    assert!(
        obstacles(&plan, "rewind").contains("control file"),
        "{plan:#}"
    );
}

#[test]
fn row_5_a_primary_that_was_shut_down_in_order_comes_back_as_it_is() {
    let plan = Pair::parted(Parting::None).plan(&[]);
    assert_eq!(plan["plan"], "as-is", "{plan:#}");
    assert_eq!(plan["relation"], "behind");
}

#[test]
fn row_6_a_standby_that_stopped_before_the_promotion_comes_back_as_it_is() {
    let mut pair = Pair::parted(Parting::None);
    let mut standby = pair.new.standby().name("third").start().unwrap();
    wait_for_stream(&pair.new);
    standby.stop(Mode::Fast).unwrap();
    pair.new.query("INSERT INTO rows VALUES (-2)").unwrap();
    let plan = plan(&standby, &[]);
    assert_eq!(plan["plan"], "as-is", "{plan:#}");
    pair.new.stop(Mode::Fast).unwrap();
}

#[test]
fn row_7_a_primary_that_wrote_beyond_the_promotion_is_rewound() {
    let plan = Pair::parted(Parting::Clean).plan(&[]);
    assert_eq!(plan["plan"], "rewind", "{plan:#}");
    assert_eq!(plan["before"].as_array().unwrap().len(), 0);
    let discards = &plan["methods"][1]["discards"];
    assert!(discards["bytes"].as_u64().unwrap() > 1000, "{plan:#}");
    assert_eq!(discards["acknowledged"], "asynchronous");
}

#[test]
fn row_8_two_that_were_both_promoted_have_parted_on_the_timeline_before() {
    let mut pair = Pair::parted(Parting::Clean);
    // The former primary gets a timeline of its own, with the number of the other one's.
    fs::write(pair.old.data_dir().join("standby.signal"), "").unwrap();
    configure(&pair.old, "primary_conninfo = ''");
    pair.old.start().unwrap();
    pair.old.promote().unwrap();
    pair.old.stop(Mode::Fast).unwrap();
    let plan = pair.plan(&["--primary", &pair.new.tcp_conninfo("postgres")]);
    assert_eq!(plan["plan"], "rewind", "{plan:#}");
    assert!(plan["fork"].as_str().unwrap().starts_with("1#"), "{plan:#}");
}

#[test]
fn row_9_a_server_ahead_on_the_same_timeline_is_not_rewound() {
    let place = support::ports::free().unwrap();
    let conninfo = format!("host={} port={} user=postgres", place.ip(), place.port());
    let first = Postgres::primary()
        .setting("wal_log_hints", "on")
        .setting("primary_conninfo", &conninfo);
    let mut first = first.start().unwrap();
    first.stop(Mode::Fast).unwrap();
    let data = first.data_dir();
    let copy = Postgres::copied_from(&data)
        .tcp(place)
        .setting("wal_log_hints", "on");
    let _copy = copy.start().unwrap();
    first.start().unwrap();
    first
        .query("CREATE TABLE rows AS SELECT generate_series(1, 100000) AS n")
        .unwrap();
    first.stop(Mode::Fast).unwrap();
    let plan = plan(&first, &[]);
    assert_eq!(plan["plan"], "copy", "{plan:#}");
    assert!(
        obstacles(&plan, "rewind").contains("does not notice"),
        "{plan:#}"
    );
}

#[test]
fn two_that_were_promoted_from_one_position_are_not_taken_for_one() {
    let place = support::ports::free().unwrap();
    let conninfo = format!("host={} port={} user=postgres", place.ip(), place.port());
    let mut first = Postgres::primary().start().unwrap();
    first.stop(Mode::Fast).unwrap();
    let data = first.data_dir();
    let promoted = |setup: support::postgres::Setup<'_>| {
        let setup = setup.setting("wal_log_hints", "on");
        let mut server = setup.file("standby.signal", "").start().unwrap();
        server.promote().unwrap();
        server
            .query("CREATE TABLE rows AS SELECT random() AS n")
            .unwrap();
        server.stop(Mode::Fast).unwrap();
        server
    };
    let one = promoted(Postgres::copied_from(&data).setting("primary_conninfo", &conninfo));
    let mut other = promoted(Postgres::copied_from(&data).tcp(place));
    other.start().unwrap();
    other
        .query("INSERT INTO rows SELECT random() FROM generate_series(1, 10000)")
        .unwrap();
    let plan = plan(&one, &[]);
    assert_eq!(plan["plan"], "copy", "{plan:#}");
    assert_eq!(plan["relation"], "twins", "{plan:#}");
}

#[test]
fn row_10_a_crash_before_the_promotion_needs_nothing_but_a_start() {
    let mut pair = Pair::parted(Parting::None);
    let standby = pair.new.standby().name("third").start().unwrap();
    wait_for_stream(&pair.new);
    // All that the primary has written is on the standby before it ends.
    let mut new = pair.new;
    let row = "SELECT pg_current_wal_flush_lsn() = max(replay_lsn) FROM pg_stat_replication";
    support::until(
        crate::pair::SECONDS,
        "the standby to have everything",
        || new.query(row).is_ok_and(|all| all == "t"),
    )
    .unwrap();
    new.kill().unwrap();
    standby.promote().unwrap();
    standby.query("CHECKPOINT").unwrap();
    pair.new = new;
    configure(
        &pair.new,
        &format!("primary_conninfo = '{}'", standby.conninfo("postgres")),
    );
    let plan = plan(&pair.new, &[]);
    assert_eq!(plan["plan"], "as-is", "{plan:#}");
    assert_eq!(plan["before"].as_array().unwrap().len(), 0);
}

#[test]
fn row_11_a_crash_beyond_the_promotion_is_recovered_before_the_rewind() {
    let plan = Pair::parted(Parting::Crash).plan(&[]);
    assert_eq!(plan["plan"], "rewind", "{plan:#}");
    assert_eq!(plan["before"], serde_json::json!(["recover"]));
}

#[test]
fn row_12_without_hint_bits_in_wal_a_copy_is_necessary() {
    let off = |setup: support::postgres::Setup<'static>| setup.setting("wal_log_hints", "off");
    let pair = Pair::with(Parting::Clean, off, |new| new);
    let checksums = pair.new.query("SHOW data_checksums").unwrap();
    let plan = pair.plan(&[]);
    if checksums == "off" {
        assert_eq!(plan["plan"], "copy", "{plan:#}");
        assert!(
            obstacles(&plan, "rewind").contains("on this node"),
            "{plan:#}"
        );
    } else {
        assert_eq!(plan["plan"], "rewind", "{plan:#}");
    }
}

#[test]
fn row_13_without_full_page_writes_on_the_primary_a_copy_is_necessary() {
    let pair = Pair::with(
        Parting::Clean,
        |old| old,
        |new| new.setting("full_page_writes", "off"),
    );
    let plan = pair.plan(&[]);
    assert_eq!(plan["plan"], "copy", "{plan:#}");
    assert!(
        obstacles(&plan, "rewind").contains("full_page_writes is off on the primary"),
        "{plan:#}"
    );
}

#[test]
fn row_14_a_standby_is_not_followed() {
    let pair = Pair::parted(Parting::Clean);
    let place = support::ports::free().unwrap();
    let standby = pair.new.standby().name("third").tcp(place).start().unwrap();
    let plan = pair.plan(&["--primary", &standby.tcp_conninfo("postgres")]);
    assert!(
        reasons(&plan["refusals"]).contains("is a standby"),
        "{plan:#}"
    );
    // Of several servers the primary counts.
    let both = format!(
        "host={},{} port={},{} user=postgres",
        place.ip(),
        pair.new.tcp().unwrap().ip(),
        place.port(),
        pair.new.port()
    );
    assert_eq!(pair.plan(&["--primary", &both])["plan"], "rewind");
}

#[test]
fn row_15_without_the_wal_before_the_fork_a_copy_is_necessary() {
    let mut pair = Pair::parted(Parting::Clean);
    pair.old.start().unwrap();
    for _ in 0..3 {
        pair.old.query("SELECT pg_switch_wal()").unwrap();
        pair.old.query("CHECKPOINT").unwrap();
    }
    pair.old.stop(Mode::Fast).unwrap();
    assert_eq!(pair.plan(&[])["plan"], "rewind");
    let plan = pair.plan(&[]);
    let (_, fork) = plan["fork"].as_str().unwrap().split_once('#').unwrap();
    let fork: u64 = fork.parse().unwrap();
    remove_wal_before(&pair.old, (fork >> 20) + 1);
    let plan = pair.plan(&[]);
    assert_eq!(plan["plan"], "copy", "{plan:#}");
    assert!(
        obstacles(&plan, "rewind").contains("does not reach back"),
        "{plan:#}"
    );
}

#[test]
fn row_16_wal_that_the_primary_has_removed_makes_a_copy_necessary() {
    for parting in [Parting::None, Parting::Clean] {
        let pair = Pair::with(parting, |old| old, |new| new.wal_kept(0));
        for _ in 0..3 {
            pair.new.query("SELECT pg_switch_wal()").unwrap();
            pair.new
                .query("CREATE TABLE IF NOT EXISTS more (n int)")
                .unwrap();
            pair.new.query("INSERT INTO more VALUES (1)").unwrap();
            pair.new.query("CHECKPOINT").unwrap();
        }
        let plan = pair.plan(&[]);
        assert_eq!(plan["plan"], "copy", "{plan:#}");
        let method = if parting == Parting::None {
            "as-is"
        } else {
            "rewind"
        };
        assert!(
            obstacles(&plan, method).contains("has removed WAL"),
            "{plan:#}"
        );
    }
}

#[test]
fn row_17_missing_grants_are_named() {
    let pair = Pair::parted(Parting::Clean);
    pair.new
        .query("CREATE ROLE rejoin LOGIN REPLICATION")
        .unwrap();
    let conninfo = pair.new.tcp_conninfo("rejoin");
    let plan = pair.plan(&["--rewind", "--primary", &conninfo]);
    let refusals = plan["refusals"].as_array().unwrap();
    let remedy = refusals[0]["remedy"].as_str().unwrap();
    assert!(remedy.contains("GRANT EXECUTE"), "{plan:#}");
    pair.new.query(remedy).unwrap();
    let plan = pair.plan(&["--rewind", "--primary", &conninfo]);
    assert_eq!(plan["plan"], "rewind", "{plan:#}");
}

#[test]
fn row_18_a_file_that_does_not_belong_there_is_refused() {
    let pair = Pair::parted(Parting::Clean);
    symlink("/dev/null", pair.old.data_dir().join("extra.conf")).unwrap();
    let plan = pair.plan(&[]);
    assert!(plan["plan"].is_null(), "{plan:#}");
    assert!(
        reasons(&plan["refusals"]).contains("extra.conf is a link"),
        "{plan:#}"
    );
}

#[test]
fn row_20_a_primary_that_lets_no_standby_in_is_refused() {
    let mut pair = Pair::parted(Parting::Clean);
    pair.new
        .set_hba("local all all trust\nhost all all 127.0.0.0/8 trust\n")
        .unwrap();
    let plan = pair.plan(&[]);
    assert!(
        reasons(&plan["refusals"]).contains("does not let this node replicate"),
        "{plan:#}"
    );
    pair.new.stop(Mode::Fast).unwrap();
    let plan = pair.plan(&[]);
    assert!(
        reasons(&plan["refusals"]).contains("no primary answers"),
        "{plan:#}"
    );
}

#[test]
fn row_21_what_may_have_been_acknowledged_is_kept_unless_told_otherwise() {
    let pair = Pair::parted(Parting::Crash);
    configure(
        &pair.old,
        "synchronous_standby_names = 'ANY 1 (new, third)'",
    );
    let plan = pair.plan(&[]);
    assert!(plan["plan"].is_null(), "{plan:#}");
    assert!(reasons(&plan["refusals"]).contains("third"), "{plan:#}");
    assert_eq!(pair.plan(&["--discard"])["plan"], "rewind");
    // The other member that may have acknowledged follows.
    let _third = pair.new.standby().name("third").start().unwrap();
    wait_for_stream(&pair.new);
    assert_eq!(pair.plan(&[])["plan"], "rewind");
}

#[test]
fn a_plan_for_people_says_what_is_thrown_away_and_changes_nothing() {
    let pair = Pair::parted(Parting::Crash);
    let control = || fs::read(pair.old.data_dir().join("global/pg_control")).unwrap();
    let before = control();
    let output = rejoin(&pair.old, &["--plan"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("plan       pg_rewind"), "{text}");
    assert!(text.contains("discards"), "{text}");
    assert_eq!(control(), before);
}
