//! The plugin that keepalived runs, and the user that runs it.

use super::text::Block;
use super::user::SystemUser;
use crate::tools::generate::WholePath;

/// The plugin as keepalived runs it.
#[derive(Clone, Debug)]
pub struct Script {
    /// The path of the program.
    pub program: WholePath,
    /// The configuration that it reads, if it is not the default one.
    pub config: Option<WholePath>,
    /// The user that runs it.
    pub user: SystemUser,
}

impl Script {
    /// A command line of the plugin, in double quotes.
    pub(super) fn line(&self, arguments: &str) -> String {
        let config = self.config.as_ref();
        let config = config.map(|path| format!(" --config {path}"));
        let config = config.unwrap_or_default();
        format!("\"{} check role {arguments}{config}\"", self.program)
    }

    /// The lines of `global_defs` without which keepalived runs scripts as root.
    pub(super) fn globally(&self, block: &mut Block) {
        block.why("Not as root, and no program that users other than root can write to.");
        block.put("script_user", &self.user.to_string());
        block.put("enable_script_security", "");
    }
}
