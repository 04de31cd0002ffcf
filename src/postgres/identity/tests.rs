use super::*;

const LOCAL: LocalPostmaster = LocalPostmaster {
    pid: 7,
    started: Some(1_763_774_400),
    system_identifier: Some(70),
};

fn reported() -> ReportedIdentity {
    ReportedIdentity {
        started: 1_763_774_401,
        backend: 8,
        system_identifier: Some(70),
        data_directory: None,
    }
}

#[test]
fn a_server_without_a_difference_is_that_of_the_postmaster() {
    for parent in [Parent::Of(7), Parent::Hidden] {
        assert_eq!(reported().differ(&LOCAL, parent), Ok(()));
    }
    let unknown = LocalPostmaster {
        started: None,
        system_identifier: None,
        ..LOCAL
    };
    assert_eq!(reported().differ(&unknown, Parent::Of(7)), Ok(()));
}

#[test]
fn one_difference_is_enough() {
    let of_another = ReportedIdentity {
        system_identifier: Some(71),
        ..reported()
    };
    let refused = of_another.differ(&LOCAL, Parent::Of(7));
    assert!(matches!(refused, Err(Difference::SystemIdentifier { .. })));
    for seconds in [-3600, -11, 301, i64::MAX] {
        let at_another_time = ReportedIdentity {
            started: 1_763_774_400_i64.saturating_add(seconds),
            ..reported()
        };
        let refused = at_another_time.differ(&LOCAL, Parent::Of(7));
        assert!(
            matches!(refused, Err(Difference::Started { .. })),
            "{seconds}"
        );
    }
    for parent in [Parent::Of(6), Parent::NoProcess] {
        let refused = reported().differ(&LOCAL, parent);
        assert!(matches!(refused, Err(Difference::Process { .. })));
    }
}

#[test]
fn the_parent_of_a_process_is_found() {
    let own = i32::try_from(std::process::id()).unwrap();
    let mut child = std::process::Command::new("/bin/sleep")
        .arg("60")
        .spawn()
        .unwrap();
    let number = i32::try_from(child.id()).unwrap();
    assert_eq!(parent(number), Parent::Of(own));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(parent(number), Parent::NoProcess);
    assert_eq!(parent(0), Parent::NoProcess);
    assert_eq!(parse_parent("7 (post) gres) S 4 7 7"), Some(4));
    assert_eq!(parse_parent("7 (postgres"), None);
}

#[test]
fn a_server_that_reports_a_directory_in_which_none_runs_is_another_one() {
    let directory = tempfile::tempdir().unwrap();
    let named = ReportedIdentity {
        data_directory: Some(directory.path().to_owned()),
        ..reported()
    };
    assert_eq!(named.compare_here(), Ok(()));
    fs::write(directory.path().join("PG_VERSION"), "15\n").unwrap();
    let none = Difference::NoneRuns(directory.path().to_owned());
    assert_eq!(named.compare_here(), Err(none));
    let write = |started: i64| {
        let text = format!("7\n/data\n{started}\n5432\n/tmp\n\n1 1\nready\n");
        fs::write(directory.path().join("postmaster.pid"), text).unwrap();
    };
    // Process 7 is not a server, so process IDs are not compared.
    write(1_763_774_400);
    assert_eq!(named.compare_here(), Ok(()));
    write(1_763_770_000);
    assert!(named.compare_here().is_err());
    fs::remove_file(directory.path().join("postmaster.pid")).unwrap();
    fs::create_dir(directory.path().join("postmaster.pid")).unwrap();
    assert_eq!(named.compare_here(), Ok(()));
}
