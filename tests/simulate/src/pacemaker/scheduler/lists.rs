//! What the calls of a transition are told of it: the lists of `pe_notif.c`. Knows nothing of who is told.

use super::super::config::{Config, Node};
use super::super::nodes::in_hash_order;
use super::failures::Role;
use super::moves::Moves;
use super::status::Status;

/// Instances and their nodes, as two variables have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct List {
    pub(in super::super) resources: String,
    pub(in super::super) nodes: String,
}

/// The lists of a transition. An empty one is a blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Lists {
    pub(in super::super) stop: List,
    pub(in super::super) start: List,
    pub(in super::super) demote: List,
    pub(in super::super) promote: List,
    pub(in super::super) active: List,
    pub(in super::super) promoted: List,
    pub(in super::super) unpromoted: List,
    pub(in super::super) inactive: String,
    pub(in super::super) available: String,
    pub(in super::super) all: String,
    /// The stop that fencing does, which a notification about it names alone.
    pub(in super::super) implied: Option<List>,
}

pub(super) fn lists(config: &Config, status: &Status, moves: &[Moves]) -> Lists {
    let list = |of: &dyn Fn(&Moves) -> Option<Node>| {
        let mut list = List::default();
        for (place, moves) in moves.iter().enumerate() {
            if let Some(node) = of(moves) {
                word(&mut list.resources, &instance(config, place));
                word(&mut list.nodes, name(config, node));
            }
        }
        blank(&mut list.resources);
        blank(&mut list.nodes);
        list
    };
    let active = |moves: &Moves, role: Role| moves.from.filter(|_| moves.role == role);
    let mut inactive = String::new();
    for (place, moves) in moves.iter().enumerate() {
        if moves.role == Role::Stopped {
            word(&mut inactive, &instance(config, place));
        }
    }
    blank(&mut inactive);
    let mut all = String::new();
    for node in &config.nodes {
        word(&mut all, &node.name);
    }
    // Of several, that on the first node.
    let implied = moves
        .iter()
        .enumerate()
        .filter(|(_, moves)| moves.stop && moves.implied);
    let implied = implied
        .min_by_key(|(_, moves)| moves.from)
        .map(|(place, _)| place);
    Lists {
        // On a node that cannot be fenced it is named although it cannot be done.
        stop: list(&|moves| {
            let named = |from: &Node| {
                moves.stop || (moves.must_stop && status.nodes.unclean.contains(*from))
            };
            moves.from.filter(named)
        }),
        start: list(&|moves| moves.to.filter(|_| moves.start)),
        demote: list(&|moves| moves.from.filter(|_| moves.demote)),
        promote: list(&|moves| moves.to.filter(|_| moves.promote)),
        active: list(&|moves| moves.from.filter(|_| moves.role > Role::Stopped)),
        promoted: list(&|moves| active(moves, Role::Promoted)),
        unpromoted: list(&|moves| active(moves, Role::Unpromoted)),
        inactive,
        available: available(config),
        all,
        implied: implied.and_then(|place| {
            let from = moves.get(place).and_then(|moves| moves.from)?;
            Some(List {
                resources: instance(config, place),
                nodes: name(config, from).to_owned(),
            })
        }),
    }
}

fn instance(config: &Config, place: usize) -> String {
    format!("{}:{place}", config.resource)
}

fn name(config: &Config, node: Node) -> &str {
    config
        .nodes
        .get(node.index())
        .map_or("", |node| node.name.as_str())
}

fn word(words: &mut String, word: &str) {
    if !words.is_empty() {
        words.push(' ');
    }
    words.push_str(word);
}

fn blank(words: &mut String) {
    if words.is_empty() {
        words.push(' ');
    }
}

fn available(config: &Config) -> String {
    let mut words = String::new();
    for node in in_hash_order(config) {
        word(&mut words, name(config, node));
    }
    words
}
