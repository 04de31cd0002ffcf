//! What the daemons of other nodes say of their servers, asked in the background: no check asks or waits
//! for them. Knows nothing of what becomes of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{self, MissedTickBehavior};
use tracing::info;

use super::get::{self, Answer};
use super::told;
use crate::role::{Heard, Peer};

/// Between the beginnings of two questions to one node.
const PACE: Duration = Duration::from_secs(1);

/// Longest that one may take: a node that is gone is silent.
const PATIENCE: Duration = Duration::from_secs(1);

/// Longest that a first word of each node is waited for.
const FIRST: Duration = Duration::from_millis(500);

/// After this time a node that was this host is tried again: its address may have moved.
const OWN: Duration = Duration::from_secs(60);

/// A node, and where its daemon answers HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// As `[cluster]` names it.
    pub name: String,
    /// Its address and `cluster.http_port`.
    pub address: SocketAddr,
}

/// Asks the nodes that it was told of, and keeps the newest word of each.
#[derive(Debug, Default)]
pub struct Watch(Option<Asking>);

#[derive(Debug)]
struct Asking {
    nodes: Arc<[Node]>,
    newest: watch::Receiver<Newest>,
    /// One for each node; they end with it.
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Newest {
    /// In the order of the nodes.
    peers: Vec<Peer>,
    /// How many have not been asked once.
    unasked: usize,
}

impl Watch {
    /// Has these nodes asked from now on, and no others.
    pub fn tend(&mut self, nodes: &Arc<[Node]>) {
        if nodes.is_empty() {
            self.0 = None;
        } else if self.0.as_ref().is_none_or(|asking| asking.nodes != *nodes) {
            self.0 = Some(Asking::begin(nodes));
        }
    }

    /// Waits until each node was asked once, if it was not yet, and for no silent one.
    pub fn first_round(&self) -> impl Future<Output = ()> + use<> {
        let newest = self.0.as_ref().map(|asking| asking.newest.clone());
        async move {
            if let Some(mut newest) = newest {
                let asked = newest.wait_for(|newest| newest.unasked == 0);
                // Its end is that somebody is silent.
                drop(time::timeout(FIRST, asked).await);
            }
        }
    }

    /// What `part` takes of the newest words; none where there is nobody to ask.
    pub fn newest<T>(&self, part: impl FnOnce(&[Peer]) -> T) -> Option<T> {
        let asking = self.0.as_ref()?;
        Some(part(&asking.newest.borrow().peers))
    }
}

/// Asks each node once, all at the same time.
pub async fn once(nodes: &Arc<[Node]>) -> Vec<Peer> {
    let mut watch = Watch::default();
    watch.tend(nodes);
    watch.first_round().await;
    watch.newest(<[Peer]>::to_vec).unwrap_or_default()
}

impl Asking {
    fn begin(nodes: &Arc<[Node]>) -> Self {
        let unheard = |node: &Node| Peer {
            node: node.name.clone(),
            heard: None,
        };
        let (sender, newest) = watch::channel(Newest {
            peers: nodes.iter().map(unheard).collect(),
            unasked: nodes.len(),
        });
        let sender = Arc::new(sender);
        let mut tasks = JoinSet::new();
        for (index, node) in nodes.iter().enumerate() {
            tasks.spawn(ask_on(node.clone(), index, Arc::clone(&sender)));
        }
        Self {
            nodes: Arc::clone(nodes),
            newest,
            _tasks: tasks,
        }
    }
}

async fn ask_on(node: Node, index: usize, newest: Arc<watch::Sender<Newest>>) {
    let mut pace = time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut complaint, mut first) = (String::new(), 1);
    loop {
        pace.tick().await;
        let word = ask(node.address).await;
        let heard = match &word {
            Ok(Word::Of(heard)) => Some(heard.clone()),
            Ok(Word::Own | Word::OfNoServer) | Err(_) => None,
        };
        newest.send_modify(|newest| {
            newest.unasked = newest.unasked.saturating_sub(first);
            // Silence leaves the last word, which becomes too old by itself.
            if let (Some(peer), Some(heard)) = (newest.peers.get_mut(index), heard) {
                peer.heard = Some(heard);
            }
        });
        first = 0;
        let own = matches!(word, Ok(Word::Own));
        let wrong = word.err().unwrap_or_default();
        if wrong != complaint {
            if !wrong.is_empty() {
                info!("{} tells nothing of its server: {wrong}", node.name);
            }
            complaint = wrong;
        }
        if own {
            time::sleep(OWN).await;
        }
    }
}

/// What a node's daemon said.
enum Word {
    Of(Heard),
    /// Its server does not run, or too little is known of it.
    OfNoServer,
    /// The node is this one.
    Own,
}

async fn ask(address: SocketAddr) -> Result<Word, String> {
    let asked = Instant::now();
    let silent = |_| format!("{address}: no answer within {} s", PATIENCE.as_secs());
    let answer = time::timeout(PATIENCE, get::state(address)).await;
    let body = match answer.map_err(silent)?? {
        Answer::State(body) => body,
        Answer::Own => return Ok(Word::Own),
    };
    let told = told::read(&body).map_err(|wrong| format!("{address}: {wrong}"))?;
    let heard = told.and_then(|told| {
        Some(Heard {
            at: asked.checked_sub(told.age)?,
            server: told.server,
        })
    });
    Ok(heard.map_or(Word::OfNoServer, Word::Of))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task;

    use super::*;
    use crate::role::Claim;

    /// A node, and who listens there. No host connects to this address from itself.
    async fn node(name: &str) -> (Node, TcpListener) {
        let other = Ipv4Addr::new(127, 8, 8, 9);
        let listener = TcpListener::bind((other, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let name = name.to_owned();
        (Node { name, address }, listener)
    }

    /// Answers all who come with a standby on this timeline.
    fn tell(listener: TcpListener, timeline: i64) {
        let document = json!({
            "version": 1, "age_seconds": 1.5, "role": "standby", "system_identifier": "7",
            "postmaster_start_time": "then", "timeline": timeline, "senders": [],
        });
        let answer = format!("HTTP/1.0 200 OK\r\n\r\n{document}");
        task::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // What is left unread would be answered with a reset.
                assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
    }

    fn words(peers: &[Peer]) -> Vec<(String, Option<i64>)> {
        let word = |peer: &Peer| {
            let heard = peer.heard.as_ref();
            (peer.node.clone(), heard.map(|heard| heard.server.timeline))
        };
        peers.iter().map(word).collect()
    }

    #[tokio::test]
    async fn each_node_is_heard_or_silent_by_itself() {
        let ((first, one), (second, other)) = (node("srv1").await, node("srv2").await);
        let (third, gone) = node("srv3").await;
        tell(one, 1);
        tell(other, 2);
        drop(gone);
        let asked = Instant::now();
        let peers = once(&[first, second, third].into()).await;
        let srv = |number: u8| format!("srv{number}");
        let expected = [(srv(1), Some(1)), (srv(2), Some(2)), (srv(3), None)];
        assert_eq!(words(&peers), expected);
        let heard = peers[0].heard.as_ref().unwrap();
        assert_eq!(heard.server.claim, Claim::Standby);
        // As old as its daemon says, and as old as the way here may have taken.
        let age = Duration::from_millis(1500);
        assert!(heard.at + age >= asked && heard.at + age < asked + PATIENCE);
    }

    #[tokio::test]
    async fn who_says_nothing_is_not_waited_for() {
        let (silent, _listener) = node("srv1").await;
        let begin = Instant::now();
        let peers = once(&[silent].into()).await;
        assert_eq!(words(&peers), [("srv1".to_owned(), None)]);
        assert!(begin.elapsed() < 10 * PATIENCE);
    }

    #[tokio::test]
    async fn only_the_nodes_that_are_named_now_are_asked() {
        let ((first, one), (second, other)) = (node("srv1").await, node("srv2").await);
        tell(one, 1);
        tell(other, 2);
        let mut watch = Watch::default();
        assert_eq!(watch.newest(words), None);
        for named in [first, second] {
            let nodes: Arc<[Node]> = [named.clone()].into();
            watch.tend(&nodes);
            watch.first_round().await;
            watch.tend(&Arc::from(nodes.to_vec()));
            let words = watch.newest(words).unwrap();
            assert!(matches!(&words[..], [(name, Some(_))] if *name == named.name));
        }
        watch.tend(&Arc::from([]));
        assert_eq!(watch.newest(words), None);
    }
}
