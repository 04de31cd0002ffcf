//! Output of a host's tools, and its findings.

use super::*;

fn found(judge: impl FnOnce(&mut Report)) -> (Vec<&'static str>, usize) {
    let mut report = Report::default();
    judge(&mut report);
    let ids = report.findings().iter().map(|found| found.id.word());
    (ids.collect(), report.unseen().count())
}

#[test]
fn only_a_clear_no_is_a_finding() {
    assert_eq!(found(|report| clock("yes\n", report)), (vec![], 0));
    assert_eq!(found(|report| clock("no\n", report)), (vec!["clock"], 0));
    assert_eq!(found(|report| clock("", report)), (vec![], 1));
    let on = "haproxy_connect_any --> on\n";
    let off = "haproxy_connect_any --> off\n";
    assert_eq!(found(|report| selinux(on, report)), (vec![], 0));
    assert_eq!(
        found(|report| selinux(off, report)),
        (vec!["selinux-haproxy"], 0)
    );
    assert_eq!(found(|report| selinux("?", report)), (vec![], 1));
}

#[test]
fn each_file_that_makes_the_daemon_a_member_of_pacemakers_group_is_found() {
    let mut report = Report::default();
    let files = [
        ("/usr/lib/systemd/system/pgsql-state.service", "pgsql-state"),
        (
            "/etc/systemd/system/pgsql-state.service.d/pacemaker.conf",
            "a haclient",
        ),
        (
            "/etc/systemd/system/pgsql-state.service.d/other.conf",
            "haclients",
        ),
    ];
    let files = files.map(|(path, groups)| (Path::new(path), groups));
    groups(files, &mut report);
    let [found] = report.findings() else {
        panic!("{report}");
    };
    let begin =
        "rm /etc/systemd/system/pgsql-state.service.d/pacemaker.conf && systemctl daemon-reload";
    assert!(found.remedy.starts_with(begin), "{report}");
}
