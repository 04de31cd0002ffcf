//! The loop of the keeper: waits for the end of the server, and asks the daemon about once a second whether the server lets
//! anybody in. Decides nothing, and gives no command itself.

use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use super::hang::{Entry, KeeperTurn};
use super::server::WatchedServer;
use super::{AskDaemon, KeeperHost};

/// Time between the beginnings of two turns.
const PERIOD: Duration = Duration::from_secs(1);

/// Watches until `stopped` is ready. Calls `turned` in each turn.
pub async fn watch(
    host: &KeeperHost,
    daemon: &impl AskDaemon,
    mut turned: impl FnMut(),
    stopped: impl Future<Output = ()>,
) {
    let mut server = WatchedServer::new(host);
    // A turn in which the daemon takes all its time is not one that was held up.
    let period = PERIOD.max(host.patience);
    tokio::pin!(stopped);
    loop {
        let began = Instant::now();
        server.prepare().await;
        turned();
        let turn = async {
            let entry = if server.is_asked_for() {
                daemon.entry().await
            } else {
                Entry::Unknown
            };
            sleep_until((began + PERIOD).into()).await;
            entry
        };
        let entry = tokio::select! {
            biased;
            () = &mut stopped => break,
            () = server.end() => None,
            entry = turn => Some(entry),
        };
        match entry {
            None => server.ended().await,
            Some(entry) => server.turned(KeeperTurn {
                took: began.elapsed(),
                period,
                entry,
            }),
        }
    }
    server.give_back();
}
