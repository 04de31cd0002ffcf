//! A cluster's configuration in a file, and the tools of Pacemaker's administrators on it: without its cluster, and
//! with this package's agent where they look for agents, whatever is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use support::Trouble;

use crate::Program;

/// `pcs` where the cluster is a file.
const PCS: &str = "#!/bin/sh\ncase \"$1 $2\" in\n'cluster cib') exec cp cib.xml \"$3\" ;;\n\
                   'cluster cib-push') exec cp \"$3\" cib.xml ;;\n\
                   -f*) exec /usr/sbin/pcs \"$@\" ;;\n\
                   *) exec /usr/sbin/pcs -f cib.xml \"$@\" ;;\nesac\n";

/// What somebody has to bring.
pub(crate) const FENCING: &str =
    "<resources><primitive id=\"fence\" class=\"stonith\" type=\"fence_dummy\"/></resources>";

/// Where agents are, by provider. The folder is Pacemaker's, and nobody is asked where else.
const AGENTS: &str = "/usr/lib/ocf/resource.d";

/// Puts another folder in its place, for one command and its children.
const WITH_AGENTS: &str = "mount --bind agents \"$0\" && exec \"$@\"";

/// A cluster's configuration, of this machine's Pacemaker.
pub(crate) struct Cib(pub(crate) Program);

impl Cib {
    /// Of a cluster that has nothing but these resources.
    pub(crate) fn new(resources: &str) -> Result<Self, Trouble> {
        let cib = Self(Program::new("")?);
        let mut command = cib.0.scratch.command("/usr/sbin/cibadmin");
        let empty = command.arg("--empty").output().unwrap();
        let empty = String::from_utf8(empty.stdout).unwrap();
        assert!(empty.contains("<resources/>"), "{empty}");
        cib.write("cib.xml", &empty.replace("<resources/>", resources));
        cib.program("pcs", PCS);
        let mut copy = cib.0.scratch.command("/bin/cp");
        let copied = copy.args(["--recursive", "--no-dereference", AGENTS, "agents"]);
        assert!(copied.status().unwrap().success());
        let provider = cib.0.scratch.path().join("agents/pgsql-state");
        fs::create_dir_all(&provider).unwrap();
        let agent = provider.join("pgsqlms");
        // An installed one is not the one to be tried.
        fs::remove_file(&agent).ok();
        symlink(env!("CARGO_BIN_EXE_pgsqlms"), agent).unwrap();
        Ok(cib)
    }

    /// Writes a file beside it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.scratch.path().join(name), text).unwrap();
    }

    /// Writes one that can be executed.
    pub(crate) fn program(&self, name: &str, text: &str) {
        self.write(name, text);
        let path = self.0.scratch.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A command for which it is the cluster's.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let folder = self.0.scratch.path();
        let mut command = self.0.scratch.command("/usr/bin/unshare");
        if uzers::get_effective_uid() != 0 {
            command.arg("--map-root-user");
        }
        command
            .args(["--mount", "/bin/sh", "-c", WITH_AGENTS])
            .args([AGENTS, program])
            .args(args)
            .env("CIB_file", folder.join("cib.xml"))
            .env(
                "PATH",
                format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", folder.display()),
            );
        command
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.0.scratch.path().join("cib.xml")).unwrap()
    }

    /// What Pacemaker would complain of.
    pub(crate) fn complaint(&self) -> Option<String> {
        let mut command = self.0.scratch.command("/usr/sbin/crm_verify");
        let output = command.args(["-V", "--xml-file", "cib.xml"]).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success() || !said.is_empty()).then_some(said)
    }

    /// The elements of a name by their attributes, without what a tool calls them.
    pub(crate) fn elements(&self, name: &str) -> BTreeSet<BTreeMap<String, String>> {
        let (text, begin) = (self.text(), format!("<{name} "));
        let found = text.split(&begin).skip(1);
        let elements = found.map(|rest| {
            let within = rest.split('>').next().unwrap().trim_end_matches('/');
            let pairs = within
                .split("\" ")
                .map(|pair| pair.split_once('=').unwrap());
            let pairs = pairs.filter(|(key, _)| *key != "id");
            let plain = |value: &str| value.trim_matches('"').to_owned();
            pairs
                .map(|(key, value)| (key.to_owned(), plain(value)))
                .collect()
        });
        elements.collect()
    }
}
