//! Each rule with settings that meet it and settings that do not.

use super::*;

/// A server of the three-node example: behind the HAProxy of its host, without slots.
const SOUND: &[(&str, &str)] = &[
    ("archive_mode", "off"),
    ("hot_standby", "on"),
    ("max_slot_wal_keep_size", "-1"),
    ("port", "5434"),
    (
        "primary_conninfo",
        "host=127.0.0.1 port=5432 password=s3cret application_name=srv1",
    ),
    ("primary_slot_name", ""),
    ("recovery_target_timeline", "latest"),
    ("restart_after_crash", "off"),
    ("wal_keep_size", "1024"),
];

fn facts(changes: &[(&str, &str)]) -> SettingsFacts {
    let rows: Vec<String> = SOUND
        .iter()
        .chain(changes)
        .map(|(name, setting)| {
            let context = match *name {
                "hot_standby" | "recovery_target_time" | "recovery_target_timeline" => "postmaster",
                _ => "sighup",
            };
            serde_json::json!({ "name": name, "setting": setting, "context": context }).to_string()
        })
        .collect();
    SettingsFacts {
        version: 150_000,
        slots: 0,
        settings: ServerSettings::read(&rows),
        node: Some("srv1".into()),
        own: vec!["10.20.30.51".parse().unwrap()],
        others: vec![
            "10.20.30.52".parse().unwrap(),
            "10.20.30.53".parse().unwrap(),
        ],
        manager: Manager::Pacemaker,
        psql: "psql -p 5434".into(),
    }
}

fn report(facts: &SettingsFacts) -> Report {
    let mut report = Report::default();
    judge(facts, &mut report);
    report
}

fn ids(facts: &SettingsFacts) -> Vec<Id> {
    let report = report(facts);
    report.findings().iter().map(|finding| finding.id).collect()
}

#[test]
fn a_sound_server_has_no_findings_and_nothing_unseen() {
    assert_eq!(report(&facts(&[])), Report::default());
}

#[test]
fn each_wrong_setting_is_found_with_the_command_that_fixes_it() {
    for (changes, id, remedy) in [
        (
            [("hot_standby", "off")],
            Id::HotStandby,
            "psql -p 5434 -c \"ALTER SYSTEM SET hot_standby = on\"; then restart PostgreSQL",
        ),
        (
            [("recovery_target_timeline", "current")],
            Id::RecoveryTargetTimeline,
            "psql -p 5434 -c \"ALTER SYSTEM SET recovery_target_timeline = 'latest'\"; then restart \
             PostgreSQL",
        ),
        (
            [("recovery_target_time", "2020-01-01")],
            Id::RecoveryTarget,
            "psql -p 5434 -c \"ALTER SYSTEM SET recovery_target_time = ''\"; then restart PostgreSQL",
        ),
        (
            [("promote_trigger_file", "/tmp/promote")],
            Id::RecoveryTarget,
            "psql -p 5434 -c \"ALTER SYSTEM SET promote_trigger_file = ''\" -c \"SELECT pg_reload_conf()\"",
        ),
        (
            [("restart_after_crash", "on")],
            Id::RestartAfterCrash,
            "psql -p 5434 -c \"ALTER SYSTEM SET restart_after_crash = off\" -c \"SELECT \
             pg_reload_conf()\"",
        ),
        (
            [("wal_keep_size", "0")],
            Id::WalKeep,
            "psql -p 5434 -c \"ALTER SYSTEM SET wal_keep_size = '1GB'\" -c \"SELECT pg_reload_conf()\"",
        ),
        (
            [("primary_conninfo", "")],
            Id::PrimaryConninfoMissing,
            "psql -p 5434 -c \"ALTER SYSTEM SET primary_conninfo = 'host=10.20.30.52,10.20.30.53 \
             port=5434 target_session_attrs=read-write application_name=srv1'\" -c \"SELECT \
             pg_reload_conf()\"",
        ),
    ] {
        let report = report(&facts(&changes));
        let [found] = report.findings() else {
            panic!("{changes:?}: {report}");
        };
        assert_eq!((found.id, found.remedy.as_str()), (id, remedy));
    }
}

#[test]
fn slots_need_a_size_limit_and_replace_wal_keep_size() {
    let with_slots = |changes: &[(&str, &str)]| SettingsFacts {
        slots: 2,
        ..facts(changes)
    };
    assert_eq!(ids(&with_slots(&[])), [Id::SlotsUncapped]);
    let capped = ("max_slot_wal_keep_size", "16384");
    assert_eq!(ids(&with_slots(&[capped, ("wal_keep_size", "0")])), []);
    assert_eq!(
        ids(&facts(&[
            ("wal_keep_size", "0"),
            ("primary_slot_name", "a")
        ])),
        []
    );
    assert_eq!(
        ids(&facts(&[("wal_keep_size", "0"), ("archive_mode", "on")])),
        []
    );
    assert_eq!(ids(&facts(&[("wal_keep_segments", "0")])), [Id::WalKeep]);
}

#[test]
fn a_restart_after_a_crash_matters_under_pacemaker_alone() {
    for manager in [Manager::Other, Manager::Unknown] {
        let facts = SettingsFacts {
            manager,
            ..facts(&[("restart_after_crash", "on")])
        };
        assert_eq!(ids(&facts), []);
    }
}

#[test]
fn a_server_that_would_follow_itself_is_found() {
    for (conninfo, expected) in [
        (
            "host=127.0.0.1 port=5434 application_name=srv1",
            Some("127.0.0.1 port 5434"),
        ),
        (
            "host=srv2,srv1 port=5434 application_name=srv1",
            Some("srv1 port 5434"),
        ),
        (
            "host=srv2,10.20.30.51 port=5432,5434 application_name=srv1",
            Some("10.20.30.51 port 5434"),
        ),
        (
            "port=5434 application_name=srv1",
            Some("the Unix socket port 5434"),
        ),
        (
            "postgresql://repl@10.20.30.52:5434,10.20.30.51:5434/?target_session_attrs=read-write&application_name=srv1",
            Some("10.20.30.51 port 5434"),
        ),
        (
            "postgresql://repl@10.20.30.52:5434,10.20.30.53:5434/?target_session_attrs=read-write&application_name=srv1",
            None,
        ),
        (
            "postgresql://10.20.30.51:5434/?application_name=srv1",
            Some("10.20.30.51 port 5434"),
        ),
        (
            "host=srv1,srv2 port=5434 target_session_attrs=read-write application_name=srv1",
            Some("srv1 port 5434"),
        ),
        ("host=srv1 port=5432 application_name=srv1", None),
        ("host=10.20.30.52 port=5434 application_name=srv1", None),
        (
            "host=srv2 hostaddr=10.20.30.52 port=5434 application_name=srv1",
            None,
        ),
    ] {
        let report = report(&facts(&[("primary_conninfo", conninfo)]));
        let place = expected
            .map(|place| format!("primary_conninfo leads to {place}, which is this server itself"));
        let found: Vec<&str> = report
            .findings()
            .iter()
            .map(|found| found.what.as_str())
            .collect();
        assert_eq!(found, Vec::from_iter(place.as_deref()), "{conninfo}");
    }
}

#[test]
fn a_uri_is_added_to_as_a_uri() {
    for (conninfo, more) in [
        ("postgresql://10.20.30.52", "|| '?application_name=srv1'"),
        (
            "postgresql://10.20.30.52/?user=u",
            "|| '&application_name=srv1'",
        ),
    ] {
        let report = report(&facts(&[("primary_conninfo", conninfo)]));
        let [found] = report.findings() else {
            panic!("{report}");
        };
        assert!(found.remedy.contains(more), "{}", found.remedy);
    }
}

#[test]
fn a_name_that_is_not_the_nodes_is_found_and_no_password_shown() {
    for conninfo in [
        "host=127.0.0.1 password=s3cret",
        "host=127.0.0.1 password=s3cret application_name=srv2",
    ] {
        let report = report(&facts(&[("primary_conninfo", conninfo)]));
        let [found] = report.findings() else {
            panic!("{report}");
        };
        assert_eq!(found.id, Id::ApplicationName);
        assert!(
            found
                .remedy
                .contains("|| ' application_name=srv1') \\gexec\" | psql")
        );
        assert!(!report.to_string().contains("s3cret"), "{report}");
    }
}

#[test]
fn cluster_name_names_a_standby_except_under_pacemaker() {
    let conninfo = ("primary_conninfo", "host=127.0.0.1");
    let under = |manager, name| {
        let facts = facts(&[conninfo, ("cluster_name", name)]);
        ids(&SettingsFacts { manager, ..facts })
    };
    assert_eq!(under(Manager::Other, "srv1"), []);
    assert_eq!(under(Manager::Other, "main"), [Id::ApplicationName]);
    assert_eq!(under(Manager::Other, ""), [Id::ApplicationName]);
    assert_eq!(under(Manager::Pacemaker, "srv1"), [Id::ApplicationName]);
}

#[test]
fn settings_of_a_service_are_not_guessed() {
    let report = report(&facts(&[("primary_conninfo", "service=primary")]));
    let text = report.to_string();
    assert!(report.findings().is_empty(), "{text}");
    assert!(
        text.contains("application_name: primary_conninfo names a service"),
        "{text}"
    );
    let named = [("primary_conninfo", "service=primary application_name=srv2")];
    assert_eq!(ids(&facts(&named)), [Id::ApplicationName]);
}

#[test]
fn hidden_settings_are_reported() {
    let unseen = |facts: &SettingsFacts| {
        let report = report(facts);
        let unseen = report.unseen().map(|(what, why)| format!("{what}: {why}"));
        unseen.collect::<Vec<_>>()
    };
    let mut hidden = facts(&[]);
    hidden.settings.0.remove("primary_conninfo");
    assert_eq!(
        unseen(&hidden),
        ["primary_conninfo: it is for superusers and members of pg_read_all_settings"]
    );
    let unnamed = SettingsFacts {
        node: None,
        ..facts(&[])
    };
    assert_eq!(
        unseen(&unnamed),
        ["application_name: cluster.nodes has no node with an address of this host"]
    );
    let odd = facts(&[("primary_conninfo", "host")]);
    assert_eq!(unseen(&odd).len(), 1);
}

/// Whoever owns the server can replace the views of `pg_catalog`.
#[test]
fn nothing_that_the_server_says_becomes_a_part_of_a_command() {
    for port in [
        "5434\" ; touch /tmp/it ; echo \"",
        "$(id)",
        "`id`",
        "-1",
        "65536",
        "",
    ] {
        let report = report(&facts(&[("primary_conninfo", ""), ("port", port)]));
        let remedies = report.findings().iter().map(|found| found.remedy.as_str());
        let remedies: Vec<&str> = remedies.collect();
        assert!(
            remedies.iter().any(|remedy| remedy.contains(" port=PORT ")),
            "{remedies:?}"
        );
    }
}
