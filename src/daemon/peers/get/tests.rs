use std::net::Ipv4Addr;
use std::time::Duration;

use rustls::pki_types::UnixTime;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::{task, time};

use super::*;
use crate::admit::ClusterKeys;
use crate::base::certificates::tests::pki::Authority;
use crate::base::https::TlsClient;

/// A loopback address that is not the one from which this host connects to all of them.
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 8, 8, 8);

/// Answers one request on `listener` with these bytes.
fn answer(listener: TcpListener, bytes: Vec<u8>) {
    task::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 1024];
        let read = stream.read(&mut head).await.unwrap();
        assert!(head[..read].starts_with(b"GET /state HTTP/1.1\r\n"));
        // The client stops reading when it has enough.
        drop(stream.write_all(&bytes).await);
    });
}

async fn asked(response: &str, body: &str) -> Result<PeerAnswer, PeerError> {
    asked_with(response, body, &PeerCredentials::default()).await
}

async fn asked_with(
    response: &str,
    body: &str,
    credentials: &PeerCredentials,
) -> Result<PeerAnswer, PeerError> {
    let listener = TcpListener::bind((OTHER, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    answer(listener, format!("{response}\r\n\r\n{body}").into_bytes());
    state(address, credentials).await
}

#[tokio::test]
async fn the_document_is_what_comes_with_200() {
    let sized = asked("HTTP/1.1 200 OK\r\nContent-Length: 2", "{}").await;
    assert!(matches!(sized, Ok(PeerAnswer::State(body)) if body == "{}"));
    let to_the_end = asked("HTTP/1.0 200 OK", "{}").await;
    assert!(matches!(to_the_end, Ok(PeerAnswer::State(body)) if body == "{}"));
    let missing = asked("HTTP/1.1 404 Not Found\r\nContent-Length: 0", "").await;
    assert!(
        missing
            .unwrap_err()
            .to_string()
            .ends_with("answered with status 404 Not Found")
    );
    for (status, remedy) in [
        ("401 Unauthorized", "admission.token_file"),
        ("403 Forbidden", "admission.trusted"),
    ] {
        let refused = asked(&format!("HTTP/1.1 {status}\r\nContent-Length: 0"), "").await;
        assert!(
            refused.unwrap_err().to_string().contains(remedy),
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_incomplete_an_endless_and_a_malformed_answer_are_errors() {
    let broken = asked("HTTP/1.1 200 OK\r\nContent-Length: 3", "{}").await;
    assert!(broken.is_err());
    let endless = asked("HTTP/1.0 200 OK", &" ".repeat(MOST + 1)).await;
    assert!(endless.unwrap_err().to_string().contains("length limit"));
    let nonsense = asked("production", "").await;
    assert!(nonsense.is_err());
}

#[tokio::test]
async fn where_one_side_has_tls_the_sentence_names_the_setting_of_each() {
    // The alert of a TLS server that gets a request.
    let with_tls = asked("\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{46}", "").await;
    let said = with_tls.unwrap_err().to_string();
    assert!(said.contains("as a daemon with TLS does"), "{said}");
    assert!(
        said.contains("http.certificate_file") && said.contains("cluster.ca_file"),
        "{said}"
    );
    let listener = TcpListener::bind((OTHER, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    task::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 4096];
        assert_ne!(stream.read(&mut hello).await.unwrap(), 0);
        let refusal = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        drop(stream.write_all(refusal).await);
    });
    let authorities = Authority::new("ours").pem();
    let nodes = [(OTHER.into(), "srv1".to_owned())].into_iter().collect();
    let client =
        TlsClient::of_nodes_with_objections(authorities.as_bytes(), nodes, None, UnixTime::now());
    let credentials = PeerCredentials {
        tls: Some(client.unwrap().0),
        ..PeerCredentials::default()
    };
    let said = state(address, &credentials).await.unwrap_err().to_string();
    assert!(said.contains("answers without TLS"), "{said}");
    assert!(
        said.contains("http.certificate_file") && said.contains("cluster.ca_file"),
        "{said}"
    );
}

#[tokio::test]
async fn informational_responses_without_end_are_read_up_to_a_bound() {
    let listener = TcpListener::bind((OTHER, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let liar = task::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let informational = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        let mut sent = 0_usize;
        while stream.write_all(&informational).await.is_ok() {
            sent += informational.len();
        }
        sent
    });
    let asked = time::timeout(
        Duration::from_secs(20),
        state(address, &PeerCredentials::default()),
    )
    .await;
    assert!(asked.unwrap().is_err());
    // What the sockets of both sides hold comes on top of what was read.
    assert!(liar.await.unwrap() < 64 << 20);
}

#[tokio::test]
async fn with_keys_a_document_without_their_proof_is_an_error() {
    let keys = ClusterKeys::new(&[b'k'; 32]).unwrap();
    let stale = keys.prove(Nonce::new([0; 16]), (OTHER, 8008).into(), b"{}");
    let credentials = PeerCredentials {
        keys: Some(keys),
        token: None,
        tls: None,
    };
    for header in [String::new(), format!("\r\n{PROOF_HEADER}: {stale}")] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 2{header}");
        let message = asked_with(&head, "{}", &credentials)
            .await
            .unwrap_err()
            .to_string();
        assert!(message.contains("does not prove"), "{message}");
    }
}

#[tokio::test]
async fn a_daemon_does_not_ask_itself() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let own = state(listener.local_addr().unwrap(), &PeerCredentials::default()).await;
    assert!(matches!(own, Ok(PeerAnswer::Own)));
}
