//! Reads Pacemaker's configuration with its own tools.

use super::tool::{NoOutput, printed};
use crate::postgres::chain;
use crate::tools::doctor::Report;
use crate::tools::doctor::pacemaker;
use crate::tools::doctor::pacemaker::cib::Cib;
use crate::tools::doctor::settings::Manager;

/// The facts about the cluster.
pub(super) struct ClusterFacts {
    cib: Result<Cib, NoConfiguration>,
    /// Pacemaker's name for this node, if known.
    pub(super) node: Option<String>,
}

/// The configuration cannot be read.
enum NoConfiguration {
    /// The host has no Pacemaker.
    Absent(String),
    /// Its tool failed, or printed something else.
    Silent(String),
}

pub(super) async fn look() -> ClusterFacts {
    ClusterFacts {
        cib: cib().await,
        node: node().await,
    }
}

async fn cib() -> Result<Cib, NoConfiguration> {
    let printed = match printed("cibadmin", &["--query"]).await {
        Ok(printed) => printed,
        Err(absent @ NoOutput::Absent(_)) => {
            return Err(NoConfiguration::Absent(absent.to_string()));
        }
        Err(why @ (NoOutput::Failed(_) | NoOutput::Error(_))) => {
            return Err(NoConfiguration::Silent(why.to_string()));
        }
    };
    let read = Cib::read(&printed);
    read.map_err(|error| NoConfiguration::Silent(format!("cibadmin: {}", chain(&error))))
}

/// The name of this node, if it needs no quotes.
async fn node() -> Option<String> {
    let printed = printed("crm_node", &["--name"]).await.ok()?;
    let name = printed.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
    (!name.is_empty() && name.chars().all(fits)).then(|| name.to_owned())
}

impl ClusterFacts {
    /// Whether Pacemaker starts and stops the server.
    pub(super) fn manager(&self) -> Manager {
        match &self.cib {
            Ok(cib) if cib.resources.is_empty() => Manager::Other,
            Ok(_) => Manager::Pacemaker,
            Err(NoConfiguration::Absent(_)) => Manager::Other,
            Err(NoConfiguration::Silent(_)) => Manager::Unknown,
        }
    }

    pub(super) fn examine(&self, report: &mut Report) {
        match &self.cib {
            Ok(cib) => pacemaker::judge(cib, report),
            Err(NoConfiguration::Absent(why) | NoConfiguration::Silent(why)) => {
                report.not_looked_at("Pacemaker", why);
            }
        }
    }
}
