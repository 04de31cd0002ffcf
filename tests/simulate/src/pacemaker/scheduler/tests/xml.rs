//! A situation as a CIB. Knows nothing of what is decided in it.

use std::fmt::Write as _;

use super::super::super::cib::{Join, NodeState, Settings};
use super::super::super::config::{Config, NoQuorumPolicy, Node, NodeConfig};
use super::super::super::history::{Ended, Record, Task, Watch};
use super::super::super::input::OfRole;
use super::situation::Situation;

/// Adds to a text.
macro_rules! put {
    ($text:ident, $($words:tt)*) => {
        write!($text, $($words)*).expect("a text grows")
    };
}

pub(super) fn cib(situation: &Situation) -> String {
    let config = &situation.config;
    let name = |node: Node| config.nodes[node.index()].name.as_str();
    let mut xml = format!(
        r#"<cib admin_epoch="0" epoch="5" num_updates="3" validate-with="pacemaker-3.7" have-quorum="{}" no-quorum-panic="1" dc-uuid="{}" crm_feature_set="3.16.1"><configuration><crm_config><cluster_property_set id="options">"#,
        u8::from(situation.quorate),
        config.nodes[situation.coordinator.index()].id
    );
    let policy = match config.no_quorum_policy {
        NoQuorumPolicy::Stop => "stop",
        NoQuorumPolicy::Freeze => "freeze",
        NoQuorumPolicy::Ignore => "ignore",
        NoQuorumPolicy::Demote => "demote",
        NoQuorumPolicy::Suicide => "suicide",
    };
    let settings = &situation.cib.settings;
    for (property, value) in [
        ("stonith-enabled", config.fencing.to_string()),
        ("no-quorum-policy", policy.to_owned()),
        ("maintenance-mode", settings.maintenance.to_string()),
    ] {
        put!(
            xml,
            r#"<nvpair id="o-{property}" name="{property}" value="{value}"/>"#
        );
    }
    xml += "</cluster_property_set></crm_config><nodes>";
    for (place, node) in (0..).zip(&config.nodes) {
        put!(
            xml,
            r#"<node id="{0}" uname="{1}"><instance_attributes id="nodes-{0}">"#,
            node.id,
            node.name
        );
        for (attribute, values) in &settings.attributes {
            if let Some(value) = values.get(&Node(place)) {
                put!(
                    xml,
                    r#"<nvpair id="nodes-{}-{attribute}" name="{attribute}" value="{value}"/>"#,
                    node.id
                );
            }
        }
        xml += "</instance_attributes></node>";
    }
    xml += "</nodes><resources>";
    resources(&mut xml, config, settings);
    xml += "</resources><constraints>";
    for (place, location) in settings.locations.iter().enumerate() {
        let role = match location.role {
            OfRole::Promoted => r#"role="Promoted""#,
            OfRole::Any => "",
        };
        let score = if location.score > 0 {
            "INFINITY"
        } else {
            "-INFINITY"
        };
        put!(
            xml,
            r#"<rsc_location id="l{place}" rsc="pgsqld-clone" {role} node="{}" score="{score}"/>"#,
            name(location.node)
        );
    }
    put!(
        xml,
        r#"<rsc_location id="mark" rsc="pgsqld-clone"><rule id="mark-rule" score="-INFINITY"><expression id="mark-expression" attribute="{}" operation="eq" value="1"/></rule></rsc_location>"#,
        config.mark
    );
    xml += "</constraints></configuration><status>";
    for node in &situation.cib.order {
        let state = situation.cib.node(*node).expect("a state");
        xml += &node_state(config, *node, state, situation.cib.device == Some(*node));
    }
    xml + "</status></cib>"
}

fn resources(xml: &mut String, config: &Config, settings: &Settings) {
    if config.fencing {
        *xml += r#"<primitive id="fence" class="stonith" type="external/ssh"/>"#;
    }
    put!(
        xml,
        r#"<clone id="pgsqld-clone"><meta_attributes id="m">{}{}{}{}"#,
        r#"<nvpair id="m1" name="notify" value="true"/><nvpair id="m2" name="promotable" value="true"/>"#,
        format_args!(
            r#"<nvpair id="m3" name="resource-stickiness" value="{}"/>"#,
            config.stickiness
        ),
        if settings.managed {
            ""
        } else {
            r#"<nvpair id="m4" name="is-managed" value="false"/>"#
        },
        if settings.stopped {
            r#"<nvpair id="m5" name="target-role" value="Stopped"/>"#
        } else {
            ""
        }
    );
    if let Some(threshold) = config.migration_threshold {
        put!(
            xml,
            r#"<nvpair id="m6" name="migration-threshold" value="{threshold}"/>"#
        );
    }
    *xml += r#"</meta_attributes><primitive id="pgsqld" class="ocf" provider="heartbeat" type="Stateful"><operations>"#;
    let operations = &config.operations;
    for (name, timeout, rest) in [
        (
            "monitor",
            operations.monitor_promoted.timeout,
            r#"interval="15s" role="Promoted""#,
        ),
        (
            "monitor",
            operations.monitor_unpromoted.timeout,
            r#"interval="16s" role="Unpromoted""#,
        ),
        ("start", operations.start, r#"interval="0s""#),
        ("stop", operations.stop, r#"interval="0s""#),
        ("promote", operations.promote, r#"interval="0s""#),
        ("demote", operations.demote, r#"interval="0s""#),
        ("notify", operations.notify, r#"interval="0s""#),
    ] {
        let id = xml.len();
        put!(
            xml,
            r#"<op id="op{id}" name="{name}" timeout="{}s" {rest}/>"#,
            timeout.as_secs()
        );
    }
    *xml += "</operations></primitive></clone>";
}

fn node_state(config: &Config, node: Node, state: &NodeState, device: bool) -> String {
    let NodeConfig { name, id } = &config.nodes[node.index()];
    let join = match state.join {
        Join::Down => "down",
        Join::Pending => "pending",
        Join::Member => "member",
    };
    let mut xml = format!(
        r#"<node_state id="{id}" uname="{name}" in_ccm="{}" crmd="{}" join="{join}" expected="{}"><transient_attributes id="{id}"><instance_attributes id="status-{id}">"#,
        state.in_ccm,
        if state.controller {
            "online"
        } else {
            "offline"
        },
        if state.expected { "member" } else { "down" },
    );
    if state.shutdown {
        put!(
            xml,
            r#"<nvpair id="status-{id}-shutdown" name="shutdown" value="1700000000"/>"#
        );
    }
    for (attribute, value) in &state.transient {
        put!(
            xml,
            r#"<nvpair id="status-{id}-{attribute}" name="{attribute}" value="{value}"/>"#
        );
    }
    for failures in &state.failures {
        let (task, interval) = operation(failures.task);
        put!(
            xml,
            r#"<nvpair id="status-{id}-fc" name="fail-count-pgsqld#{task}_{interval}" value="{}"/><nvpair id="status-{id}-lf" name="last-failure-pgsqld#{task}_{interval}" value="1700000000"/>"#,
            failures.count
        );
    }
    put!(
        xml,
        r#"</instance_attributes></transient_attributes><lrm id="{id}"><lrm_resources>"#
    );
    let known = !state.history.is_empty();
    if known {
        xml += r#"<lrm_resource id="pgsqld" class="ocf" provider="heartbeat" type="Stateful">"#;
        let history = &state.history;
        let once = [
            ("last_0", history.last),
            ("last_failure_0", history.failure),
        ];
        let watches = [
            ("monitor_15000", history.watches.promoted),
            ("monitor_16000", history.watches.unpromoted),
        ];
        for (kept, record) in once.into_iter().chain(watches) {
            if let Some(record) = record {
                xml += &entry(kept, &record, name);
            }
        }
        xml += "</lrm_resource>";
    }
    if device {
        let started = Record {
            task: Task::Start,
            ended: Ended::Code(0),
            call: 1,
            changed: super::super::super::time::SimTime::ZERO,
        };
        put!(
            xml,
            r#"<lrm_resource id="fence" class="stonith" type="external/ssh">{}</lrm_resource>"#,
            entry("last_0", &started, name).replace("pgsqld", "fence")
        );
    } else if known {
        put!(
            xml,
            r#"<lrm_resource id="fence" class="stonith" type="external/ssh"><lrm_rsc_op id="fence_last_0" operation_key="fence_monitor_0" operation="monitor" transition-key="1:1:7:0a" transition-magic="0:7;1:1:7:0a" on_node="{name}" call-id="1" rc-code="7" op-status="0" interval="0" last-rc-change="1700000000"/></lrm_resource>"#
        );
    }
    xml + "</lrm_resources></lrm></node_state>"
}

fn entry(kept: &str, record: &Record, node: &str) -> String {
    let (task, interval) = operation(record.task);
    let (status, code) = match record.ended {
        Ended::Pending => (-1, 193),
        Ended::Code(code) => (0, code),
        Ended::Timeout => (2, 1),
    };
    let target = record.task.target();
    // Of no parameters at all, and of a timeout of 10 s alone.
    let digest = if interval == 0 {
        "f2317cad3d54cec5d7d7aa7d0bf35cf8"
    } else {
        "19240b0a103493c96459e91c1a816b50"
    };
    let changed = 1_700_000_000 + record.changed.0.as_secs();
    format!(
        r#"<lrm_rsc_op id="pgsqld_{kept}" operation_key="pgsqld_{task}_{interval}" operation="{task}" crm-debug-origin="x" crm_feature_set="3.16.1" transition-key="1:1:{target}:0a" transition-magic="{status}:{code};1:1:{target}:0a" on_node="{node}" call-id="{}" rc-code="{code}" op-status="{status}" interval="{interval}" last-rc-change="{changed}" exec-time="1" queue-time="0" op-digest="{digest}"/>"#,
        record.call
    )
}

/// What an entry is about, and how often.
pub(super) fn operation(task: Task) -> (&'static str, u32) {
    match task {
        Task::Start => ("start", 0),
        Task::Stop => ("stop", 0),
        Task::Promote => ("promote", 0),
        Task::Demote => ("demote", 0),
        Task::Probe => ("monitor", 0),
        Task::Watch(Watch::Promoted) => ("monitor", 15_000),
        Task::Watch(Watch::Unpromoted) => ("monitor", 16_000),
        Task::Reported => ("asyncmon", 0),
    }
}
