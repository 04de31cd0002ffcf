//! The resource agents that can run the instances; pure.

use clap::ValueEnum;

/// Who runs the instances for Pacemaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Agent {
    /// PostgreSQL Automatic Failover 2.3, as Debian has it: the reference.
    #[value(name = "ocf:heartbeat:pgsqlms")]
    Paf,
    /// This project's.
    #[value(name = "ocf:pgsql-state:pgsqlms")]
    Own,
}

impl Agent {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Paf, Self::Own];

    /// As Pacemaker's tools call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Paf => "ocf:heartbeat:pgsqlms",
            Self::Own => "ocf:pgsql-state:pgsqlms",
        }
    }

    /// As tables call it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Paf => "PAF",
            Self::Own => "ours",
        }
    }

    /// Where Pacemaker finds it in a host.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Paf => "/usr/lib/ocf/resource.d/heartbeat/pgsqlms",
            Self::Own => "/usr/lib/ocf/resource.d/pgsql-state/pgsqlms",
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Paf => Self::Own,
            Self::Own => Self::Paf,
        }
    }

    /// The agent of a resource that is written as `crm_resource --query-xml` does.
    pub(crate) fn of_resource(xml: &str) -> Option<Self> {
        let has = |agent: &Self| {
            let mut parts = agent.name().splitn(3, ':').skip(1);
            let provider = format!("provider=\"{}\"", parts.next().unwrap_or_default());
            let kind = format!("type=\"{}\"", parts.next().unwrap_or_default());
            xml.contains(&provider) && xml.contains(&kind)
        };
        Self::ALL.into_iter().find(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_of_a_resource_is_known_by_its_provider() {
        let resource = |provider| {
            format!(
                "Resource XML:\n<primitive class=\"ocf\" id=\"pgsqld\" provider=\"{provider}\" \
                 type=\"pgsqlms\">\n  <operations/>"
            )
        };
        let agent = |provider| Agent::of_resource(&resource(provider));
        assert_eq!(agent("heartbeat"), Some(Agent::Paf));
        assert_eq!(agent("pgsql-state"), Some(Agent::Own));
        assert_eq!(agent("somebody"), None);
    }
}
