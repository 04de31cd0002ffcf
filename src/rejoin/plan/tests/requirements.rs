//! The rows about what a method needs.

use super::*;

#[test]
fn row_12_without_hint_bits_in_wal_on_both_sides_nothing_is_rewound() {
    let mut here = parted();
    here.local.control.as_mut().unwrap().hint_bits = HintBits::NotLogged;
    assert_eq!(
        of(&here, Method::Rewind),
        [Obstacle::HintBits(ServerSide::Local)]
    );
    assert_eq!(decided(&here), Some(Method::Copy));
    let mut there = parted();
    primary(&mut there).hint_bits = HintBits::NotLogged;
    assert_eq!(
        of(&there, Method::Rewind),
        [Obstacle::HintBits(ServerSide::Primary)]
    );
    assert_eq!(decided(&there), Some(Method::Copy));
}

#[test]
fn row_13_without_full_page_writes_on_the_primary_nothing_is_rewound() {
    let mut facts = parted();
    primary(&mut facts).full_page_writes = FullPageWrites::Off;
    assert_eq!(of(&facts, Method::Rewind), [Obstacle::FullPageWrites]);
    assert!(
        Obstacle::FullPageWrites
            .to_string()
            .contains("on the primary")
    );
    assert_eq!(decided(&facts), Some(Method::Copy));
}

#[test]
fn row_14_a_standby_is_no_source_and_a_new_primary_makes_a_checkpoint_first() {
    let standby = refused(|facts| facts.primary = Err(NoPrimary::InRecovery("srv2".into())));
    assert_eq!(standby, Obstacle::InRecovery("srv2".into()));
    let mut facts = parted();
    client(&mut facts).checkpoint_timeline = Timeline(1);
    let plan = plan(&facts, ANY);
    assert_eq!(plan.before, [Preparation::Recover, Preparation::Checkpoint]);
}

#[test]
fn row_15_without_the_wal_back_to_a_common_checkpoint_an_archive_is_needed() {
    let mut facts = parted();
    facts.common_checkpoint = CommonCheckpoint::Missing("there is no segment".into());
    assert!(matches!(
        of(&facts, Method::Rewind)[..],
        [Obstacle::LocalWalMissing(_)]
    ));
    assert_eq!(decided(&facts), Some(Method::Copy));
    facts.local.archive = WalArchive::Configured;
    assert_eq!(decided(&facts), Some(Method::Rewind));
}

#[test]
fn row_16_wal_that_the_primary_has_removed_makes_a_copy_necessary() {
    let from_five_on = |facts: &mut RejoinFacts| {
        let wal = client(facts).wal.as_mut().unwrap();
        wal.retain(|name| name.as_str() > "000000020000000000000006");
    };
    for mut facts in [facts(), parted()] {
        from_five_on(&mut facts);
        assert_eq!(decided(&facts), Some(Method::Copy));
        facts.local.archive = WalArchive::Configured;
        assert!(matches!(
            decided(&facts),
            Some(Method::AsIs | Method::Rewind)
        ));
        // What cannot be seen is left to the servers.
        facts.local.archive = WalArchive::None;
        client(&mut facts).wal = None;
        assert!(matches!(
            decided(&facts),
            Some(Method::AsIs | Method::Rewind)
        ));
    }
}

#[test]
fn row_17_missing_grants_are_named() {
    let mut facts = parted();
    client(&mut facts).missing_grants = vec!["pg_stat_file(text, boolean)".into()];
    let [obstacle] = &of(&facts, Method::Rewind)[..] else {
        panic!();
    };
    assert_eq!(
        obstacle.remedy(),
        "GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_file(text, boolean) TO \"rejoin\";"
    );
    assert_eq!(
        plan(&facts, only(Method::Rewind)).refusals,
        std::slice::from_ref(obstacle)
    );
    primary(&mut facts).client = Err("no rule".into());
    assert!(matches!(
        of(&facts, Method::Rewind)[..],
        [Obstacle::NoClient(_)]
    ));
}

#[test]
fn row_18_odd_files_and_mount_points_are_refused_before_anything_is_changed() {
    let odd = OddFile {
        path: "server.key".into(),
        oddity: FileOddity::Owner,
    };
    let changes: [&dyn Fn(&mut RejoinFacts); 2] = [
        &|facts| facts.local.directory.odd = vec![odd.clone()],
        &|facts| facts.local.directory.mount_point = true,
    ];
    for change in changes {
        let mut facts = parted();
        change(&mut facts);
        assert_eq!(decided(&facts), None);
        // They do not matter to a server that is only started.
        let mut facts = self::facts();
        change(&mut facts);
        assert_eq!(decided(&facts), Some(Method::AsIs));
    }
    let mut facts = parted();
    facts.local.beside = FolderAbove::ReadOnly;
    assert!(matches!(
        of(&facts, Method::Rewind)[..],
        [Obstacle::ReadOnly(_)]
    ));
    assert!(matches!(
        of(&facts, Method::Copy)[..],
        [Obstacle::ReadOnly(_)]
    ));
    let mut facts = parted();
    facts.local.directory.wal_elsewhere = Some("/wal".into());
    assert_eq!(decided(&facts), Some(Method::Rewind));
    assert!(matches!(
        of(&facts, Method::Copy)[..],
        [Obstacle::WalElsewhere(_)]
    ));
}

#[test]
fn row_19_too_little_room_is_refused() {
    let mut facts = parted();
    // The WAL of the primary and the WAL that is kept.
    facts.local.room = Bytes(7 * (16 << 20) + 0x0100_0128);
    assert_eq!(of(&facts, Method::Rewind), []);
    assert!(matches!(
        of(&facts, Method::Copy)[..],
        [Obstacle::NoRoom { .. }]
    ));
    facts.local.room.0 -= 1;
    assert!(matches!(
        of(&facts, Method::Rewind)[..],
        [Obstacle::NoRoom { .. }]
    ));
    assert_eq!(decided(&facts), None);
}

#[test]
fn row_20_a_primary_that_lets_no_standby_in_is_refused() {
    let refuses = NoPrimary::Refuses {
        server: "srv2".into(),
        cause: "no pg_hba.conf entry".into(),
    };
    let refusal = refused(|facts| facts.primary = Err(refuses.clone()));
    assert!(matches!(refusal, Obstacle::ReplicationRefused { .. }));
    let nobody = NoPrimary::NoAnswer("nobody answers".into());
    let refusal = refused(|facts| facts.primary = Err(nobody.clone()));
    assert_eq!(refusal, Obstacle::NoPrimary("nobody answers".into()));
}

#[test]
fn row_21_what_may_have_been_acknowledged_is_thrown_away_only_by_order() {
    let node = |name: &str| name.parse::<crate::agent::ocf::node::Node>().unwrap();
    let mut facts = parted();
    let rule = SyncRule::of("ANY 1 (srv2, srv3)", &node("srv1"), &[].into());
    facts.local.rule = rule.unwrap();
    client(&mut facts).followers = [node("srv2")].into();
    let refusals = plan(&facts, ANY).refusals;
    assert!(
        matches!(&refusals[..], [Obstacle::Acknowledged { bytes: Bytes(80), missing, .. }] if missing == &["srv3"])
    );
    assert_eq!(plan(&facts, only(Method::Copy)).decision, None);
    let allowed = RejoinRequest {
        discard: Discard::Allowed,
        ..ANY
    };
    assert_eq!(plan(&facts, allowed).decision, Some(Method::Rewind));
    client(&mut facts).followers = [node("srv2"), node("srv3")].into();
    assert_eq!(decided(&facts), Some(Method::Rewind));
}

#[test]
fn a_method_that_is_asked_for_is_done_or_refused_for_its_own_reason() {
    assert_eq!(
        plan(&facts(), only(Method::Rewind)).refusals,
        [Obstacle::NothingParted]
    );
    assert_eq!(
        plan(&facts(), only(Method::Copy)).decision,
        Some(Method::Copy)
    );
    assert_eq!(
        plan(&parted(), only(Method::AsIs)).refusals,
        [Obstacle::Parted(Bytes(80))]
    );
}
