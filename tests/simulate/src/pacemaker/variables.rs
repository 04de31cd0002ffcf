//! The environment of a call of the agent (`add_action_to_graph` and `pe_notif.c` for what it says, `services_linux.c` for
//! how). Knows nothing of when a call is made.

use std::collections::BTreeMap;
use std::time::Duration;

use super::config::Config;
use super::history::Watch;
use super::output::Action;
use super::scheduler::{Call, Lists, Moment, Op, Operation, Told};

const META: &str = "OCF_RESKEY_CRM_meta_";
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
pub(super) struct Common(BTreeMap<String, String>);

impl Common {
    pub(super) fn new(config: &Config) -> Self {
        let nodes = config.nodes.len().to_string();
        let fixed = [
            ("OCF_RA_VERSION_MAJOR", "1"),
            ("OCF_RA_VERSION_MINOR", "1"),
            ("OCF_ROOT", "/usr/lib/ocf"),
            ("OCF_EXIT_REASON_PREFIX", "ocf-exit-reason:"),
            ("OCF_RESOURCE_TYPE", "pgsqlms"),
            ("OCF_RESOURCE_PROVIDER", "heartbeat"),
            ("OCF_RESKEY_crm_feature_set", FEATURE_SET),
        ];
        let mut variables: BTreeMap<String, String> = fixed
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        variables.insert("OCF_RESOURCE_INSTANCE".into(), config.resource.clone());
        let meta = [
            ("clone_max", nodes.as_str()),
            ("clone_node_max", "1"),
            ("globally_unique", "false"),
            ("master_max", "1"),
            ("master_node_max", "1"),
            ("notify", "true"),
            ("promoted_max", "1"),
            ("promoted_node_max", "1"),
        ];
        for (name, value) in meta {
            variables.insert(format!("{META}{name}"), value.to_owned());
        }
        Self(variables)
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
    let mut variables = common.0.clone();
    for (name, value) in parameters {
        variables.insert(format!("OCF_RESKEY_{name}"), value.clone());
    }
    let mut set = |name: &str, value: &str| {
        let mut full = String::with_capacity(META.len() + name.len());
        full.push_str(META);
        full.push_str(name);
        variables.insert(full, value.to_owned());
    };
    let millis = |duration: Duration| duration.as_millis().to_string();
    set("clone", &op.instance.to_string());
    set("timeout", &millis(timeout(config, op.call)));
    if let Some(node) = config.nodes.get(usize::from(op.node.0)) {
        set("on_node", &node.name);
        set("on_node_uuid", &node.id.to_string());
    }
    match op.call {
        Call::Probe => {}
        Call::Watch(watch) => {
            set("name", "monitor");
            set("interval", &millis(recurring(config, watch).0));
            let role = match watch {
                Watch::Promoted => "Promoted",
                Watch::Unpromoted => "Unpromoted",
            };
            set("role", role);
        }
        Call::Reload => set("name", "reload-agent"),
        Call::Operation(operation) => {
            set("name", operation.name());
            tell(&mut set, lists, op.told);
        }
        Call::Notify(moment, operation) => {
            set("name", "notify");
            let (moment, key) = match moment {
                Moment::Pre => ("pre", operation.name()),
                Moment::Post => match op.told {
                    Told::Plan => ("post", operation.done()),
                    Told::PlanAndFencing | Told::FencingAlone => ("post", "stonith"),
                },
            };
            set("notify_type", moment);
            set("notify_operation", operation.name());
            set("notify_key_type", moment);
            set("notify_key_operation", key);
            tell(&mut set, lists, op.told);
        }
    }
    variables
}

/// The lists.
fn tell(set: &mut impl FnMut(&str, &str), lists: &Lists, told: Told) {
    let stop = match (told, &lists.implied) {
        (Told::PlanAndFencing | Told::FencingAlone, Some(implied)) => implied,
        (Told::Plan, _) | (_, None) => &lists.stop,
    };
    set("notify_stop_resource", &stop.resources);
    set("notify_stop_uname", &stop.nodes);
    if told == Told::FencingAlone {
        return;
    }
    let named = [
        ("notify_start_resource", "notify_start_uname", &lists.start),
        (
            "notify_demote_resource",
            "notify_demote_uname",
            &lists.demote,
        ),
        (
            "notify_promote_resource",
            "notify_promote_uname",
            &lists.promote,
        ),
        (
            "notify_active_resource",
            "notify_active_uname",
            &lists.active,
        ),
        (
            "notify_unpromoted_resource",
            "notify_unpromoted_uname",
            &lists.unpromoted,
        ),
        (
            "notify_slave_resource",
            "notify_slave_uname",
            &lists.unpromoted,
        ),
        (
            "notify_promoted_resource",
            "notify_promoted_uname",
            &lists.promoted,
        ),
        (
            "notify_master_resource",
            "notify_master_uname",
            &lists.promoted,
        ),
    ];
    for (resource, uname, list) in named {
        set(resource, &list.resources);
        set(uname, &list.nodes);
    }
    set("notify_inactive_resource", &lists.inactive);
    set("notify_available_uname", &lists.available);
    set("notify_all_uname", &lists.all);
}
