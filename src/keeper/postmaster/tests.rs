//! Processes in the place of a postmaster, and files that name them.

use std::os::unix::net::UnixListener;
use std::process::{Child, Command};

use tokio::time::timeout;

use super::*;

/// Longest wait for what happens at once.
const SOON: Duration = Duration::from_secs(20);

struct Sleeper(Child);

impl Sleeper {
    fn new() -> Self {
        Self(Command::new("/bin/sleep").arg("60").spawn().unwrap())
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.0.id()).unwrap()
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn now() -> i64 {
    clock_gettime(ClockId::Realtime).tv_sec
}

/// Writes a file that names a process, its start and a directory.
fn write(datadir: &Path, pid: i32, started: i64, directory: &Path) {
    let text = format!(
        "{pid}\n{}\n{started}\n5432\n{}\n\n1 1\nready\n",
        directory.display(),
        datadir.display()
    );
    fs::write(datadir.join("postmaster.pid"), text).unwrap();
}

#[tokio::test]
async fn the_end_of_the_postmaster_is_seen_at_once() {
    let datadir = tempfile::tempdir().unwrap();
    let mut sleeper = Sleeper::new();
    write(datadir.path(), sleeper.pid(), now(), datadir.path());
    let found = find(datadir.path()).await.unwrap().unwrap();
    assert_eq!(found.pid, sleeper.pid());
    let early = timeout(Duration::from_millis(50), found.end()).await;
    assert!(early.is_err(), "it runs");
    sleeper.kill();
    // Whether or not its parent has waited for it.
    timeout(SOON, found.end()).await.unwrap();
    let late = find(datadir.path()).await.unwrap();
    assert!(late.is_none(), "a process that has ended is not watched");
}

#[tokio::test]
async fn a_process_with_a_dead_postmasters_id_is_not_watched() {
    let datadir = tempfile::tempdir().unwrap();
    let sleeper = Sleeper::new();
    for started in [now() - 3600, now() + 3600, 0] {
        write(datadir.path(), sleeper.pid(), started, datadir.path());
        let wrong = find(datadir.path()).await.unwrap_err();
        assert!(matches!(wrong, NotWatched::Unproven { .. }), "{wrong}");
    }
}

/// The host's clock was set since the server started.
#[tokio::test]
async fn a_process_that_listens_at_the_servers_socket_is_its_postmaster_whatever_the_clock_says() {
    let datadir = tempfile::tempdir().unwrap();
    let _socket = UnixListener::bind(datadir.path().join(".s.PGSQL.5432")).unwrap();
    let own = i32::try_from(std::process::id()).unwrap();
    write(datadir.path(), own, now() - 3600, datadir.path());
    let found = find(datadir.path()).await.unwrap().unwrap();
    assert_eq!(found.pid, own);
    let sleeper = Sleeper::new();
    write(datadir.path(), sleeper.pid(), now() - 3600, datadir.path());
    assert!(find(datadir.path()).await.is_err(), "another one listens");
}

#[tokio::test]
async fn a_file_that_is_missing_stale_or_about_another_directory_names_no_postmaster() {
    let [datadir, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    assert!(find(datadir.path()).await.unwrap().is_none());
    let mut ended = Sleeper::new();
    ended.kill();
    ended.0.wait().unwrap();
    write(datadir.path(), ended.pid(), now(), datadir.path());
    assert!(find(datadir.path()).await.unwrap().is_none());
    let sleeper = Sleeper::new();
    write(datadir.path(), sleeper.pid(), now(), other.path());
    let wrong = find(datadir.path()).await.unwrap_err();
    assert!(matches!(wrong, NotWatched::OtherDirectory(_)), "{wrong}");
    // The same directory by another path.
    let link = other.path().join("link");
    std::os::unix::fs::symlink(datadir.path(), &link).unwrap();
    write(datadir.path(), sleeper.pid(), now(), &link);
    assert!(find(datadir.path()).await.unwrap().is_some());
    fs::write(datadir.path().join("postmaster.pid"), "\n").unwrap();
    assert!(find(datadir.path()).await.unwrap().is_none());
}
