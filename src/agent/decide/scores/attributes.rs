//! The names of the attributes that nodes exchange: PAF's where PAF has one, so that a cluster may run both
//! agents while one replaces the other. Knows no value.

use std::str::FromStr;

use thiserror::Error;

/// The names of one resource's attributes; several resources may run in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    resource: String,
}

/// A text that cannot be a resource's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("OCF_RESOURCE_INSTANCE is {0:?}; the name of a resource was expected, as in \"pgsqld\"")]
pub struct ResourceError(String);

impl FromStr for Attributes {
    type Err = ResourceError;

    /// Parses the name of an instance. The part after a colon is the number of a clone's instance, and
    /// is ignored.
    fn from_str(instance: &str) -> Result<Self, ResourceError> {
        let resource = instance.split_once(':').map_or(instance, |(name, _)| name);
        let is_odd = |c: char| c.is_whitespace() || c.is_control();
        if resource.is_empty() || resource.contains(is_odd) {
            return Err(ResourceError(instance.into()));
        }
        Ok(Self {
            resource: resource.into(),
        })
    }
}

impl Attributes {
    /// Returns the resource's name.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The promotion score, the only attribute whose name Pacemaker determines.
    #[must_use]
    pub fn promotion(&self) -> String {
        self.named("master")
    }

    /// How far a node's WAL reaches.
    #[must_use]
    pub fn position(&self) -> String {
        self.named("lsn_location")
    }

    /// A node's system identifier and timelines ([`Descent`](crate::agent::decide::lineage::Descent)).
    #[must_use]
    pub fn lineage(&self) -> String {
        self.named("lineage")
    }

    /// Which standbys a node's commits waited for ([`SyncRules`](crate::agent::decide::sync_rule::SyncRules)).
    #[must_use]
    pub fn sync_rule(&self) -> String {
        self.named("sync_rule")
    }

    /// What a rebuilt server was copied from ([`Descent`](crate::agent::decide::lineage::Descent)).
    #[must_use]
    pub fn copied_from(&self) -> String {
        self.named("copied_from")
    }

    /// The nodes that take part in an election.
    #[must_use]
    pub fn nodes(&self) -> String {
        self.named("nodes")
    }

    /// The cancellation of a switchover.
    #[must_use]
    pub fn cancellation(&self) -> String {
        self.named("cancel_switchover")
    }

    /// Where a node's WAL ended as a primary ([`PrimaryEnd`](crate::agent::decide::primary_end::PrimaryEnd)).
    #[must_use]
    pub fn primary_end(&self) -> String {
        self.named("primary_end")
    }

    /// How far a node has seen the WAL of a primary reach that the cluster did not know of
    /// ([`PrimarySeen`](crate::agent::decide::primary_seen::PrimarySeen)).
    #[must_use]
    pub fn unknown_primary(&self) -> String {
        self.named("unknown_primary")
    }

    /// How far a node has seen the primary's WAL reach; published if `maxlag` is set.
    #[must_use]
    pub fn primary_seen(&self) -> String {
        self.named("primary_seen")
    }

    /// The value that a node sends around the cluster before it relies on what others have published.
    #[must_use]
    pub fn round_trip(&self) -> String {
        self.named("round_trip")
    }

    /// The nodes that had reported when this one was refused.
    #[must_use]
    pub fn refused_among(&self) -> String {
        self.named("refused_among")
    }

    /// The mark of a node whose primary has ended by itself: a location rule keeps the resource off the node while it is
    /// set to [`DIED`](Self::DIED). Only `pgsql-state keeper` sets it.
    #[must_use]
    pub fn died(&self) -> String {
        Self::died_of(&self.resource)
    }

    /// The same of a resource that is only being created.
    #[must_use]
    pub fn died_of(resource: &str) -> String {
        format!("died-{resource}")
    }

    /// The value of [`died`](Self::died).
    pub const DIED: &'static str = "1";

    fn named(&self, what: &str) -> String {
        format!("{what}-{}", self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_paf_have_pafs_names() {
        let attributes: Attributes = "pgsqld:2".parse().unwrap();
        assert_eq!(attributes.promotion(), "master-pgsqld");
        assert_eq!(attributes.position(), "lsn_location-pgsqld");
        assert_eq!(attributes.nodes(), "nodes-pgsqld");
        assert_eq!(attributes.cancellation(), "cancel_switchover-pgsqld");
        assert_eq!(attributes.primary_end(), "primary_end-pgsqld");
        assert_eq!(attributes.primary_seen(), "primary_seen-pgsqld");
        assert_eq!(attributes.round_trip(), "round_trip-pgsqld");
        assert_eq!(attributes.lineage(), "lineage-pgsqld");
        assert_eq!(attributes.refused_among(), "refused_among-pgsqld");
        assert_eq!(attributes.sync_rule(), "sync_rule-pgsqld");
        assert_eq!(attributes.copied_from(), "copied_from-pgsqld");
        assert_eq!(attributes.unknown_primary(), "unknown_primary-pgsqld");
        assert_eq!(attributes.died(), "died-pgsqld");
        for wrong in ["", ":1", "a b"] {
            assert_eq!(
                wrong.parse::<Attributes>(),
                Err(ResourceError(wrong.into()))
            );
        }
    }
}
