//! What the model decides, in Pacemaker's terms. Knows nothing of what Pacemaker decides.

use std::collections::BTreeMap;

use super::super::super::config::Node;
use super::super::super::history::Task;
use super::super::super::time::SimTime;
use super::super::super::variables::{self, Common};
use super::super::Quorum;
use super::super::graph::{Call, Moment, Op, Operation, What};
use super::situation::Situation;
use super::xml::operation;
use super::{Action, Transition, order};

pub(super) fn transition(situation: &Situation) -> Transition {
    let config = &situation.config;
    let now = SimTime::from_millis(10_000_000);
    let decision = super::super::decide(
        config,
        &situation.cib,
        Quorum {
            now: situation.quorate,
            ever: true,
        },
        Some(situation.coordinator),
        now,
    );
    let graph = decision.graph;
    let common = Common::new(config);
    let mut transition = Transition::default();
    let mut actions = BTreeMap::new();
    let mut inputs = BTreeMap::new();
    for (id, step) in (0_u32..).zip(&graph.steps) {
        let name = |node: Node| config.nodes[node.index()].name.clone();
        let waits: Vec<u32> = (0..128)
            .filter(|bit| step.inputs & (1_u128 << bit) != 0)
            .collect();
        inputs.insert(id, waits);
        let (key, told) = match step.what {
            What::Pseudo => {
                actions.insert(id, ((String::new(), String::new()), true));
                continue;
            }
            What::Run(op) => {
                let told =
                    variables::variables(config, &common, &BTreeMap::new(), op, &graph.lists);
                ((key(op), name(op.node)), BTreeMap::clone(&told))
            }
            What::Cancel(node, watch) => {
                let (task, interval) = operation(Task::Watch(watch));
                (
                    (format!("cancel pgsqld:?_{task}_{interval}"), name(node)),
                    BTreeMap::new(),
                )
            }
            What::Fence(node) => (
                (format!("stonith-{}-reboot", name(node)), name(node)),
                BTreeMap::new(),
            ),
            What::Shutdown(node) => (
                (format!("do_shutdown-{}", name(node)), name(node)),
                BTreeMap::new(),
            ),
        };
        actions.insert(id, (key.clone(), false));
        let told = told
            .into_iter()
            .filter_map(|(name, value)| {
                Some((name.strip_prefix("OCF_RESKEY_CRM_meta_")?.to_owned(), value))
            })
            .filter(|(name, _)| name != "notify_available_uname");
        transition.actions.insert(
            key,
            Action {
                pseudo: false,
                urgent: step.urgent,
                variables: told.collect(),
            },
        );
    }
    transition.order = order(&actions, &inputs);
    transition
}

fn key(op: Op) -> String {
    let instance = op.instance;
    match op.call {
        Call::Operation(operation) => format!("pgsqld:{instance}_{}_0", operation.name()),
        Call::Reload => format!("pgsqld:{instance}_reload-agent_0"),
        Call::Probe => format!("pgsqld:{instance}_monitor_0"),
        Call::Watch(watch) => {
            let (task, interval) = operation(Task::Watch(watch));
            format!("pgsqld:{instance}_{task}_{interval}")
        }
        Call::Notify(moment, about) => {
            let moment = match moment {
                Moment::Pre => "pre",
                Moment::Post => "post",
            };
            format!(
                "pgsqld:{instance}_{moment}_notify_{}_0",
                Operation::name(about)
            )
        }
    }
}
