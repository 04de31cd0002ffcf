//! What keepalived runs, and as whom.

use super::text::Block;
use super::user::SystemUser;
use crate::tools::generate::WholePath;

/// A plugin that keepalived runs.
#[derive(Clone, Debug)]
pub struct Script {
    /// The program.
    pub program: WholePath,
    /// Who runs it.
    pub user: SystemUser,
}

impl Script {
    /// A command line of the plugin, in quotes.
    pub(super) fn line(&self, arguments: &str) -> String {
        format!("\"{} check role {arguments}\"", self.program)
    }

    /// The lines of `global_defs` without which scripts run as root.
    pub(super) fn globally(&self, block: &mut Block) {
        block.why("Not as root, and never what others than root may write to.");
        block.put("script_user", &self.user.to_string());
        block.put("enable_script_security", "");
    }
}
