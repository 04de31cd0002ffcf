//! The names under which nodes tell each other things: PAF's where PAF has one, so that a cluster may run both
//! agents while one takes the other's place. Knows no value.

use std::str::FromStr;

use thiserror::Error;

/// The attributes of one resource; several may run in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    resource: String,
}

/// A text that is no resource's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("OCF_RESOURCE_INSTANCE is {0:?}; the name of a resource was expected, as in \"pgsqld\"")]
pub struct ResourceError(String);

impl FromStr for Attributes {
    type Err = ResourceError;

    /// By the name of an instance. What follows a colon is the number of a clone's instance, which plays
    /// no part.
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
    /// The resource's name.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The promotion score, the one attribute whose name Pacemaker gives.
    #[must_use]
    pub fn promotion(&self) -> String {
        self.named("master")
    }

    /// How far a node is.
    #[must_use]
    pub fn position(&self) -> String {
        self.named("lsn_location")
    }

    /// Which database cluster a node's server is, and its timelines ([`Lineage`](crate::agent::decide::lineage::Lineage)).
    #[must_use]
    pub fn lineage(&self) -> String {
        self.named("lineage")
    }

    /// Which standbys a node's commits have waited for ([`SyncRules`](crate::agent::decide::sync_rule::SyncRules)).
    #[must_use]
    pub fn sync_rule(&self) -> String {
        self.named("sync_rule")
    }

    /// Where what a node's server has was copied from, when it was made anew ([`Descent`](crate::agent::decide::lineage::Descent)).
    #[must_use]
    pub fn copied_from(&self) -> String {
        self.named("copied_from")
    }

    /// The nodes that take part in an election.
    #[must_use]
    pub fn nodes(&self) -> String {
        self.named("nodes")
    }

    /// That a switchover must not be.
    #[must_use]
    pub fn cancellation(&self) -> String {
        self.named("cancel_switchover")
    }

    /// How far a node was as a primary ([`PrimaryEnd`](crate::agent::decide::primary_end::PrimaryEnd)).
    #[must_use]
    pub fn primary_end(&self) -> String {
        self.named("primary_end")
    }

    /// How far a node has seen a primary to be that the cluster did not know of
    /// ([`PrimarySeen`](crate::agent::decide::primary_seen::PrimarySeen)).
    #[must_use]
    pub fn unknown_primary(&self) -> String {
        self.named("unknown_primary")
    }

    /// How far a node has seen the primary to be, where that is asked for.
    #[must_use]
    pub fn primary_seen(&self) -> String {
        self.named("primary_seen")
    }

    /// What a node sends once around the cluster before it believes what others have told.
    #[must_use]
    pub fn round_trip(&self) -> String {
        self.named("round_trip")
    }

    /// The nodes that had spoken when this one was refused.
    #[must_use]
    pub fn refused_among(&self) -> String {
        self.named("refused_among")
    }

    fn named(&self, what: &str) -> String {
        format!("{what}-{}", self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_pafs_where_it_has_one() {
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
        for wrong in ["", ":1", "a b"] {
            assert_eq!(
                wrong.parse::<Attributes>(),
                Err(ResourceError(wrong.into()))
            );
        }
    }
}
