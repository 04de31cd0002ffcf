//! What is to be done in a transition, and where. Does nothing.

/// What is to be done, and where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(super) demote: Vec<&'static str>,
    pub(super) stop: Vec<&'static str>,
    pub(super) start: Vec<&'static str>,
    pub(super) promote: Vec<&'static str>,
}

impl Plan {
    /// Nothing.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A primary becomes a standby.
    pub(crate) fn demote(mut self, node: &'static str) -> Self {
        self.demote.push(node);
        self
    }

    /// Instances end.
    pub(crate) fn stop(mut self, nodes: &[&'static str]) -> Self {
        self.stop.extend(nodes);
        self
    }

    /// Instances begin.
    pub(crate) fn start(mut self, nodes: &[&'static str]) -> Self {
        self.start.extend(nodes);
        self
    }

    /// A standby becomes the primary.
    pub(crate) fn promote(mut self, node: &'static str) -> Self {
        self.promote.push(node);
        self
    }

    pub(super) fn nodes(&self, operation: &str) -> &[&'static str] {
        match operation {
            "demote" => &self.demote,
            "stop" => &self.stop,
            "start" => &self.start,
            "promote" => &self.promote,
            other => unreachable!("{other} is one of {OPERATIONS:?}"),
        }
    }
}

/// In Pacemaker's order: each begins when the one before and its notifications have ended.
pub(super) const OPERATIONS: [&str; 4] = ["demote", "stop", "start", "promote"];
