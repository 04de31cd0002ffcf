//! The Vagrantfile as Vagrant reads it, with the real plugins of both providers. No machine is made:
//! boxes want a network, and virtual machines a host that can run them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::Trouble;
use support::running::run;
use support::scratch::Scratch;

/// Where the machines find this repository.
const SOURCES: &str = "/opt/pgsql-state/";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command that looks at the Vagrantfile for a provider, and leaves nothing outside the scratch
/// directory.
fn vagrant(scratch: &Scratch, program: &str, provider: &str) -> Command {
    let mut command = scratch.command(program);
    let stand_ins = scratch.path().display();
    command
        .env("VAGRANT_CWD", repository().join("vagrant"))
        .env("VAGRANT_HOME", scratch.path().join("home"))
        .env("VAGRANT_DOTFILE_PATH", scratch.path().join("machines"))
        .env("VAGRANT_DEFAULT_PROVIDER", provider)
        .env("PATH", format!("{stand_ins}:/usr/local/bin:/usr/bin:/bin"));
    command
}

/// A stand-in for `VirtualBox`, which Debian does not have: all that Vagrant asks of it before it
/// validates is its version. What is validated, and by what, is Vagrant's own.
fn put_virtualbox(scratch: &Scratch) {
    let path = scratch.path().join("VBoxManage");
    fs::write(&path, "#!/bin/sh\necho 7.0.20r163906\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A step of a machine.
struct Step {
    machine: String,
    name: String,
    run: String,
    text: String,
}

impl Step {
    /// The lines that call a script of this repository: the script there, and its arguments.
    fn calls(&self) -> Vec<(PathBuf, Vec<&str>)> {
        let calls = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix(SOURCES));
        calls
            .map(|call| {
                let mut words = call.split(' ');
                let script = repository().join(words.next().unwrap_or_default());
                (script, words.collect())
            })
            .collect()
    }
}

/// Every step of every machine, in order.
fn steps(scratch: &Scratch, provider: &str) -> Result<Vec<Step>, Trouble> {
    let mut ruby = vagrant(scratch, "ruby", provider);
    ruby.args(["-e", include_str!("steps.rb")]);
    let lines = run(ruby)?;
    let step = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let quoted = fields[3]
            .strip_prefix('"')
            .unwrap()
            .strip_suffix('"')
            .unwrap();
        Step {
            machine: fields[0].into(),
            name: fields[1].into(),
            run: fields[2].into(),
            text: quoted.replace("\\n", "\n").replace("\\\"", "\""),
        }
    };
    Ok(lines.lines().map(step).collect())
}

/// Whether Vagrant is left out here, as `tests/setup` says: from Debian 14 on there is no package of it.
#[expect(clippy::print_stdout, reason = "whoever runs the tests reads it")]
fn is_left_out() -> bool {
    let left_out = !Path::new("/usr/bin/vagrant").exists();
    if left_out {
        println!("there is no vagrant; the Vagrantfile is not looked at");
    }
    left_out
}

/// Has Vagrant validate the Vagrantfile, the provider's options included.
fn validate(provider: &str) -> Result<(), Trouble> {
    if is_left_out() {
        return Ok(());
    }
    let scratch = Scratch::new()?;
    put_virtualbox(&scratch);
    let mut command = vagrant(&scratch, "vagrant", provider);
    command.arg("validate");
    let said = run(command)?;
    assert!(said.contains("validated successfully"), "{said}");
    Ok(())
}

#[test]
fn the_vagrantfile_is_valid_for_libvirt() -> Result<(), Trouble> {
    validate("libvirt")
}

#[test]
fn the_vagrantfile_is_valid_for_virtualbox() -> Result<(), Trouble> {
    validate("virtualbox")
}

#[test]
fn the_first_server_is_there_before_the_others_copy_it() -> Result<(), Trouble> {
    if is_left_out() {
        return Ok(());
    }
    let scratch = Scratch::new()?;
    let steps = steps(&scratch, "libvirt")?;
    let mut machines: Vec<&str> = steps.iter().map(|step| step.machine.as_str()).collect();
    machines.dedup();
    assert_eq!(machines, ["log-sink", "srv1", "srv2", "srv3"]);

    let of_postgresql: Vec<(&str, &str)> = steps
        .iter()
        .filter(|step| step.run == "up")
        .flat_map(|step| {
            let machine = step.machine.as_str();
            step.calls().into_iter().map(move |call| (machine, call))
        })
        .filter(|(_, (script, _))| script.ends_with("tests/lab/provision/postgresql.sh"))
        .map(|(machine, (_, arguments))| (machine, arguments[1]))
        .collect();
    assert_eq!(
        of_postgresql,
        [("srv1", "first"), ("srv2", "copy"), ("srv3", "copy")]
    );
    // Pacemaker is told once, by hand.
    let by_hand: Vec<(&str, &str)> = steps
        .iter()
        .filter(|step| step.run != "up")
        .map(|step| (step.machine.as_str(), step.name.as_str()))
        .collect();
    assert_eq!(by_hand, [("srv1", "cluster")]);
    Ok(())
}

#[test]
fn every_script_that_a_machine_calls_is_there_and_can_be_run() -> Result<(), Trouble> {
    if is_left_out() {
        return Ok(());
    }
    let scratch = Scratch::new()?;
    let mut called = BTreeMap::new();
    for step in steps(&scratch, "libvirt")? {
        for (script, arguments) in step.calls() {
            assert_eq!(arguments[0], "/etc/pgsql-cluster.env");
            let mode = fs::metadata(&script).map(|file| file.permissions().mode() & 0o111);
            called.insert(script, mode.unwrap_or_default());
        }
    }
    assert!(called.len() > 9, "{called:?}");
    let unfit: Vec<&PathBuf> = called
        .iter()
        .filter(|(_, mode)| **mode == 0)
        .map(|(script, _)| script)
        .collect();
    assert!(unfit.is_empty(), "{unfit:?}");
    Ok(())
}

#[test]
fn the_labs_scripts_understand_the_machines_variables() -> Result<(), Trouble> {
    if is_left_out() {
        return Ok(());
    }
    let scratch = Scratch::new()?;
    put_virtualbox(&scratch);
    for (provider, agent) in [("libvirt", "fence_virsh"), ("virtualbox", "fence_vbox")] {
        let steps = steps(&scratch, provider)?;
        let text = &steps
            .iter()
            .find(|step| step.name == "variables")
            .unwrap()
            .text;
        let here = scratch.path().join("cluster.env");
        let script = text.replace("/etc/pgsql-cluster.env", &here.display().to_string());
        let mut shell = scratch.command("/bin/bash");
        run({
            shell.args(["-euc", &script]);
            shell
        })?;

        let common = repository().join("tests/lab/provision/common.sh");
        let mut shell = scratch.command("/bin/bash");
        shell
            .args([
                "-euc",
                ". \"$1\" \"$2\"; servers; echo $first $AGENT $CHECK ${FENCING%% *}",
                "-",
            ])
            .arg(common)
            .arg(here);
        assert_eq!(
            run(shell)?,
            format!("srv1\nsrv2\nsrv3\nsrv1 ocf:pgsql-state:pgsqlms daemon {agent}\n")
        );
    }
    Ok(())
}
