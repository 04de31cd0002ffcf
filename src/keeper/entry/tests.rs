//! A process in the place of a postmaster that is slow, or does not accept.

use std::fs;
use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use super::super::postmaster;
use super::*;

const A_WHILE: Duration = Duration::from_millis(50);
const SOON: Duration = Duration::from_secs(20);

/// This process, as a postmaster whose socket is in its data directory.
async fn watched(datadir: &Path) -> (WatchedPostmaster, UnixListener) {
    let listener = UnixListener::bind(datadir.join(".s.PGSQL.5432")).unwrap();
    let (pid, data) = (std::process::id(), datadir.display());
    let text = format!("{pid}\n{data}\n1\n5432\n{data}\n\n1 1\nready\n");
    fs::write(datadir.join("postmaster.pid"), text).unwrap();
    let found = postmaster::find(datadir).await.unwrap().unwrap();
    // It was asked who it is.
    drop(listener.accept().unwrap());
    (found, listener)
}

#[tokio::test]
async fn a_late_answer_on_the_oldest_connection_counts() {
    let datadir = tempfile::tempdir().unwrap();
    let (postmaster, listener) = watched(datadir.path()).await;
    let mut question = EntryQuestion::default();
    for _ in 0..3 {
        let seen = question.ask(&postmaster, A_WHILE).await.unwrap();
        assert_eq!(seen, Entry::Shut);
    }
    let (mut oldest, _) = listener.accept().unwrap();
    oldest.write_all(b"N").unwrap();
    let seen = question.ask(&postmaster, SOON).await.unwrap();
    assert_eq!(seen, Entry::Open);
    // It has been answered, and says nothing any more.
    let seen = question.ask(&postmaster, A_WHILE).await.unwrap();
    assert_eq!(seen, Entry::Shut);
}

/// One that is served by a process which stands still says nothing of the others.
#[tokio::test]
async fn an_answer_on_a_new_connection_counts_while_the_oldest_one_waits() {
    let datadir = tempfile::tempdir().unwrap();
    let (postmaster, listener) = watched(datadir.path()).await;
    let mut question = EntryQuestion::default();
    let seen = question.ask(&postmaster, A_WHILE).await.unwrap();
    assert_eq!(seen, Entry::Shut);
    let _stuck = listener.accept().unwrap();
    let server = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"N"));
    let seen = question.ask(&postmaster, SOON).await.unwrap();
    assert_eq!(seen, Entry::Open);
    server.join().unwrap().unwrap();
}

#[tokio::test]
async fn a_full_queue_is_silence_only_while_a_connection_of_the_keeper_waits_in_it() {
    let datadir = tempfile::tempdir().unwrap();
    let (postmaster, listener) = watched(datadir.path()).await;
    let path = datadir.path().join(".s.PGSQL.5432");
    let mut question = EntryQuestion::default();
    let seen = question.ask(&postmaster, A_WHILE).await.unwrap();
    assert_eq!(seen, Entry::Shut);
    let socket = postmaster.socket().unwrap();
    let mut others = Vec::new();
    while let Ok(one) = socket.ask().await {
        others.push(one);
    }
    let seen = question.ask(&postmaster, A_WHILE).await.unwrap();
    assert_eq!(seen, Entry::Shut);
    let problem = EntryQuestion::default().ask(&postmaster, A_WHILE).await;
    let problem = problem.unwrap_err();
    assert!(matches!(problem, SocketProblem::QueueFull(_)), "{problem}");
    drop(listener);
    assert!(UnixStream::connect(path).is_err());
    // The connections have ended with the listener, which nobody can mistake for silence.
    let seen = question.ask(&postmaster, A_WHILE).await.unwrap();
    assert_eq!(seen, Entry::Open);
    let seen = question.ask(&postmaster, A_WHILE).await.unwrap();
    assert_eq!(
        seen,
        Entry::Shut,
        "a postmaster that has closed its own socket"
    );
    let problem = EntryQuestion::default().ask(&postmaster, A_WHILE).await;
    let problem = problem.unwrap_err();
    assert!(matches!(problem, SocketProblem::Refused(_)), "{problem}");
}
