//! Writes the report as lines of text. Knows neither colors nor the terminal's width.

use std::fmt::{self, Display, Formatter};

use super::{ClusterView, NodeRecord};
use crate::agent::decide::decision::{self, ACTIONS};
use crate::agent::decide::election::{Choice, NodeReport};
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;
use crate::postgres::position::Position;

impl Display for ClusterView {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} on {}: {}",
            self.resource,
            self.local,
            self.state.sentence()
        )?;
        self.server(f)?;
        self.attributes(f)?;
        self.actions(f)?;
        self.vote(f)
    }
}

impl ClusterView {
    fn server(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.control {
            Ok(control) => writeln!(
                f,
                "control file: {}, timeline {}, checkpoint at {}, system identifier {}",
                control.state,
                control.checkpoint.timeline,
                control.checkpoint.at,
                control.system_identifier
            )?,
            Err(why) => writeln!(f, "control file: {why}")?,
        }
        match &self.traces {
            Ok(traces) => writeln!(
                f,
                "position: {} (received {}, replayed {}, on disk {})",
                place(traces.position()),
                place(traces.received),
                place(traces.replayed),
                place(traces.on_disk)
            )?,
            Err(why) => writeln!(f, "position: {why}")?,
        }
        if let Some(lineage) = &self.lineage {
            writeln!(f, "timelines and where they began: {lineage}")?;
        }
        if let Some((end, senders)) = &self.senders {
            for sender in senders {
                let lag = sender.written.map(|written| written.behind(*end));
                let lag = lag.map_or("lag unknown".into(), |lag| format!("{lag} behind"));
                let (name, state) = (&sender.application_name, sender.state.word());
                writeln!(f, "replicates from here: {name}, {state}, {lag}")?;
            }
        }
        Ok(())
    }

    fn attributes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let nodes = match &self.nodes {
            Ok(nodes) => nodes,
            Err(why) => return writeln!(f, "\nwhat the cluster has recorded of its nodes: {why}"),
        };
        writeln!(
            f,
            "\nnode  promotion score  reported in an election  as a primary"
        )?;
        for (node, known) in nodes {
            let NodeRecord {
                score,
                primary_end,
                told,
                descent: _,
                rules: _,
                copied_from: _,
                primary_seen: _,
            } = known;
            let score = score.map_or("-".into(), |score| score.to_string());
            let end = primary_end.map_or("-".into(), |end| end.to_string());
            let (name, told) = (node.name(), place(*told));
            writeln!(f, "{name:<8} {score:<15} {told:<24} {end}")?;
        }
        for (node, known) in nodes {
            let rules = known.rules.iter();
            for rule in rules.filter_map(|rules| rules.now.as_ref()) {
                writeln!(f, "when {node} was the primary, commits waited for {rule}")?;
            }
        }
        for (node, known) in nodes {
            let copy = known.copied_from.as_ref();
            if let Some(lineage) = copy.and_then(|copy| copy.lineage.as_ref()) {
                writeln!(f, "{node} was made anew, from timelines {lineage}")?;
            }
        }
        Ok(())
    }

    fn actions(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\naction  what it would do now  exit status if all goes well"
        )?;
        for action in ACTIONS {
            let (does, code) = decision::cell(action, self.state);
            writeln!(f, "{:<8} {does:<40} {}", action.name(), code.status())?;
        }
        Ok(())
    }

    fn vote(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some((facts, outcome)) = self.election() else {
            return writeln!(f, "\nan election now: no node is known to take part");
        };
        let whose = match &outcome.choice {
            Choice::Designated => format!("{} is promoted", facts.designated),
            Choice::Others(others) => {
                let names: Vec<&str> = others.iter().map(Node::name).collect();
                let names = names.join(" or ");
                format!("{} gives way to {names}", facts.designated)
            }
            Choice::Nobody => "no node is promoted".into(),
        };
        let without = if self.senders.is_some() {
            " without this primary"
        } else {
            ""
        };
        writeln!(f, "\nan election now{without}: {whose}")?;
        for (node, why_not) in &outcome.why_not {
            writeln!(f, "{node} is not: {why_not}")?;
        }
        let silent = facts
            .nodes
            .values()
            .any(|report| *report == NodeReport::Silent);
        if silent {
            writeln!(
                f,
                "a node reports its position before a promotion; from here, that of a silent node is not known"
            )?;
        }
        let attributes: Option<Attributes> = self.resource.parse().ok();
        if let (Choice::Nobody, Some(attributes)) = (&outcome.choice, attributes) {
            let designated = outcome.why_not.get(&facts.designated);
            let mut reasons = designated.into_iter().chain(outcome.why_not.values());
            if let Some(remedy) = reasons.find_map(|why_not| why_not.remedy(&attributes)) {
                // A node that is silent here may still take part in a promotion's election.
                let whether = if silent {
                    "if a promotion fails because of that: "
                } else {
                    ""
                };
                writeln!(f, "{whether}{remedy}.")?;
            }
        }
        Ok(())
    }
}

/// Returns a position, also in PostgreSQL's notation.
fn place(position: Option<Position>) -> String {
    position.map_or("-".into(), |at| format!("{at} = {}", at.lsn))
}
