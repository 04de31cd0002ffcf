//! Pacemaker's configuration, from its own tools.

use super::tool::{Silence, printed};
use crate::postgres::chain;
use crate::tools::doctor::Report;
use crate::tools::doctor::pacemaker;
use crate::tools::doctor::pacemaker::cib::Cib;
use crate::tools::doctor::settings::Manager;

/// What is known of it.
pub(super) struct Cluster {
    cib: Result<Cib, Unknown>,
    /// What it calls this node, where it says so.
    pub(super) node: Option<String>,
}

/// Why there is no configuration.
enum Unknown {
    /// The host has no Pacemaker.
    Absent(String),
    /// It does not tell.
    Silent(String),
}

pub(super) async fn look() -> Cluster {
    Cluster {
        cib: cib().await,
        node: node().await,
    }
}

async fn cib() -> Result<Cib, Unknown> {
    let printed = match printed("cibadmin", &["--query"]).await {
        Ok(printed) => printed,
        Err(absent @ Silence::Absent(_)) => return Err(Unknown::Absent(absent.to_string())),
        Err(why @ (Silence::Failed(_) | Silence::Error(_))) => {
            return Err(Unknown::Silent(why.to_string()));
        }
    };
    let read = Cib::read(&printed);
    read.map_err(|error| Unknown::Silent(format!("cibadmin: {}", chain(&error))))
}

/// Its name, where that is one that needs no quotes.
async fn node() -> Option<String> {
    let printed = printed("crm_node", &["--name"]).await.ok()?;
    let name = printed.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
    (!name.is_empty() && name.chars().all(fits)).then(|| name.to_owned())
}

impl Cluster {
    /// Who starts and stops the server.
    pub(super) fn manager(&self) -> Manager {
        match &self.cib {
            Ok(cib) if cib.resources.is_empty() => Manager::Other,
            Ok(_) => Manager::Pacemaker,
            Err(Unknown::Absent(_)) => Manager::Other,
            Err(Unknown::Silent(_)) => Manager::Unknown,
        }
    }

    pub(super) fn examine(&self, report: &mut Report) {
        match &self.cib {
            Ok(cib) => pacemaker::judge(cib, report),
            Err(Unknown::Absent(why) | Unknown::Silent(why)) => {
                report.not_looked_at("Pacemaker", why);
            }
        }
    }
}
