//! The environment of a call of the agent (`add_action_to_graph` and `pe_notif.c` for what it says, `services_linux.c` for
//! how). Knows nothing of when a call is made.
//!
//! - [`reuse`]: the map that they are told in.

mod reuse;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::config::Config;
use super::history::Watch;
use super::output::Action;
use super::scheduler::{Call, Lists, Moment, Op, Operation, Told};
use reuse::{Name, Pairs};

pub use reuse::CallVariables;

/// The whole name of a meta-attribute's variable.
macro_rules! meta {
    ($($name:literal),+) => {
        concat!("OCF_RESKEY_CRM_meta_", $($name),+)
    };
}

/// What 2.1.5 says of itself.
const FEATURE_SET: &str = "3.16.1";

/// What the agent is asked.
pub(super) const fn action(call: Call) -> Action {
    match call {
        Call::Operation(Operation::Start) => Action::Start,
        Call::Operation(Operation::Stop) => Action::Stop,
        Call::Operation(Operation::Promote) => Action::Promote,
        Call::Operation(Operation::Demote) => Action::Demote,
        Call::Reload => Action::ReloadAgent,
        Call::Probe | Call::Watch(_) => Action::Monitor,
        Call::Notify(..) => Action::Notify,
    }
}

/// How long a call may take.
pub(super) fn timeout(config: &Config, call: Call) -> Duration {
    let operations = &config.operations;
    match call {
        Call::Operation(Operation::Start) => operations.start,
        Call::Operation(Operation::Stop) => operations.stop,
        Call::Operation(Operation::Promote) => operations.promote,
        Call::Operation(Operation::Demote) => operations.demote,
        Call::Reload => operations.reload,
        Call::Probe => operations.probe,
        Call::Watch(watch) => recurring(config, watch).1,
        Call::Notify(..) => operations.notify,
    }
}

/// How often a monitor recurs and how long it may take.
pub(super) fn recurring(config: &Config, watch: Watch) -> (Duration, Duration) {
    let recurring = match watch {
        Watch::Promoted => config.operations.monitor_promoted,
        Watch::Unpromoted => config.operations.monitor_unpromoted,
    };
    (recurring.interval, recurring.timeout)
}

/// What does not depend on the call.
#[derive(Clone, Debug)]
pub(super) struct Common {
    /// `clone-max`.
    nodes: String,
}

impl Common {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            nodes: config.nodes.len().to_string(),
        }
    }
}

/// The variables of a call, by name: a map is made of a list in order without a comparison too many.
pub(super) fn variables(
    config: &Config,
    common: &Common,
    parameters: &BTreeMap<String, String>,
    op: Op,
    lists: &Lists,
) -> CallVariables {
    let mut all = Pairs::new();
    let millis = |duration: Duration| Cow::Owned(duration.as_millis().to_string());
    let call = op.call;
    let role = match call {
        Call::Watch(Watch::Promoted) => Some("Promoted"),
        Call::Watch(Watch::Unpromoted) => Some("Unpromoted"),
        Call::Probe | Call::Reload | Call::Operation(_) | Call::Notify(..) => None,
    };
    all.set("OCF_EXIT_REASON_PREFIX", "ocf-exit-reason:");
    all.set("OCF_RA_VERSION_MAJOR", "1");
    all.set("OCF_RA_VERSION_MINOR", "1");
    all.set(meta!("clone"), op.instance.to_string());
    all.set(meta!("clone_max"), common.nodes.as_str());
    all.set(meta!("clone_node_max"), "1");
    all.set(meta!("globally_unique"), "false");
    if let Call::Watch(watch) = call {
        all.set(meta!("interval"), millis(recurring(config, watch).0));
    }
    all.set(meta!("master_max"), "1");
    all.set(meta!("master_node_max"), "1");
    if let Some(name) = name(call) {
        all.set(meta!("name"), name);
    }
    all.set(meta!("notify"), "true");
    tell(&mut all, op, lists);
    if let Some(node) = config.nodes.get(usize::from(op.node.0)) {
        all.set(meta!("on_node"), node.name.as_str());
        all.set(meta!("on_node_uuid"), node.id.to_string());
    }
    all.set(meta!("promoted_max"), "1");
    all.set(meta!("promoted_node_max"), "1");
    if let Some(role) = role {
        all.set(meta!("role"), role);
    }
    all.set(meta!("timeout"), millis(timeout(config, call)));
    let is_before = |name: &str| name < "crm_feature_set";
    for (name, value) in parameters.iter().filter(|(name, _)| is_before(name)) {
        all.push(Name::OfParameter(name), value.as_str());
    }
    all.set("OCF_RESKEY_crm_feature_set", FEATURE_SET);
    for (name, value) in parameters.iter().filter(|(name, _)| !is_before(name)) {
        all.push(Name::OfParameter(name), value.as_str());
    }
    all.set("OCF_RESOURCE_INSTANCE", config.resource.as_str());
    all.set("OCF_RESOURCE_PROVIDER", "heartbeat");
    all.set("OCF_RESOURCE_TYPE", "pgsqlms");
    all.set("OCF_ROOT", "/usr/lib/ocf");
    CallVariables::of(&all)
}

/// What the call is named; a probe's name is not told.
fn name(call: Call) -> Option<&'static str> {
    match call {
        Call::Probe => None,
        Call::Watch(_) => Some("monitor"),
        Call::Reload => Some("reload-agent"),
        Call::Operation(operation) => Some(operation.name()),
        Call::Notify(..) => Some("notify"),
    }
}

/// What is told of the transition, with what a notification is about.
fn tell<'a>(all: &mut Pairs<'a>, op: Op, lists: &'a Lists) {
    let about = match op.call {
        Call::Probe | Call::Watch(_) | Call::Reload => return,
        Call::Operation(_) => None,
        Call::Notify(moment, operation) => Some(match (moment, op.told) {
            (Moment::Pre, _) => ("pre", operation, operation.name()),
            (Moment::Post, Told::Plan) => ("post", operation, operation.done()),
            (Moment::Post, Told::PlanAndFencing | Told::FencingAlone) => {
                ("post", operation, "stonith")
            }
        }),
    };
    let stop = match (op.told, &lists.implied) {
        (Told::PlanAndFencing | Told::FencingAlone, Some(implied)) => implied,
        (Told::Plan, _) | (_, None) => &lists.stop,
    };
    let is_whole = op.told != Told::FencingAlone;
    macro_rules! list {
        ($name:literal, $list:expr) => {
            all.set(
                meta!("notify_", $name, "_resource"),
                $list.resources.as_str(),
            );
            all.set(meta!("notify_", $name, "_uname"), $list.nodes.as_str());
        };
    }
    if is_whole {
        list!("active", lists.active);
        all.set(meta!("notify_all_uname"), lists.all.as_str());
        all.set(meta!("notify_available_uname"), lists.available.as_str());
        list!("demote", lists.demote);
        all.set(meta!("notify_inactive_resource"), lists.inactive.as_str());
    }
    if let Some((moment, _, key)) = about {
        all.set(meta!("notify_key_operation"), key);
        all.set(meta!("notify_key_type"), moment);
    }
    if is_whole {
        list!("master", lists.promoted);
    }
    if let Some((_, operation, _)) = about {
        all.set(meta!("notify_operation"), operation.name());
    }
    if is_whole {
        list!("promote", lists.promote);
        list!("promoted", lists.promoted);
        list!("slave", lists.unpromoted);
        list!("start", lists.start);
    }
    list!("stop", stop);
    if let Some((moment, _, _)) = about {
        all.set(meta!("notify_type"), moment);
    }
    if is_whole {
        list!("unpromoted", lists.unpromoted);
    }
}
