//! The daemon's units, written as their head says, read by `systemd`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use support::Trouble;
use support::scratch::Scratch;

use crate::{PROGRAM, Program};

/// Everything that widens the sandbox.
const ALL: &str = "[postgres]\nconninfo = \"host=10.20.30.51\"\n[guard]\nquorum = \"pacemaker\"\n\
                   [cluster]\nnodes = [ { name = \"srv1\", address = \"10.20.30.51\" }, \
                   { name = \"srv2\", address = \"2001:db8::52\" } ]\n\
                   [admission]\ntrusted = [\"@haproxy\"]\n";

/// The files of a piece, written below the scratch folder by the command in its head.
struct Units {
    program: Program,
    folder: PathBuf,
}

impl Units {
    fn write(config: &str, args: &[&str]) -> Result<Self, Trouble> {
        let program = Program::new(config)?;
        let args = [args, &["--program", PROGRAM]].concat();
        let text = program.generate("systemd", &args);
        let root = program.scratch.path().join("root");
        fs::write(program.scratch.path().join("units"), &text).unwrap();
        let command = text.lines().find_map(|line| line.strip_prefix("#   awk "));
        let elsewhere = format!("file = \"{}\" $2", root.display());
        let command = command.unwrap().replace("file = $2", &elsewhere);
        let mut shell = program.scratch.command("/bin/sh");
        shell.args(["-c", &format!("umask 022; awk {command}")]);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let folder = root.join("etc/systemd/system");
        Ok(Self { program, folder })
    }

    /// The units, without their drop-ins.
    fn paths(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.is_file()).collect()
    }

    fn names(&self) -> Vec<String> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut names: Vec<String> = self.paths().iter().map(name).collect();
        names.sort();
        names
    }

    /// What `systemd-analyze` complains of.
    fn complaint(&self, args: &[&str], paths: &[PathBuf]) -> Option<String> {
        let mut command = self.program.scratch.command("systemd-analyze");
        let output = command.arg("--no-pager").args(args).args(paths).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        (!output.status.success() || !said.is_empty()).then_some(said + &table)
    }

    fn verify(&self) -> Option<String> {
        let args = ["verify", "--man=no", "--recursive-errors=no"];
        self.complaint(&args, &self.paths())
    }

    /// Whether the daemon's service is no more exposed than this, of 10.
    fn is_no_more_exposed_than(&self, most: f32) -> Option<String> {
        let threshold = format!("--threshold={:.0}", most * 10.0);
        let args = ["security", "--offline=true", &threshold];
        self.complaint(&args, &[self.folder.join("pgsql-state.service")])
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_any_variant() -> Result<(), Trouble> {
    let listening = "[listen]\nstate = [\"10.20.30.51:5431\", \"[2001:db8::51]:5431\"]\n\
                     http = [\"[::]:8008\"]\nagent_check = [\"0.0.0.0:5430\"]\n";
    let by_name = "[postgres]\nconninfo = \"host=db.example\"\n";
    for variant in ["socket", "daemon", "accept"] {
        for config in ["", ALL, listening, by_name] {
            let units = Units::write(config, &["--variant", variant])?;
            assert_eq!(units.verify(), None, "{variant} {config}");
        }
    }
    // That it would find something.
    let units = Units::write(ALL, &[])?;
    let peers = units.folder.join("pgsql-state.service.d/peers.conf");
    let text = fs::read_to_string(&peers).unwrap();
    assert!(text.contains("2001:db8::52"), "{text}");
    fs::write(&peers, text.replace("2001:db8::52", "2001:db8::52z")).unwrap();
    fs::set_permissions(&peers, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(units.verify().unwrap().contains("52z"));
    Ok(())
}

#[test]
fn each_socket_has_a_unit_and_no_other() -> Result<(), Trouble> {
    let service = "pgsql-state.service";
    let socket = "pgsql-state.socket";
    let http = "pgsql-state-http.socket";
    let agent = "pgsql-state-agent.socket";
    let usual = Units::write("", &[])?;
    assert_eq!(usual.names(), [service, socket]);
    // The other nodes ask over HTTP.
    let quorum = "pgsql-state-quorum.service";
    assert_eq!(
        Units::write(ALL, &[])?.names(),
        [http, quorum, service, socket]
    );
    let args = ["--http", "10.0.0.1:80", "--agent", "5430", "--state", "81"];
    let given = Units::write("", &args)?;
    assert_eq!(given.names(), [agent, http, service, socket]);
    let text = |name| fs::read_to_string(given.folder.join(name)).unwrap();
    assert!(text(socket).contains("\nListenStream=81\n"));
    assert!(text(http).contains("\nListenStream=10.0.0.1:80\n"));
    assert!(text(agent).contains("\nListenStream=5430\n"));
    let daemon = Units::write("", &["--variant", "daemon"])?;
    assert_eq!(daemon.names(), [service]);
    let accept = Units::write("", &["--variant", "accept"])?;
    let pair = ["pgsql-state-answer.socket", "pgsql-state-answer@.service"];
    assert_eq!(accept.names(), pair);
    Ok(())
}

#[test]
fn the_keeper_reaches_the_daemon_only_where_it_keeps_slots() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let key = scratch.path().join("cluster.key");
    fs::write(&key, "5e".repeat(32)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let key = format!("[cluster]\nkey_file = \"{}\"\n", key.display());
    let slots = format!("{ALL}[slots]\nmode = \"nodes\"\n").replace("[cluster]\n", &key);
    for (config, is_there) in [(ALL, false), (&slots, true)] {
        let units = Units::write(config, &[])?;
        let drop_in = units.folder.join("pgsql-state-keeper.service.d/slots.conf");
        assert_eq!(drop_in.is_file(), is_there, "{config}");
    }
    Ok(())
}

#[test]
fn the_sandbox_stays_tight() -> Result<(), Trouble> {
    assert_eq!(Units::write("", &[])?.is_no_more_exposed_than(1.0), None);
    assert_eq!(Units::write(ALL, &[])?.is_no_more_exposed_than(1.5), None);
    let daemon = Units::write("", &["--variant", "daemon"])?;
    assert_eq!(daemon.is_no_more_exposed_than(1.5), None);
    assert!(daemon.is_no_more_exposed_than(0.5).is_some());
    Ok(())
}

/// The units have the memory, so no warning says that they are to be generated.
#[test]
fn units_for_many_connections_are_printed_without_a_warning() -> Result<(), Trouble> {
    let program = Program::new("admission.max_connections = 65536\n")?;
    let text = program.generate("systemd", &[]);
    assert!(text.contains("\nMemoryMax=1101M\n"), "{text}");
    Ok(())
}
