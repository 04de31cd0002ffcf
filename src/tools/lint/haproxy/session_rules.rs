//! Parses the rules that accept, reject and direct a session; judges nothing.

use super::condition::Condition;
use crate::tools::lint::FileLine;

/// A `use_backend` rule.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) target: String,
    pub(super) condition: Condition,
    pub(super) place: FileLine,
}

/// A `use-server` rule.
#[derive(Clone, Debug)]
pub(super) struct ServerChoice {
    pub(super) server: String,
    pub(super) place: FileLine,
}

/// A rule that accepts or rejects a session.
#[derive(Clone, Debug)]
pub(super) struct RequestRule {
    pub(super) layer: Layer,
    pub(super) verdict: Passes,
    pub(super) condition: Condition,
}

/// The layer of a rule. The layers are evaluated one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Connection,
    Session,
    Content,
}

/// The action of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passes {
    /// No further rule of the layer is evaluated.
    Accepted,
    Rejected,
}

/// A `tcp-request` line.
#[derive(Clone, Debug)]
pub(super) enum Request {
    Rule(RequestRule),
    /// It neither accepts nor rejects sessions.
    Harmless,
    /// What it does to sessions is not known.
    Unknown(String),
}

/// Actions that let a session go on as it is. What follows a name with a parenthesis is its argument.
const HARMLESS: &[&str] = &[
    "attach-srv",
    "capture",
    "do-resolve",
    "expect-netscaler-cip",
    "expect-proxy",
    "sc-add-gpc",
    "sc-inc-gpc",
    "sc-inc-gpc0",
    "sc-inc-gpc1",
    "sc-set-gpt",
    "sc-set-gpt0",
    "send-spoe-group",
    "set-bandwidth-limit",
    "set-bc-mark",
    "set-bc-tos",
    "set-fc-mark",
    "set-fc-tos",
    "set-log-level",
    "set-mark",
    "set-nice",
    "set-priority-class",
    "set-priority-offset",
    "set-retries",
    "set-src",
    "set-src-port",
    "set-tos",
    "set-var",
    "set-var-fmt",
    "unset-var",
];

/// The side of a section that a session passes. A `listen` section has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The client connected to it.
    Frontend,
    /// Another section sent the session to it.
    Backend,
}

impl Side {
    /// The layers of `tcp-request` that are evaluated on this side: a connection is accepted only once.
    pub(super) fn layers(self) -> &'static [Layer] {
        match self {
            Self::Frontend => &[Layer::Connection, Layer::Session, Layer::Content],
            Self::Backend => &[Layer::Content],
        }
    }
}

impl Request {
    /// Parses the words after `tcp-request`.
    pub(super) fn read(words: &[&str]) -> Self {
        let [layer, action, rest @ ..] = words else {
            return Self::Harmless;
        };
        let layer = match *layer {
            "connection" => Layer::Connection,
            "session" => Layer::Session,
            "content" => Layer::Content,
            // `inspect-delay`.
            _ => return Self::Harmless,
        };
        let verdict = match *action {
            "accept" => Passes::Accepted,
            "reject" | "silent-drop" => Passes::Rejected,
            other => {
                let name = other.split('(').next().unwrap_or_default();
                return if HARMLESS.contains(&name) || name.starts_with("track-sc") {
                    Self::Harmless
                } else {
                    Self::Unknown(words.join(" "))
                };
            }
        };
        Self::Rule(RequestRule {
            layer,
            verdict,
            condition: Condition::read(rest),
        })
    }
}

impl Route {
    /// Whether sessions can go to a section by this route. A computed target can be any section, unless it is a
    /// constant text.
    pub(super) fn can_lead_to(&self, name: &str) -> bool {
        let text = self.constant();
        text.unwrap_or(&self.target) == name || (text.is_none() && self.is_computed())
    }

    /// The section of its target; `None` if that can be any.
    pub(super) fn goal(&self) -> Option<&str> {
        (!self.is_open()).then(|| self.constant().unwrap_or(&self.target))
    }

    /// Whether its target is computed for each session.
    pub(super) fn is_computed(&self) -> bool {
        self.target.contains('%')
    }

    /// Whether its target is a section of which the name is not known from the line.
    pub(super) fn is_open(&self) -> bool {
        is_unresolved(&self.target) || (self.is_computed() && self.constant().is_none())
    }

    /// The name in `%[str(NAME)]`.
    fn constant(&self) -> Option<&str> {
        let text = self.target.strip_prefix("%[str(")?;
        let text = text.strip_suffix(")]")?;
        (!text.contains([',', '(', ')'])).then_some(text)
    }
}

/// Whether a section is named by its `id`, as in `#77`, or by a variable, which are not followed.
pub(super) fn is_unresolved(target: &str) -> bool {
    target.starts_with('#') || target.contains("${")
}

impl ServerChoice {
    /// Whether it can choose a server; the name can be computed.
    pub(super) fn can_choose(&self, name: &str) -> bool {
        self.server == name || self.server.contains("%[")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_that_are_not_known_are_told_from_those_that_change_nothing() {
        let read = |line: &str| Request::read(&line.split(' ').collect::<Vec<_>>());
        for line in [
            "inspect-delay 4s",
            "content set-var(sess.x) src",
            "connection track-sc0 src",
            "content set-bandwidth-limit x",
        ] {
            assert!(matches!(read(line), Request::Harmless), "{line}");
        }
        for line in [
            "content lua.guard",
            "content use-service lua.x",
            "content switch-mode http",
        ] {
            assert!(matches!(read(line), Request::Unknown(said) if said == line));
        }
        for line in ["connection reject", "content accept if TRUE"] {
            assert!(matches!(read(line), Request::Rule(_)), "{line}");
        }
    }
}
