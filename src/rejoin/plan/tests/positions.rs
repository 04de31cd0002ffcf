//! The rows about where the servers stand and what has happened to the node.

use super::*;

#[test]
fn row_1_servers_that_are_not_of_one_cluster_are_refused() {
    let other = refused(|facts| primary(facts).system_identifier = 8);
    assert!(matches!(other, Obstacle::OtherCluster { primary: 8, .. }));
    let other = refused(|facts| primary(facts).major = 16);
    assert!(matches!(
        other,
        Obstacle::OtherMajor {
            local: 15,
            primary: 16
        }
    ));
    let other = refused(|facts| primary(facts).segment = 1 << 20);
    assert!(matches!(other, Obstacle::OtherSegmentSize { .. }));
}

#[test]
fn row_1_tablespaces_at_other_places_are_refused() {
    let at = |place: &str| Tablespace {
        oid: 16400,
        place: PathBuf::from(place),
    };
    let mut facts = parted();
    facts.local.directory.tablespaces = [at("/srv/one")].into();
    client(&mut facts).tablespaces = [at("/srv/two")].into();
    assert_eq!(decided(&facts), None);
    assert!(matches!(
        of(&facts, Method::Rewind)[..],
        [Obstacle::Tablespaces(_)]
    ));
    // With the same ones a rewind is possible, and a copy is not.
    client(&mut facts).tablespaces = [at("/srv/one")].into();
    assert_eq!(decided(&facts), Some(Method::Rewind));
    assert!(matches!(
        of(&facts, Method::Copy)[..],
        [Obstacle::TablespacesToCopy(_)]
    ));
}

#[test]
fn row_2_a_server_that_runs_is_refused_unless_pacemaker_stops_it() {
    let runs = refused(|facts| facts.local.server = LocalServer::Standby);
    assert!(matches!(runs, Obstacle::Runs { .. }));
    assert_eq!(
        runs.remedy(),
        "pg_ctl stop --pgdata /var/lib/postgresql/15/main"
    );
    assert_eq!(
        refused(|facts| facts.local.server = LocalServer::Primary),
        Obstacle::RunsAsPrimary
    );
    let unclear = LocalServer::Unclear("cannot be seen".into());
    let unclear = refused(|facts| facts.local.server = unclear.clone());
    assert!(matches!(unclear, Obstacle::Unclear(_)));
    let mut facts = parted();
    facts.local.server = LocalServer::Standby;
    facts.local.manager = ServerManager::Pacemaker {
        resource: "pgsqld-clone".into(),
        node: "srv1".into(),
    };
    let plan = plan(&facts, ANY);
    assert_eq!(plan.decision, Some(Method::Rewind));
    assert_eq!(plan.before, [Preparation::Stop, Preparation::Recover]);
}

#[test]
fn row_3_a_backup_is_started_and_never_rewound() {
    let mut facts = facts();
    facts.local.backup_label = BackupFile::Present;
    assert_eq!(decided(&facts), Some(Method::AsIs));
    let mut facts = parted();
    facts.local.backup_label = BackupFile::Present;
    assert_eq!(of(&facts, Method::Rewind), [Obstacle::Backup]);
    assert_eq!(decided(&facts), Some(Method::Copy));
}

#[test]
fn row_4_an_interrupted_rewind_is_repeated_and_a_damaged_control_file_is_replaced() {
    let mut facts = parted();
    facts.local.earlier = Earlier::Rewinding;
    let repeated = plan(&facts, ANY);
    assert_eq!(repeated.decision, Some(Method::Rewind));
    // The crash recovery came before, and would spoil the files now.
    assert_eq!(repeated.before, []);
    // However the positions look, it is not started.
    facts.local.end = Some(at(1, FORK));
    assert!(of(&facts, Method::AsIs).contains(&Obstacle::HalfRewound));
    let mut facts = parted();
    facts.local.control = Err("it has 0 bytes".into());
    facts.local.end = None;
    assert_eq!(decided(&facts), Some(Method::Copy));
    let unreadable = refused(|facts| facts.local.earlier = Earlier::Unreadable("no JSON".into()));
    assert!(matches!(unreadable, Obstacle::EarlierUnreadable(_)));
}

#[test]
fn row_5_a_primary_that_was_shut_down_comes_back_as_it_is() {
    let plan = plan(&facts(), ANY);
    assert_eq!(plan.decision, Some(Method::AsIs));
    assert_eq!(plan.relation, Some(Relation::Behind));
    assert_eq!(plan.methods[0].loss, None);
    assert_eq!(plan.methods[0].fetched, Some(Bytes(0x0900_0000 - FORK)));
}

#[test]
fn row_6_a_standby_before_the_fork_comes_back_as_it_is() {
    let mut facts = facts();
    facts.local.control = Ok(control(ClusterState::ShutDownInRecovery));
    facts.local.end = Some(at(1, FORK - 8));
    assert_eq!(decided(&facts), Some(Method::AsIs));
}

#[test]
fn row_7_a_server_beyond_the_fork_is_rewound() {
    for state in [ClusterState::ShutDown, ClusterState::ShutDownInRecovery] {
        let mut facts = parted();
        facts.local.control = Ok(control(state));
        let plan = plan(&facts, ANY);
        assert_eq!(plan.decision, Some(Method::Rewind));
        assert_eq!(plan.before, []);
        let loss = plan.methods[1].loss.as_ref().unwrap();
        assert_eq!((loss.from, loss.to), (at(1, FORK), at(1, FORK + 80)));
        assert_eq!(loss.bytes, Bytes(80));
    }
}

#[test]
fn row_8_a_timeline_that_the_primary_never_had_is_rewound_to_the_common_one_or_copied() {
    let mut facts = parted();
    facts.local.end = Some(at(3, FORK + 80));
    facts.local.history = History::parse(Timeline(3), "1\t0/5000050\tpromoted\n").unwrap();
    let plan = plan(&facts, ANY);
    assert_eq!(plan.decision, Some(Method::Rewind));
    assert_eq!(
        plan.methods[1].loss.as_ref().unwrap().from,
        at(1, 0x0500_0050)
    );
    facts.local.history = History::alone(Timeline(3));
    assert_eq!(of(&facts, Method::Rewind), [Obstacle::Strangers]);
    assert_eq!(decided(&facts), Some(Method::Copy));
}

#[test]
fn row_9_a_server_ahead_on_the_primarys_own_timeline_is_copied() {
    let mut facts = facts();
    facts.local.history = primary(&mut facts).history.clone();
    facts.local.end = Some(at(2, 0x0900_0040));
    let plan = plan(&facts, ANY);
    assert_eq!(plan.decision, Some(Method::Copy));
    for method in [Method::AsIs, Method::Rewind] {
        assert_eq!(of(&facts, method), [Obstacle::Ahead(Bytes(0x40))]);
    }
    assert_eq!(plan.methods[2].loss.as_ref().unwrap().bytes, Bytes(0x40));
}

#[test]
fn two_that_were_promoted_from_one_position_are_not_taken_for_one() {
    let mut facts = facts();
    facts.local.history = primary(&mut facts).history.clone();
    facts.local.end = Some(at(2, 0x0800_0000));
    assert_eq!(decided(&facts), Some(Method::AsIs));
    facts.last_page = LastPage::Different;
    let plan = plan(&facts, ANY);
    assert_eq!(plan.decision, Some(Method::Copy));
    for method in [Method::AsIs, Method::Rewind] {
        assert_eq!(of(&facts, method), [Obstacle::Twins]);
    }
    let loss = plan.methods[2].loss.as_ref().unwrap();
    assert_eq!(loss.bytes, Bytes(0x0800_0000 - FORK));
    // What cannot be compared is left to the servers.
    facts.last_page = LastPage::Unknown;
    assert_eq!(decided(&facts), Some(Method::AsIs));
}

#[test]
fn row_10_a_crash_before_the_fork_needs_nothing_but_a_start() {
    let mut facts = facts();
    facts.local.control = Ok(control(ClusterState::Production));
    let plan = plan(&facts, ANY);
    assert_eq!(plan.decision, Some(Method::AsIs));
    assert_eq!(plan.before, []);
}

#[test]
fn row_11_a_crash_beyond_the_fork_is_recovered_before_the_rewind() {
    let plan = plan(&parted(), ANY);
    assert_eq!(plan.decision, Some(Method::Rewind));
    assert_eq!(plan.before, [Preparation::Recover]);
}
