//! How much a check needs to know of the server.

/// How much a check needs to know of the server, each including those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The verdict, under the operator's conditions.
    #[default]
    Verdict,
    /// Also a standby's replication figures, even if no condition needs them.
    Figures,
    /// Also whether the primary waits for this standby at commit.
    Sync,
    /// Everything that documents show.
    Details,
}
