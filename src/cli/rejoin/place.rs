//! Which server is meant: that of the only resource in the cluster, or one that options describe.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::agent::local::Instance;
use crate::agent::ocf::node::{Node, NodeError};
use crate::agent::ocf::parameters::Parameters;
use crate::agent::pacemaker::cib::CibConfiguration;
use crate::agent::pacemaker::{Resource, permanent_attributes};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::base::xml::Element;
use crate::cli::agent::explain::chosen;
use crate::cli::exit::Exit;
use crate::cli::invocation;
use crate::rejoin::ThisNode;
use crate::rejoin::facts::ServerManager;
use crate::tools::doctor::pacemaker::cib::Cib;

/// How long Pacemaker may take for its answers.
const TO_ANSWER: Duration = Duration::from_secs(20);

/// The options that name a server.
#[derive(Debug, clap::Args)]
pub(super) struct ServerPlace {
    /// The resource, if the cluster has several of the type pgsqlms
    #[arg(long, value_name = "NAME", conflicts_with = "pgdata")]
    resource: Option<String>,
    /// A server that Pacemaker does not run: the directory of its configuration, or the data directory
    #[arg(long, value_name = "DIRECTORY")]
    pgdata: Option<String>,
    /// Its data directory, if that is another one
    #[arg(long, value_name = "DIRECTORY", requires = "pgdata")]
    datadir: Option<String>,
    /// The directory of its programs
    #[arg(
        long,
        value_name = "DIRECTORY",
        requires = "pgdata",
        overrides_with = "bindir"
    )]
    bindir: Option<String>,
    /// The user who owns its files
    #[arg(long, value_name = "NAME", requires = "pgdata")]
    system_user: Option<String>,
    /// The directory of its Unix socket, or its address
    #[arg(long, value_name = "HOST", requires = "pgdata")]
    pghost: Option<String>,
    /// Its port
    #[arg(long, value_name = "PORT", requires = "pgdata")]
    pgport: Option<String>,
    /// The name of this node, where Pacemaker does not tell it
    #[arg(long, value_name = "NAME", requires = "pgdata")]
    node: Option<String>,
}

/// The name of the server in the names of its logs, where Pacemaker gives none.
const ALONE: &str = "rejoin";

impl ServerPlace {
    /// Finds the server.
    pub(super) fn node(&self, primary: Option<String>) -> Result<ThisNode, Exit> {
        match &self.pgdata {
            Some(pgdata) => self.named(pgdata, primary),
            None => self.of_cluster(primary),
        }
    }

    fn named(&self, pgdata: &str, primary: Option<String>) -> Result<ThisNode, Exit> {
        let options = [
            ("pgdata", Some(pgdata)),
            ("datadir", self.datadir.as_deref()),
            ("bindir", self.bindir.as_deref()),
            ("system_user", self.system_user.as_deref()),
            ("pghost", self.pghost.as_deref()),
            ("pgport", self.pgport.as_deref()),
        ];
        let given = options
            .into_iter()
            .filter_map(|(name, value)| Some((format!("OCF_RESKEY_{name}"), value?.to_owned())));
        let parameters = Parameters::parse(&given.collect::<BTreeMap<_, _>>())
            .map_err(|error| Exit::Usage.because(&error))?;
        let name = self.node.as_ref().map(|name| name.parse());
        let name = name
            .transpose()
            .map_err(|error: NodeError| Exit::Usage.because(&error))?;
        Ok(ThisNode {
            instance: Instance::new(parameters, ALONE),
            manager: ServerManager::Nobody,
            name,
            nodes: BTreeSet::new(),
            primary,
        })
    }

    fn of_cluster(&self, primary: Option<String>) -> Result<ThisNode, Exit> {
        let deadline = Deadline::after(TO_ANSWER);
        let cluster = invocation::pacemaker();
        let failed = |error: &dyn std::error::Error| Exit::Failure.because(error);
        let no_cluster = |error: &dyn std::error::Error| {
            failed(error)
                .saying("pgsql-state: name a server that Pacemaker does not run with --pgdata")
        };
        let cib = cluster.cib(deadline).map_err(|error| no_cluster(&error))?;
        let local = cluster
            .local_node(deadline)
            .map_err(|error| failed(&error))?;
        let root = Element::read(&cib).map_err(|error| failed(&error))?;
        let cib = Cib::of(&root).map_err(|error| failed(&error))?;
        let resource = chosen(Resource::within(&root), self.resource.as_deref())?;
        let told = resource.told().map_err(|error| failed(&error))?;
        for wrong in &told.wrong {
            Exit::Failure.saying(&format!("pgsql-state: {wrong}; its default is used"));
        }
        let found = cib.resources.iter().find(|one| one.id == resource.name);
        let clone = found.and_then(|found| found.clone.as_ref());
        Ok(ThisNode {
            instance: Instance::new(told.parameters, &resource.name).on(&local),
            manager: ServerManager::Pacemaker {
                resource: clone.map_or_else(|| resource.name.clone(), |clone| clone.id.clone()),
                node: local.name().to_owned(),
            },
            name: Some(local),
            nodes: nodes(&root),
            primary,
        })
    }
}

/// Returns the nodes in a CIB.
fn nodes(root: &Element) -> BTreeSet<Node> {
    let configuration = CibConfiguration::of(root);
    let nodes = root.all("configuration").flat_map(|it| it.all("nodes"));
    nodes
        .flat_map(|nodes| permanent_attributes(nodes, &configuration).into_keys())
        .collect()
}
