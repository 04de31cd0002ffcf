//! The other end of a program's `NOTIFY_SOCKET` (manual page `sd_notify(3)`).

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::{io, net::Shutdown};

use crate::trouble::Trouble;

/// Everything a program told systemd, in order.
#[derive(Debug)]
pub struct Notifications {
    path: PathBuf,
    socket: UnixDatagram,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Notifications {
    /// Listens at `path`. A thread reads: the kernel holds ten messages, then the sender waits.
    pub fn at(path: &Path) -> Result<Self, Trouble> {
        let doing = format!("listen at {}", path.display());
        let bind = || {
            let socket = UnixDatagram::bind(path)?;
            Ok((socket.try_clone()?, socket))
        };
        let (reading, socket) = bind().map_err(Trouble::io(doing))?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&lines);
        let reader = thread::spawn(move || read(&reading, &shared));
        Ok(Self {
            path: path.into(),
            socket,
            lines,
            reader: Some(reader),
        })
    }

    /// The socket's path, for `NOTIFY_SOCKET`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every line so far, such as `READY=1`.
    pub fn lines(&self) -> Vec<String> {
        locked(&self.lines).clone()
    }

    /// Whether a line has come.
    pub fn contains(&self, line: &str) -> bool {
        locked(&self.lines).iter().any(|said| said == line)
    }

    /// How often a line has come: `WATCHDOG=1`.
    pub fn count(&self, line: &str) -> usize {
        locked(&self.lines)
            .iter()
            .filter(|said| *said == line)
            .count()
    }

    /// The newest `STATUS=`.
    pub fn status(&self) -> Option<String> {
        let lines = locked(&self.lines);
        let newest = lines
            .iter()
            .rev()
            .find_map(|line| line.strip_prefix("STATUS="));
        newest.map(str::to_owned)
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        self.socket.shutdown(Shutdown::Both).ok();
        if let Some(reader) = self.reader.take() {
            reader.join().ok();
        }
    }
}

fn read(socket: &UnixDatagram, lines: &Mutex<Vec<String>>) {
    let mut buffer = [0; 4096];
    loop {
        match socket.recv(&mut buffer) {
            // The end, since nobody sends an empty message.
            Ok(0) => return,
            Ok(count) => {
                let message = String::from_utf8_lossy(buffer.get(..count).unwrap_or_default());
                locked(lines).extend(message.lines().map(str::to_owned));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn locked(lines: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scratch::Scratch;
    use crate::wait::until;

    #[test]
    fn lines_are_kept_in_order_and_the_status_is_the_newest() {
        let scratch = Scratch::new().unwrap();
        let notifications = Notifications::at(&scratch.path().join("socket")).unwrap();
        let sender = UnixDatagram::unbound().unwrap();
        sender.connect(notifications.path()).unwrap();
        // More than the kernel would hold.
        for number in 0..20 {
            let message = format!("STATUS={number}\nWATCHDOG=1");
            sender.send(message.as_bytes()).unwrap();
        }
        until(Duration::from_secs(30), "the last message", || {
            notifications.status().as_deref() == Some("19")
        })
        .unwrap();
        assert_eq!(notifications.count("WATCHDOG=1"), 20);
        assert!(!notifications.contains("READY=1"));
    }
}
