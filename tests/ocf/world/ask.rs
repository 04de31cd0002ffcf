//! A call of the agent on a node, in the environment that Pacemaker gives it.

use std::time::Duration;

use support::{Postgres, Trouble};

use super::World;
use crate::call::{Call, Ended};

/// What all meta attributes begin with.
const META: &str = "OCF_RESKEY_CRM_meta_";

/// A call that is to be made.
#[derive(Debug)]
#[must_use = "nobody is called before `call`"]
pub(crate) struct Ask<'a> {
    world: &'a World,
    node: &'a str,
    action: &'a str,
    timeout: Duration,
    variables: Vec<(String, String)>,
    through: Vec<String>,
}

impl World {
    /// A call of the agent on a node.
    pub(crate) fn ask<'a>(&'a self, node: &'a str, action: &'a str) -> Ask<'a> {
        Ask {
            world: self,
            node,
            action,
            timeout: Duration::from_secs(60),
            variables: Vec::new(),
            through: Vec::new(),
        }
    }
}

impl Ask<'_> {
    /// How long the operation may take; without, a minute.
    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A parameter of the resource, instead of the right one.
    pub(crate) fn parameter(self, name: &str, value: &str) -> Self {
        self.variable(&format!("OCF_RESKEY_{name}"), value)
    }

    /// A meta attribute.
    pub(crate) fn meta(self, name: &str, value: &str) -> Self {
        self.variable(&format!("{META}{name}"), value)
    }

    /// A variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Has another program call the agent, whose words are put behind these.
    pub(crate) fn through(mut self, words: &[&str]) -> Self {
        self.through = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// Makes the call and waits for its end.
    pub(crate) fn call(self) -> Result<Ended, Trouble> {
        let timeout = self.timeout;
        self.begin()?.within(timeout)
    }

    /// Makes the call, and kills the agent, and nothing that it started, as soon as `moment` has come.
    pub(crate) fn killed_when(self, moment: impl FnMut() -> bool) -> Result<Ended, Trouble> {
        let timeout = self.timeout;
        self.begin()?.killed_when(timeout, moment)
    }

    /// Makes the call.
    pub(crate) fn begin(self) -> Result<Call, Trouble> {
        let world = self.world;
        let number = world.calls.get() + 1;
        world.calls.set(number);
        let mut variables = self.usual()?;
        variables.extend(self.variables);
        let mut words = self.through;
        words.extend([
            world.program.path()?.display().to_string(),
            self.action.into(),
        ]);
        let name = format!("call-{number}-{}-{}.log", self.node, self.action);
        Call::start(&world.scratch, &name, &words, &variables)
    }

    /// As Pacemaker 2.1.5 sets them (`lib/services/services_linux.c`, `lib/pacemaker/pcmk_graph_producer.c`).
    fn usual(&self) -> Result<Vec<(String, String)>, Trouble> {
        let world = self.world;
        let sbin = world.cluster.sbin(self.node).display().to_string();
        let temporary = world.scratch.path().join("tmp").display().to_string();
        let bindir = Postgres::program("")?.display().to_string();
        let timeout = self.timeout.as_millis().to_string();
        let interval = if self.action == "monitor" {
            "15000"
        } else {
            "0"
        };
        let variables = [
            ("PATH", format!("{sbin}:/usr/sbin:/usr/bin:/sbin:/bin")),
            ("HA_SBIN_DIR", sbin),
            ("HA_RSCTMP", temporary.clone()),
            ("TMPDIR", temporary),
            ("HA_debug", "0".into()),
            ("OCF_ROOT", "/usr/lib/ocf".into()),
            ("OCF_RA_VERSION_MAJOR", "1".into()),
            ("OCF_RA_VERSION_MINOR", "1".into()),
            ("OCF_RESOURCE_INSTANCE", world.cluster.resource().into()),
            ("OCF_RESOURCE_TYPE", "pgsqlms".into()),
            ("OCF_RESOURCE_PROVIDER", "heartbeat".into()),
            ("OCF_RESKEY_crm_feature_set", "3.16.1".into()),
            ("OCF_RESKEY_bindir", bindir.trim_end_matches('/').into()),
        ];
        let parameters = world.server(self.node).parameters()?;
        let meta = [
            ("timeout", timeout.as_str()),
            ("interval", interval),
            ("name", self.action),
            ("on_node", self.node),
            ("on_node_uuid", self.node),
            ("notify", "true"),
            ("globally_unique", "false"),
            ("clone_max", "3"),
            ("clone_node_max", "1"),
            ("promoted_max", "1"),
            ("promoted_node_max", "1"),
            ("master_max", "1"),
            ("master_node_max", "1"),
        ];
        let own = variables.map(|(name, value)| (name.to_owned(), value));
        let meta = meta.map(|(name, value)| (format!("{META}{name}"), value.to_owned()));
        let parameters = parameters.map(|(name, value)| (format!("OCF_RESKEY_{name}"), value));
        Ok(own.into_iter().chain(parameters).chain(meta).collect())
    }
}
