//! The simulated cluster: the attributes of its nodes, who is online, and whether its programs fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::agent::actions::cluster::{Cluster, ClusterError, PermanentAttributes};
use crate::agent::ocf::node::Node;
use crate::base::Deadline;

/// What is set to make the configuration of absent nodes obsolete.
pub(in crate::agent::actions::tests) const OUTDATED: &str = "admin_epoch";

/// When the cluster's programs fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent::actions::tests) enum Fails {
    Never,
    Always,
    /// When an attribute with this name is set.
    ToKeep(&'static str),
    /// When a permanent attribute with this name is deleted.
    ToDelete(&'static str),
}

#[derive(Debug)]
pub(in crate::agent::actions::tests) struct Told {
    pub(in crate::agent::actions::tests) kept: BTreeMap<Node, PermanentAttributes>,
    pub(super) private: BTreeMap<(Node, String), String>,
    pub(in crate::agent::actions::tests) fails: Fails,
    /// The nodes that are online.
    pub(in crate::agent::actions::tests) members: BTreeSet<Node>,
    /// Whether the partition lacks quorum.
    pub(in crate::agent::actions::tests) lacks_quorum: bool,
    /// Whether `no-quorum-policy` is `ignore`.
    pub(in crate::agent::actions::tests) goes_on_without_quorum: bool,
    /// The attribute, or [`OUTDATED`], that is set only after a partition was formed in which the local node, this one, has no quorum.
    pub(in crate::agent::actions::tests) is_alone_after: Option<(Node, &'static str)>,
    /// How often the configuration of absent nodes was made obsolete.
    pub(in crate::agent::actions::tests) outdated: u32,
    /// How often an attribute was published.
    pub(in crate::agent::actions::tests) tells: u32,
    /// The data directories of resources.
    pub(in crate::agent::actions::tests) directories: BTreeMap<&'static str, &'static str>,
    /// How often its nodes were queried ahead of time.
    pub(in crate::agent::actions::tests) foreseen: u32,
}

impl Told {
    fn works(&self) -> Result<(), ClusterError> {
        match self.fails {
            Fails::Never | Fails::ToKeep(_) | Fails::ToDelete(_) => Ok(()),
            Fails::Always => Err(no_cluster()),
        }
    }

    fn lose_quorum_with(&mut self, name: &str) {
        if let Some((local, _)) = self.is_alone_after.take_if(|(_, one)| *one == name) {
            self.members = [local].into();
            self.lacks_quorum = true;
        }
    }
}

fn no_cluster() -> ClusterError {
    ClusterError::Program {
        program: "crm_attribute".into(),
        said: "no cluster".into(),
    }
}

impl Cluster for Told {
    fn directory_of(
        &mut self,
        resource: &str,
        _: Deadline,
    ) -> Result<Option<PathBuf>, ClusterError> {
        self.works()?;
        Ok(self.directories.get(resource).map(PathBuf::from))
    }

    fn foresee_nodes(&mut self) {
        self.foreseen += 1;
    }

    fn nodes(&mut self, _: Deadline) -> Result<BTreeMap<Node, PermanentAttributes>, ClusterError> {
        self.works()?;
        Ok(self.kept.clone())
    }

    fn members(&mut self, _: Deadline) -> Result<BTreeSet<Node>, ClusterError> {
        self.works()?;
        Ok(self.members.clone())
    }

    fn has_quorum(&mut self, _: Deadline) -> Result<bool, ClusterError> {
        self.works()?;
        Ok(!self.lacks_quorum)
    }

    fn goes_on_without_quorum(&mut self, _: Deadline) -> Result<bool, ClusterError> {
        self.works()?;
        Ok(self.goes_on_without_quorum)
    }

    fn outdate_absent(&mut self, _: Deadline) -> Result<(), ClusterError> {
        self.works()?;
        self.lose_quorum_with(OUTDATED);
        if self.fails == Fails::ToKeep(OUTDATED) {
            return Err(no_cluster());
        }
        self.outdated += 1;
        Ok(())
    }

    fn set_permanent(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        _: Deadline,
    ) -> Result<(), ClusterError> {
        self.works()?;
        self.lose_quorum_with(name);
        let fails = match self.fails {
            Fails::ToKeep(one) => one == name && value.is_some(),
            Fails::ToDelete(one) => one == name && value.is_none(),
            Fails::Never | Fails::Always => false,
        };
        if fails {
            return Err(no_cluster());
        }
        let kept = self.kept.entry(node.clone()).or_default();
        match value {
            Some(value) => kept.insert(name.into(), value.into()),
            None => kept.remove(name),
        };
        Ok(())
    }

    fn set_transient(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        _: Deadline,
    ) -> Result<(), ClusterError> {
        self.works()?;
        self.tells += 1;
        let key = (node.clone(), name.to_owned());
        match value {
            Some(value) => self.private.insert(key, value.into()),
            None => self.private.remove(&key),
        };
        Ok(())
    }

    fn delete_visible(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        self.set_transient(node, name, None, deadline)
    }

    fn transient(
        &mut self,
        node: &Node,
        name: &str,
        _: Deadline,
    ) -> Result<Option<String>, ClusterError> {
        self.works()?;
        Ok(self.private.get(&(node.clone(), name.to_owned())).cloned())
    }
}
