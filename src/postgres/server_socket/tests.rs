//! Listeners in the place of a postmaster, and what becomes of their sockets.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use rustix::fs::symlinkat;
use rustix::process::geteuid;
use tokio::time::timeout;

use super::*;

const A_WHILE: Duration = Duration::from_millis(50);
const SOON: Duration = Duration::from_secs(20);

/// A file that names this process, and its socket in `directory`.
fn file(directory: &str, data: &Path) -> PidFile {
    let (pid, data) = (std::process::id(), data.display());
    PidFile::parse(&format!("{pid}\n{data}\n1\n5432\n{directory}\n")).unwrap()
}

fn own() -> u32 {
    geteuid().as_raw()
}

fn held(folder: &Path) -> Result<PostmasterSocket, SocketProblem> {
    PostmasterSocket::of(&file(".", folder), own())
}

#[tokio::test]
async fn a_byte_or_the_end_of_the_connection_is_an_answer_and_silence_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    let socket = held(folder.path()).unwrap();
    let asked = socket.ask().await.unwrap();
    let (mut served, _) = listener.accept().unwrap();
    let mut request = [0; 8];
    served.read_exact(&mut request).unwrap();
    assert_eq!(request, [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
    assert!(timeout(A_WHILE, asked.arrival()).await.is_err(), "silence");
    served.write_all(b"N").unwrap();
    timeout(SOON, asked.arrival()).await.unwrap();
    let asked = socket.ask().await.unwrap();
    drop(listener.accept().unwrap());
    timeout(SOON, asked.arrival()).await.unwrap();
}

/// Anybody may put files into a folder such as /tmp.
#[tokio::test]
async fn a_socket_that_is_held_is_reached_whatever_becomes_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".s.PGSQL.5432");
    let listener = UnixListener::bind(&path).unwrap();
    let socket = held(folder.path()).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(socket.ask().await.is_ok());
    let _other = UnixListener::bind(&path).unwrap();
    assert!(socket.ask().await.is_ok());
    listener.accept().unwrap();
    listener.accept().unwrap();
    drop(listener);
    let refused = socket.ask().await.unwrap_err();
    assert!(matches!(refused, SocketProblem::Refused(_)), "{refused}");
}

#[tokio::test]
async fn a_queue_that_is_full_is_not_silence() {
    let folder = tempfile::tempdir().unwrap();
    let _listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    let socket = held(folder.path()).unwrap();
    let mut asked = Vec::new();
    let full = loop {
        match socket.ask().await {
            Ok(one) => asked.push(one),
            Err(problem) => break problem,
        }
    };
    assert!(matches!(full, SocketProblem::QueueFull(_)), "{full}");
}

#[tokio::test]
async fn another_process_and_another_user_are_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    let file = file(".", folder.path());
    let another = PidFile {
        pid: file.pid + 1,
        ..file.clone()
    };
    for (file, owner) in [(&another, own()), (&file, own() + 1)] {
        let socket = PostmasterSocket::of(file, owner).unwrap();
        let problem = socket.ask().await.unwrap_err();
        let is_other = matches!(problem, SocketProblem::OtherProcess { .. });
        assert!(is_other, "{problem}");
        let (mut served, _) = listener.accept().unwrap();
        assert_eq!(served.read(&mut [0]).unwrap(), 0, "a byte was sent");
    }
}

#[test]
fn nothing_but_a_socket_in_a_folder_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".s.PGSQL.5432");
    let problem = |directory: &str| {
        let socket = PostmasterSocket::of(&file(directory, folder.path()), own());
        socket.unwrap_err().to_string()
    };
    assert!(problem("").contains("names no Unix socket"));
    assert!(problem("@pg").contains("is not a file"));
    assert!(problem(".").contains("No such file"));
    fs::write(&path, "").unwrap();
    assert!(problem(".").contains("is not a Unix socket"));
    fs::remove_file(&path).unwrap();
    let real = folder.path().join("real");
    let _listener = UnixListener::bind(&real).unwrap();
    symlinkat(&real, CWD, &path).unwrap();
    assert!(problem(".").contains("is not a Unix socket"));
}
