//! What is generated for HAProxy, read by the one that is installed: without an error, and without a warning.

use std::fs;

use pgsql_state::tools::generate::haproxy::{
    HaproxyPlan, HaproxyVersion, Profile, blocks_only, whole,
};
use support::Trouble;
use support::haproxy::{PROGRAM as HAPROXY, installed};
use support::scratch::Scratch;

use crate::golden::{CHECKS, PROFILES, WAYS, plan};

/// The version of the HAProxy that is installed.
fn newest() -> Result<HaproxyVersion, Trouble> {
    let (major, minor) = installed()?;
    Ok(format!("{major}.{minor}").parse().unwrap())
}

/// The versions that the installed one comes after, and itself: what an old HAProxy knew, later ones still take.
fn known() -> Result<impl Iterator<Item = HaproxyVersion>, Trouble> {
    let newest = newest()?;
    let versions = HaproxyVersion::ALL.into_iter();
    Ok(versions.filter(move |version| *version <= newest))
}

#[test]
fn the_installed_haproxy_takes_all_that_is_generated_for_it() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    for version in known()? {
        for profile in PROFILES {
            for check in CHECKS {
                let plan = HaproxyPlan {
                    check,
                    ..plan(version, profile)
                };
                is_taken(&scratch, &plan, &whole(&plan));
            }
            let plan = plan(version, profile);
            is_taken(&scratch, &plan, &elsewhere(&plan));
        }
    }
    // No version knows less of these.
    for replication in WAYS {
        let plan = HaproxyPlan {
            replication,
            ..plan(newest()?, Profile::Safe)
        };
        is_taken(&scratch, &plan, &whole(&plan));
    }
    Ok(())
}

#[test]
#[ignore = "some hundreds of calls of HAProxy: make haproxy-test"]
fn the_installed_haproxy_takes_every_choice() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let mut taken = 0;
    let mut take = |plan: &HaproxyPlan, text: &str| {
        is_taken(&scratch, plan, text);
        taken += 1;
    };
    for version in known()? {
        for (profile, check) in PROFILES
            .into_iter()
            .flat_map(|profile| CHECKS.map(|check| (profile, check)))
        {
            let plan = HaproxyPlan {
                check,
                ..plan(version, profile)
            };
            take(&plan, &elsewhere(&plan));
            for replication in WAYS {
                let plan = HaproxyPlan {
                    replication,
                    ..plan.clone()
                };
                take(&plan, &whole(&plan));
            }
        }
    }
    // Read by tests/haproxy-test.
    println!("{taken} files");
    Ok(())
}

/// The blocks in a file that others wrote.
fn elsewhere(plan: &HaproxyPlan) -> String {
    format!("global\n    log /dev/log local0\n\n{}", blocks_only(plan))
}

fn is_taken(scratch: &Scratch, plan: &HaproxyPlan, text: &str) {
    let path = scratch.path().join("haproxy.cfg");
    fs::write(&path, text).unwrap();
    let mut command = scratch.command(HAPROXY);
    let output = command.arg("-c").arg("-f").arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{plan:?}: {said}");
    // Nor is it warned of, but for what is only there after a reload.
    let mut warnings = said.lines().filter(|line| line.contains("WARNING"));
    assert!(
        warnings.all(|line| line.contains("server state file")),
        "{plan:?}: {said}"
    );
}
