//! What Pacemaker says of this node's quorum, asked in the background: no check waits for it or starts a
//! process. Knows nothing of what becomes of it.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{self, AbortHandle};
use tokio::time::{self, MissedTickBehavior};
use tracing::warn;

use super::program;
use crate::role::{Quorum, QuorumGuard};

/// Pacemaker's own tool: `--quorum` prints 1 or 0 (`crm_node(8)`).
const PROGRAM: &str = "crm_node";

/// Between the beginnings of two questions.
const PACE: Duration = Duration::from_secs(1);

/// Longest that one may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Oldest answer that counts, from the moment of its question: one that comes late, and one that does not
/// come at all.
const OLDEST: Duration = Duration::from_secs(3);

/// What was said, and when it was asked.
type Said = Option<(Instant, Quorum)>;

/// Asks for as long as somebody wants to know, and keeps the newest answer.
#[derive(Debug, Default)]
pub struct Watch(Option<Asking>);

#[derive(Debug)]
struct Asking {
    newest: watch::Receiver<Said>,
    task: AbortHandle,
}

impl Watch {
    /// What is known at `moment`, for a guard that needs it. At the very first time it waits for an answer,
    /// so that a primary is not called down because a daemon has just begun.
    pub async fn quorum(&mut self, moment: Instant, guard: QuorumGuard) -> Option<Quorum> {
        match guard {
            QuorumGuard::Off => {
                self.0 = None;
                None
            }
            QuorumGuard::Pacemaker => {
                let asking = self.0.get_or_insert_with(Asking::begin);
                if asking.newest.borrow().is_none() {
                    // Its end is an unknown quorum.
                    drop(time::timeout(PATIENCE, asking.newest.changed()).await);
                }
                Some(known(*asking.newest.borrow(), moment))
            }
        }
    }
}

impl Asking {
    fn begin() -> Self {
        let (sender, newest) = watch::channel(None);
        let task = task::spawn(ask_on(sender)).abort_handle();
        Self { newest, task }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn known(said: Said, moment: Instant) -> Quorum {
    match said {
        Some((asked, quorum)) if moment.saturating_duration_since(asked) <= OLDEST => quorum,
        Some(_) | None => Quorum::Unknown,
    }
}

async fn ask_on(newest: watch::Sender<Said>) {
    let mut pace = time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complaint = String::new();
    loop {
        pace.tick().await;
        let asked = Instant::now();
        let (quorum, wrong) = match ask(PROGRAM).await {
            Ok(quorum) => (quorum, String::new()),
            Err(wrong) => (Quorum::Unknown, wrong),
        };
        if wrong != complaint {
            if !wrong.is_empty() {
                warn!("Pacemaker does not tell whether this node has quorum: {wrong}");
            }
            complaint = wrong;
        }
        newest.send_replace(Some((asked, quorum)));
    }
}

/// The answer, or what went wrong, for the log.
async fn ask(program: &str) -> Result<Quorum, String> {
    let ran = program::run(program, &["--quorum"], PATIENCE).await;
    let printed = ran.map_err(|error| error.to_string())?.well();
    match printed.map_err(|error| error.to_string())?.trim_ascii() {
        "1" => Ok(Quorum::Held),
        "0" => Ok(Quorum::Lost),
        _ => Err(format!("{program} printed neither 1 nor 0")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// What a program of these lines says.
    async fn said_by(lines: &str) -> Result<Quorum, String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("crm_node");
        fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        ask(program.to_str().unwrap()).await
    }

    #[tokio::test]
    async fn one_and_zero_are_the_only_answers() {
        assert_eq!(said_by("echo 1").await, Ok(Quorum::Held));
        assert_eq!(said_by("echo 0").await, Ok(Quorum::Lost));
        for other in ["echo 10", "echo", "echo yes", "echo 1; exit 1", "exit 102"] {
            assert!(said_by(other).await.is_err(), "{other}");
        }
    }

    #[tokio::test]
    async fn what_went_wrong_is_told() {
        let wrong = said_by("echo 'crm_node: no peers' >&2; exit 107").await;
        assert_eq!(
            wrong.unwrap_err().split_once(" failed ").unwrap().1,
            "(exit status: 107): crm_node: no peers"
        );
        let missing = ask("/nonexistent/crm_node").await.unwrap_err();
        assert!(missing.starts_with("cannot run /nonexistent/crm_node: "));
    }

    #[tokio::test]
    async fn who_says_nothing_is_not_waited_for() {
        let begin = Instant::now();
        assert!(said_by("exec sleep 60").await.is_err());
        assert!(begin.elapsed() < 10 * PATIENCE);
    }

    #[test]
    fn an_answer_counts_for_a_bounded_time() {
        let asked = Instant::now();
        let said = Some((asked, Quorum::Held));
        assert_eq!(known(said, asked), Quorum::Held);
        assert_eq!(known(said, asked + OLDEST), Quorum::Held);
        let later = asked + OLDEST + Duration::from_millis(1);
        assert_eq!(known(said, later), Quorum::Unknown);
        assert_eq!(known(None, asked), Quorum::Unknown);
    }
}
