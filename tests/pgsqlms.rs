//! `pgsqlms` as Pacemaker and its tools call it: what it says, where, and the status it ends with. No server
//! and no cluster is there.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};

use support::scratch::Scratch;

/// What Pacemaker 2.1.5 tells a promotable clone of three, but for what an action is about.
const TOLD: [(&str, &str); 8] = [
    ("OCF_ROOT", "/usr/lib/ocf"),
    ("OCF_RESOURCE_INSTANCE", "pgsqld"),
    ("OCF_RESKEY_crm_feature_set", "3.16.1"),
    ("OCF_RESKEY_CRM_meta_notify", "true"),
    ("OCF_RESKEY_CRM_meta_promoted_max", "1"),
    ("OCF_RESKEY_CRM_meta_on_node", "srv1"),
    ("OCF_RESKEY_CRM_meta_timeout", "20000"),
    ("HA_LOGFACILITY", "none"),
];

/// The agent, without any environment.
fn bare(scratch: &Scratch, arguments: &[&str]) -> Command {
    let mut command = scratch.command(env!("CARGO_BIN_EXE_pgsqlms"));
    command.env_clear().args(arguments);
    command
}

/// The agent of a resource whose data directory is not there.
fn told(scratch: &Scratch, action: &str) -> Command {
    let mut command = bare(scratch, &[action]);
    command
        .envs(TOLD)
        .env("HA_LOGFILE", scratch.path().join("log"))
        .env("HA_SBIN_DIR", "/nowhere")
        .env("OCF_RESKEY_pgdata", scratch.path().join("nowhere"));
    command
}

fn end(mut command: Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn log(scratch: &Path) -> String {
    fs::read_to_string(scratch.join("log")).unwrap_or_default()
}

#[test]
fn what_it_does_not_know_it_says_with_its_usage() {
    let scratch = Scratch::new().unwrap();
    for arguments in [&[][..], &["usage"], &["--help"], &["Start"], &[""]] {
        let (status, stdout, stderr) = end(bare(&scratch, arguments));
        assert_eq!((status, &*stdout), (Some(3), ""), "{arguments:?}");
        assert!(
            stderr.starts_with("usage: pgsqlms start|stop|monitor|"),
            "{stderr}"
        );
    }
}

#[test]
fn it_describes_itself_without_any_environment() {
    let scratch = Scratch::new().unwrap();
    let (status, stdout, stderr) = end(bare(&scratch, &["meta-data"]));
    assert_eq!((status, &*stderr), (Some(0), ""));
    assert_eq!(stdout, pgsql_state::agent::ocf::metadata::metadata());
    let (status, stdout, stderr) = end(bare(&scratch, &["methods"]));
    assert_eq!((status, &*stderr), (Some(0), ""));
    let names: Vec<&str> = stdout.lines().collect();
    assert_eq!(names.len(), 12);
    assert!(names.contains(&"reload-agent"));
}

#[test]
fn new_parameters_that_are_wrong_are_told_and_are_no_failure() {
    let scratch = Scratch::new().unwrap();
    for action in ["reload", "reload-agent"] {
        let mut command = told(&scratch, action);
        command.env("OCF_RESKEY_pgport", "x");
        let (status, stdout, stderr) = end(command);
        assert_eq!((status, &*stdout), (Some(0), ""));
        assert!(
            stderr.starts_with("ocf-exit-reason:parameter pgport is \"x\""),
            "{stderr}"
        );
    }
    assert!(log(scratch.path()).contains(" ERROR: parameter pgport is \"x\""));
}

/// As tools call it that look at parameters before there is a clone.
#[test]
fn without_a_clone_only_the_parameters_are_validated() {
    let scratch = Scratch::new().unwrap();
    let mut command = told(&scratch, "validate-all");
    command
        .env_remove("OCF_RESKEY_CRM_meta_notify")
        .env_remove("OCF_RESKEY_CRM_meta_promoted_max")
        .env_remove("OCF_RESKEY_crm_feature_set");
    let (status, _, stderr) = end(command);
    assert_eq!(status, Some(5));
    assert!(
        stderr.starts_with("ocf-exit-reason:parameter pgdata is "),
        "{stderr}"
    );
}

#[test]
fn why_it_failed_is_told_pacemaker_and_the_log() {
    let scratch = Scratch::new().unwrap();
    let mut command = told(&scratch, "start");
    command.env("OCF_RESKEY_pgport", "54x");
    let sentence = "parameter pgport is \"54x\"; a port from 1 to 65535 was expected";
    let (status, stdout, stderr) = end(command);
    assert_eq!((status, &*stdout), (Some(2), ""));
    assert_eq!(stderr, format!("ocf-exit-reason:{sentence}\n"));
    let logged = log(scratch.path());
    assert!(logged.starts_with("pgsqlms(pgsqld)["), "{logged}");
    assert!(
        logged.ends_with(&format!(" ERROR: {sentence}\n")),
        "{logged}"
    );

    let mut command = told(&scratch, "validate-all");
    command
        .env("OCF_EXIT_REASON_PREFIX", "because:")
        .env("OCF_RESKEY_CRM_meta_notify", "false");
    let (status, _, stderr) = end(command);
    assert_eq!(status, Some(5));
    assert!(
        stderr.starts_with("because:the meta-attribute notify "),
        "{stderr}"
    );
}

#[test]
fn without_a_log_everything_is_told_on_standard_error_and_once() {
    let scratch = Scratch::new().unwrap();
    let mut command = told(&scratch, "stop");
    command
        .env_remove("HA_LOGFILE")
        .env("HA_DATEFMT", "now ")
        .env("OCF_RESKEY_maxlag", "16MB");
    let (status, _, stderr) = end(command);
    assert_eq!(status, Some(0));
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(
        lines,
        [
            "now WARNING: parameter maxlag is \"16MB\"; a whole number of bytes, not negative was expected; \
          its default is used"
        ]
    );
    let mut command = told(&scratch, "stop");
    command
        .env_remove("HA_LOGFILE")
        .env("OCF_RESKEY_pgdata", "data");
    let (status, _, stderr) = end(command);
    assert_eq!((status, stderr.lines().count()), (Some(0), 1), "{stderr}");
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let scratch = Scratch::new().unwrap();
    let odd = OsStr::from_bytes(b"\xff\xfe/\x80");
    let mut command = told(&scratch, "stop");
    command.env(odd, odd).env("OCF_RESKEY_start_opts", odd);
    assert_eq!(end(command).0, Some(0));
    let mut command = told(&scratch, "stop");
    command.env("OCF_RESKEY_pgdata", OsStr::from_bytes(b"/\xff"));
    let (status, _, stderr) = end(command);
    assert_eq!(status, Some(0));
    assert!(
        stderr.starts_with("ocf-exit-reason:parameter pgdata is "),
        "{stderr}"
    );
}

#[test]
fn a_server_that_is_not_there_is_stopped_and_not_installed() {
    let scratch = Scratch::new().unwrap();
    for (action, expected) in [("monitor", 5), ("status", 5), ("stop", 0), ("demote", 5)] {
        let (status, _, stderr) = end(told(&scratch, action));
        assert_eq!(status, Some(expected), "{action}: {stderr}");
        assert_eq!(stderr.starts_with("ocf-exit-reason:"), expected != 0);
    }
}

/// Who may write to the data directory may put anything in the place of the file that names the server.
#[test]
fn what_stands_in_the_pid_files_place_is_neither_waited_for_nor_read_without_end() {
    let traps = [
        ("mkfifo $0", "it is not a regular file"),
        ("ln -s /dev/zero $0", "it is not a regular file"),
        ("mkdir $0", "it is not a regular file"),
        ("truncate --size=1G $0", "it is larger than 16384 bytes"),
    ];
    for (trap, reason) in traps {
        let scratch = Scratch::new().unwrap();
        let data = scratch.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("PG_VERSION"), "15\n").unwrap();
        let file = data.join("postmaster.pid");
        let mut shell = Command::new("/bin/sh");
        assert!(
            shell
                .args(["-c", trap])
                .arg(&file)
                .status()
                .unwrap()
                .success()
        );
        for (action, expected) in [("monitor", 1), ("stop", 0)] {
            // The end of whoever waits, and of whoever takes memory for it.
            let mut command = scratch.command("/bin/sh");
            command
                .args(["-c", "ulimit -v 1000000; exec timeout 20 \"$0\" \"$@\""])
                .args([env!("CARGO_BIN_EXE_pgsqlms"), action])
                .env_clear()
                .envs(TOLD)
                .env("PATH", "/usr/bin:/bin")
                .env("HA_LOGFILE", scratch.path().join("log"))
                .env("HA_SBIN_DIR", "/nowhere")
                .env("OCF_RESKEY_pgdata", &data);
            let (status, _, stderr) = end(command);
            assert_eq!(status, Some(expected), "{trap}, {action}: {stderr}");
            let logged = log(scratch.path());
            let told = format!(" WARNING: cannot read {}: {reason}", file.display());
            assert!(logged.contains(&told), "{trap}, {action}: {logged}");
            fs::remove_file(scratch.path().join("log")).unwrap();
        }
    }
}
