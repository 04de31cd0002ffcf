//! How much of a server somebody wants to know; knows nothing of who.

/// How much of a server somebody wants to know, each including those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The verdict, under the operator's conditions.
    #[default]
    Verdict,
    /// A standby's figures as well, also where no condition needs them.
    Figures,
    /// Whether its primary waits for it as well.
    Sync,
    /// Everything that documents show.
    Details,
}
