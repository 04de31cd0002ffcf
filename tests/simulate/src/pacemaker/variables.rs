//! The environment of a call of the agent (`add_action_to_graph` and `pe_notif.c` for what it says, `services_linux.c` for
//! how). Knows nothing of when a call is made.

use std::collections::BTreeMap;
use std::time::Duration;

use super::config::Config;
use super::history::Watch;
use super::output::Action;
use super::scheduler::{Call, Lists, Moment, Op, Operation, Told};

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
pub(super) struct Common(Vec<(String, String)>);

impl Common {
    pub(super) fn new(config: &Config) -> Self {
        let nodes = config.nodes.len().to_string();
        let all = [
            ("OCF_EXIT_REASON_PREFIX", "ocf-exit-reason:"),
            ("OCF_RA_VERSION_MAJOR", "1"),
            ("OCF_RA_VERSION_MINOR", "1"),
            (meta!("clone_max"), nodes.as_str()),
            (meta!("clone_node_max"), "1"),
            (meta!("globally_unique"), "false"),
            (meta!("master_max"), "1"),
            (meta!("master_node_max"), "1"),
            (meta!("notify"), "true"),
            (meta!("promoted_max"), "1"),
            (meta!("promoted_node_max"), "1"),
            ("OCF_RESKEY_crm_feature_set", FEATURE_SET),
            ("OCF_RESOURCE_INSTANCE", config.resource.as_str()),
            ("OCF_RESOURCE_PROVIDER", "heartbeat"),
            ("OCF_RESOURCE_TYPE", "pgsqlms"),
            ("OCF_ROOT", "/usr/lib/ocf"),
        ];
        Self(all.map(|(name, value)| (name.into(), value.into())).into())
    }
}

/// The variables of a call.
pub(super) fn variables(
    config: &Config,
    common: &Common,
    parameters: &BTreeMap<String, String>,
    op: Op,
    lists: &Lists,
) -> BTreeMap<String, String> {
    // A map is made of a list faster than one by one.
    let mut all = Vec::with_capacity(80);
    all.extend_from_slice(&common.0);
    for (name, value) in parameters {
        all.push((["OCF_RESKEY_", name].concat(), value.clone()));
    }
    let mut set = |name: &str, value: &str| all.push((name.to_owned(), value.to_owned()));
    let millis = |duration: Duration| duration.as_millis().to_string();
    set(meta!("clone"), &op.instance.to_string());
    set(meta!("timeout"), &millis(timeout(config, op.call)));
    if let Some(node) = config.nodes.get(usize::from(op.node.0)) {
        set(meta!("on_node"), &node.name);
        set(meta!("on_node_uuid"), &node.id.to_string());
    }
    match op.call {
        Call::Probe => {}
        Call::Watch(watch) => {
            set(meta!("name"), "monitor");
            set(meta!("interval"), &millis(recurring(config, watch).0));
            let role = match watch {
                Watch::Promoted => "Promoted",
                Watch::Unpromoted => "Unpromoted",
            };
            set(meta!("role"), role);
        }
        Call::Reload => set(meta!("name"), "reload-agent"),
        Call::Operation(operation) => {
            set(meta!("name"), operation.name());
            tell(&mut set, lists, op.told);
        }
        Call::Notify(moment, operation) => {
            set(meta!("name"), "notify");
            let (moment, key) = match moment {
                Moment::Pre => ("pre", operation.name()),
                Moment::Post => match op.told {
                    Told::Plan => ("post", operation.done()),
                    Told::PlanAndFencing | Told::FencingAlone => ("post", "stonith"),
                },
            };
            set(meta!("notify_type"), moment);
            set(meta!("notify_operation"), operation.name());
            set(meta!("notify_key_type"), moment);
            set(meta!("notify_key_operation"), key);
            tell(&mut set, lists, op.told);
        }
    }
    all.into_iter().collect()
}

/// The lists.
fn tell(set: &mut impl FnMut(&str, &str), lists: &Lists, told: Told) {
    let stop = match (told, &lists.implied) {
        (Told::PlanAndFencing | Told::FencingAlone, Some(implied)) => implied,
        (Told::Plan, _) | (_, None) => &lists.stop,
    };
    set(meta!("notify_stop_resource"), &stop.resources);
    set(meta!("notify_stop_uname"), &stop.nodes);
    if told == Told::FencingAlone {
        return;
    }
    macro_rules! list {
        ($name:literal, $list:ident) => {
            set(meta!("notify_", $name, "_resource"), &lists.$list.resources);
            set(meta!("notify_", $name, "_uname"), &lists.$list.nodes);
        };
    }
    list!("active", active);
    list!("demote", demote);
    list!("master", promoted);
    list!("promote", promote);
    list!("promoted", promoted);
    list!("slave", unpromoted);
    list!("start", start);
    list!("unpromoted", unpromoted);
    set(meta!("notify_inactive_resource"), &lists.inactive);
    set(meta!("notify_available_uname"), &lists.available);
    set(meta!("notify_all_uname"), &lists.all);
}
