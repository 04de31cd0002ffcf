//! The files in `haproxy/`: what is generated for three servers, held as it is. `GOLDEN=write` writes them
//! anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pgsql_state::config::HeaderPeers;
use pgsql_state::health::RoleWords;
use pgsql_state::tools::generate::Nodes;
use pgsql_state::tools::generate::haproxy::{
    AdminSocket, Bind, HaproxyCheck, HaproxyPlan, HaproxyVersion, Headers, Numbers, Ports, Profile,
    ReplicationPath, VersionOrigin, whole,
};
use support::Trouble;

use crate::{Program, repository};

pub(crate) const PROFILES: [Profile; 3] = [Profile::Classic, Profile::Safe, Profile::Fast];
pub(crate) const CHECKS: [HaproxyCheck; 3] =
    [HaproxyCheck::Text, HaproxyCheck::Http, HaproxyCheck::Agent];
pub(crate) const WAYS: [ReplicationPath; 3] = [
    ReplicationPath::Own,
    ReplicationPath::Prod,
    ReplicationPath::Direct,
];

/// The version in Debian 12.
const DEBIAN: &str = "2.6";

pub(crate) fn plan(version: HaproxyVersion, profile: Profile) -> HaproxyPlan {
    let nodes = ["srv1=10.20.30.51", "srv2=10.20.30.52", "srv3=10.20.30.53"];
    let nodes = nodes.iter().map(|node| node.parse().unwrap());
    let nodes = Nodes::new(nodes.collect()).unwrap();
    let ports = Ports::new(Numbers::DEFAULT).unwrap();
    let headers = Headers::of(&nodes, &HeaderPeers::default(), &ports, HaproxyCheck::Text);
    HaproxyPlan {
        version,
        origin: VersionOrigin::Named,
        profile,
        check: HaproxyCheck::Text,
        replication: ReplicationPath::Own,
        headers: headers.unwrap(),
        nodes,
        ports,
        bind: Bind::Everywhere,
        words: RoleWords::default(),
        token: None,
        tls: None,
        admin_socket: AdminSocket::DEFAULT.parse().unwrap(),
        untrusted: Vec::new(),
    }
}

/// Each file with its text: every version and profile, and for [`DEBIAN`]'s version the other choices.
fn files() -> Vec<(PathBuf, String)> {
    let file = |plan: &HaproxyPlan, choice: &str| {
        let (version, profile) = (plan.version, plan.profile.word());
        let path = format!("haproxy/{version}/{profile}{choice}.cfg");
        (repository(&path), whole(plan))
    };
    let mut files = Vec::new();
    for version in HaproxyVersion::ALL {
        files.extend(PROFILES.map(|profile| file(&plan(version, profile), "")));
    }
    let safe = || plan(DEBIAN.parse().unwrap(), Profile::Safe);
    for check in [HaproxyCheck::Http, HaproxyCheck::Agent] {
        let plan = HaproxyPlan { check, ..safe() };
        files.push(file(&plan, &format!("-{}", check.word())));
    }
    for replication in [ReplicationPath::Prod, ReplicationPath::Direct] {
        let plan = HaproxyPlan {
            replication,
            ..safe()
        };
        files.push(file(&plan, &format!("-{}", replication.word())));
    }
    files
}

/// Holds files against what is generated, all that their folders have.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever changes a generator has the files written anew"
)]
pub(crate) fn are_kept(files: &[(PathBuf, String)]) {
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        for (path, text) in files {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    for (path, text) in files {
        let kept = fs::read_to_string(path).unwrap_or_default();
        assert!(
            &kept == text,
            "{} is not what is generated; GOLDEN=write",
            path.display()
        );
    }
    let folders: BTreeSet<&Path> = files.iter().filter_map(|(path, _)| path.parent()).collect();
    let kept = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    assert_eq!(
        kept.count(),
        files.len(),
        "{folders:?} have files that are not generated"
    );
}

#[test]
fn the_files_are_what_is_generated() {
    are_kept(&files());
}

#[test]
fn the_program_prints_them() -> Result<(), Trouble> {
    let nodes = "[cluster]\nnodes = [ { name = \"srv1\", address = \"10.20.30.51\" }, \
                 { name = \"srv2\", address = \"10.20.30.52\" }, \
                 { name = \"srv3\", address = \"10.20.30.53\" } ]\n\
                 [admission]\ntrusted = [\"@haproxy\"]\n";
    let program = Program::new(nodes)?;
    let kept = |path: &str| fs::read_to_string(repository(path)).unwrap();
    let debian = ["--haproxy-version", DEBIAN];
    assert_eq!(
        program.generate("haproxy", &debian),
        kept("haproxy/2.6/classic.cfg")
    );
    let args = ["--profile", "fast", "--haproxy-version", "3.4"];
    assert_eq!(
        program.generate("haproxy", &args),
        kept("haproxy/3.4/fast.cfg")
    );
    for (option, choice) in [
        ("--check", "http"),
        ("--check", "agent"),
        ("--replication", "prod"),
        ("--replication", "direct"),
    ] {
        let safe = [&debian[..], &["--profile", "safe", option, choice]].concat();
        let printed = program.generate("haproxy", &safe);
        assert_eq!(printed, kept(&format!("haproxy/2.6/safe-{choice}.cfg")));
    }
    // Options go before the configuration.
    let program = Program::new("admission.trusted = [\"10.20.30.0/24\"]\n")?;
    let nodes = [
        "--node",
        "srv1=10.20.30.51",
        "--node",
        "srv2=10.20.30.52",
        "--node",
        "srv3=10.20.30.53",
    ];
    assert_eq!(
        program.generate("haproxy", &[&debian[..], &nodes].concat()),
        kept("haproxy/2.6/classic.cfg")
    );
    Ok(())
}

#[test]
fn what_untrusted_clients_could_do_to_load_balancers_is_told_until_they_are_trusted()
-> Result<(), Trouble> {
    let nodes = ["--node", "srv1=10.20.30.51", "--node", "srv2=10.20.30.52"];
    for (trusted, told) in [
        (
            "[]",
            Some("#   trusted = [\"10.20.30.51\", \"10.20.30.52\"]\n"),
        ),
        (
            "[\"10.20.30.51\"]",
            Some("#   trusted = [\"10.20.30.52\"]\n"),
        ),
        ("[\"10.20.30.0/24\"]", None),
    ] {
        let program = Program::new(&format!("admission.trusted = {trusted}\n"))?;
        let printed = program.generate("haproxy", &nodes);
        assert_eq!(printed.contains("[admission]"), told.is_some(), "{printed}");
        assert!(printed.contains(told.unwrap_or_default()), "{printed}");
    }
    Ok(())
}
