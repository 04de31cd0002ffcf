//! Which agent the suite calls.

use std::path::{Path, PathBuf};

use support::Trouble;

/// An agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// This project's.
    Ours,
    /// PAF 2.3 as Debian ships it, unpacked by `tests/setup compare paf`.
    Paf,
}

impl Program {
    /// The one that the environment names.
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever runs the suite says by the environment which agent is meant"
    )]
    pub(crate) fn chosen() -> Result<Self, Trouble> {
        match std::env::var("PGSQLMS").ok().as_deref() {
            None | Some("") => Ok(Self::Ours),
            Some("paf") => Ok(Self::Paf),
            Some(other) => Err(Trouble::Unfit(format!(
                "PGSQLMS is {other:?}; leave it unset for this project's agent, or set it to \"paf\""
            ))),
        }
    }

    /// Where it is.
    pub(crate) fn path(self) -> Result<PathBuf, Trouble> {
        let path = match self {
            Self::Ours => PathBuf::from(env!("CARGO_BIN_EXE_pgsqlms")),
            Self::Paf => Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("target/paf/usr/lib/ocf/resource.d/heartbeat/pgsqlms"),
        };
        if path.exists() {
            return Ok(path);
        }
        Err(Trouble::Unfit(format!(
            "{self:?} is not there; see tests/setup"
        )))
    }
}
