//! What happens to Pacemaker. Knows nothing of what it does about it.

use std::collections::BTreeSet;

use super::config::Node;

/// The number of an action that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(pub u64);

/// Which role something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfRole {
    /// The promoted role alone: `--promoted`.
    Promoted,
    /// Running there at all.
    Any,
}

/// How long an attribute lasts, and who keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lifetime {
    /// As long as the node is a member: `crm_attribute --lifetime reboot`. Kept in the CIB's status.
    Transient,
    /// `crm_attribute --lifetime forever`. Kept in the CIB's configuration.
    Permanent,
    /// As long as the node is a member, and never in the CIB: `attrd_updater --private`.
    Private,
}

/// What an operator says to Pacemaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `crm_resource --ban --node NODE`, with `--promoted` for that role: never there.
    Ban(Node, OfRole),
    /// `crm_resource --move --node NODE`, with `--promoted` for that role: there, if at all possible.
    Move(Node, OfRole),
    /// `crm_resource --clear`: bans and moves are taken back.
    Clear,
    /// `crm_standby --node NODE --update on`: nothing may run there.
    Standby(Node),
    /// `crm_standby --node NODE --update off`.
    Unstandby(Node),
    /// Cluster property `maintenance-mode=true`: Pacemaker does nothing.
    MaintenanceOn,
    /// `maintenance-mode=false`.
    MaintenanceOff,
    /// `crm_resource --meta --set-parameter is-managed --parameter-value false`.
    Unmanage,
    /// `is-managed=true`.
    Manage,
    /// `target-role=Stopped`: `crm resource stop`.
    Disable,
    /// `target-role` is taken away: `crm resource start`.
    Enable,
    /// `crm_resource --refresh`, with `--node` for one: what is known of it is forgotten, and it is probed.
    Refresh(Option<Node>),
    /// `crm_resource --cleanup`, with `--node` for one: the same where something has failed.
    Cleanup(Option<Node>),
    /// `crm_resource --fail --node NODE`: a failure is recorded that nobody has seen.
    Fail(Node),
    /// `crm_resource --set-parameter NAME --parameter-value VALUE`; the agent's `reload-agent` takes it.
    SetParameter(String, String),
    /// `systemctl stop pacemaker corosync`: the node stops what it runs, then leaves.
    StopCluster(Node),
    /// `systemctl start corosync pacemaker`.
    StartCluster(Node),
    /// `stonith_admin --confirm NODE`: the operator vouches that the node is off.
    ConfirmOff(Node),
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A host runs, and starts Corosync and Pacemaker.
    HostUp(Node),
    /// A host has lost its power, with all that ran there. What was asked for there never ends.
    HostDown(Node),
    /// Which nodes hear one another from now on. Those in none of the groups hear nobody.
    Connectivity(Vec<BTreeSet<Node>>),
    /// An action has ended.
    Done {
        /// Which.
        id: ActionId,
        /// Its exit status.
        code: u8,
        /// Its `ocf-exit-reason`.
        reason: Option<String>,
    },
    /// What became of fencing a node that was asked for.
    Fenced {
        /// Which.
        node: Node,
        /// Whether it is certain to be off.
        ok: bool,
    },
    /// An operator's command, given on a node that is a member; it is lost where the node is none.
    Operator {
        /// Where.
        on: Node,
        /// Which.
        command: Command,
    },
    /// A program sets an attribute of a node, or removes it.
    SetAttribute {
        /// Where the program runs.
        from: Node,
        /// Whose attribute it is.
        node: Node,
        /// Its name.
        name: String,
        /// Its value.
        value: Option<String>,
        /// How long it lasts.
        lifetime: Lifetime,
    },
    /// A program makes the configuration of nodes that are away obsolete: it raises `admin_epoch`.
    OutdateAbsent {
        /// Where the program runs.
        from: Node,
    },
    /// The time that [`super::Pacemaker::next_timer`] named has come.
    Timer,
    /// The coordinator's controller of a node's partition dies; another node takes its place, and the node
    /// joins again.
    KillController(Node),
}
