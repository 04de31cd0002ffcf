use std::net::Ipv4Addr;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task;

use super::*;
use crate::health::{Claim, Reachability};

/// A node, and its listener. Connections to this address do not come from the same address.
async fn node(name: &str) -> (PeerAddress, TcpListener) {
    let other = Ipv4Addr::new(127, 8, 8, 9);
    let listener = TcpListener::bind((other, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let name = name.to_owned();
    (PeerAddress { name, address }, listener)
}

/// Answers every request with a standby on this timeline.
fn serve(listener: TcpListener, timeline: i64) {
    let document = json!({
        "version": 1, "age_seconds": 1.5, "role": "standby", "system_identifier": "7",
        "postmaster_start_time": "then", "timeline": timeline, "senders": [],
    });
    let answer = format!("HTTP/1.0 200 OK\r\n\r\n{document}");
    task::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Closing with unread input would send a reset.
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
}

fn maybe_words(peers: Option<&[Peer]>) -> Option<Vec<(String, Option<i64>)>> {
    peers.map(words)
}

fn words(peers: &[Peer]) -> Vec<(String, Option<i64>)> {
    let word = |peer: &Peer| {
        let heard = peer.heard.as_ref();
        (peer.node.clone(), heard.map(|heard| heard.server.timeline))
    };
    peers.iter().map(word).collect()
}

#[tokio::test]
async fn a_silent_node_does_not_affect_the_reports_of_others() {
    let ((first, one), (second, other)) = (node("srv1").await, node("srv2").await);
    let (third, gone) = node("srv3").await;
    serve(one, 1);
    serve(other, 2);
    drop(gone);
    let asked = Instant::now();
    let peers = once(&[first, second, third].into(), &Arc::default()).await;
    let srv = |number: u8| format!("srv{number}");
    let expected = [(srv(1), Some(1)), (srv(2), Some(2)), (srv(3), None)];
    assert_eq!(words(&peers), expected);
    let reached: Vec<Reachability> = peers.iter().map(|peer| peer.reach).collect();
    assert_eq!(
        reached,
        [
            Reachability::Answers,
            Reachability::Answers,
            Reachability::Silent
        ]
    );
    let heard = peers[0].heard.as_ref().unwrap();
    assert_eq!(heard.server.claim, Claim::Standby);
    // The age is what the daemon reports, plus at most the time of the request.
    let age = Duration::from_millis(1500);
    assert!(heard.at + age >= asked && heard.at + age < asked + TIMEOUT);
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_not_waited_for() {
    let (silent, _listener) = node("srv1").await;
    let begin = Instant::now();
    let peers = once(&[silent].into(), &Arc::default()).await;
    assert_eq!(words(&peers), [("srv1".to_owned(), None)]);
    assert!(begin.elapsed() < 10 * TIMEOUT);
}

#[tokio::test]
async fn only_the_nodes_that_are_named_now_are_asked() {
    let ((first, one), (second, other)) = (node("srv1").await, node("srv2").await);
    serve(one, 1);
    serve(other, 2);
    let mut watch = PeerWatch::default();
    assert_eq!(watch.newest(maybe_words), None);
    for named in [first, second] {
        let nodes: Arc<[PeerAddress]> = [named.clone()].into();
        watch.set_nodes(&nodes, &Arc::default());
        watch.first_round().await;
        watch.set_nodes(&Arc::from(nodes.to_vec()), &Arc::default());
        let words = watch.newest(maybe_words).unwrap();
        assert!(matches!(&words[..], [(name, Some(_))] if *name == named.name));
    }
    watch.set_nodes(&Arc::from([]), &Arc::default());
    assert_eq!(watch.newest(maybe_words), None);
}
