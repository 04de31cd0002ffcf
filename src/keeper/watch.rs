//! The loop of the keeper: waits for the end of the server, and asks it about once a second whether it answers. Decides
//! nothing, and gives no command itself.

use std::time::{Duration, Instant};

use super::KeeperHost;
use super::entry::TurnEnd;
use super::server::WatchedServer;

/// How long a turn takes if nothing holds it up.
pub(super) const PERIOD: Duration = Duration::from_secs(1);

/// Watches until `stopped` is ready. Calls `turned` in each turn.
pub async fn watch(host: &KeeperHost, mut turned: impl FnMut(), stopped: impl Future<Output = ()>) {
    let mut server = WatchedServer::new(host);
    tokio::pin!(stopped);
    loop {
        server.prepare().await;
        turned();
        let began = Instant::now();
        let end = tokio::select! {
            biased;
            () = &mut stopped => break,
            end = server.turn(PERIOD) => end,
        };
        match end {
            TurnEnd::ServerEnded => server.ended().await,
            TurnEnd::Passed(seen) => server.turned(began.elapsed(), PERIOD, seen),
        }
    }
    server.give_back();
}
