//! Prints what the keeper sees and what it would do. Gives no command.

use std::time::{Duration, Instant};

use super::entry::EntryQuestion;
use super::facts::{LocalFacts, PostmasterNow, Told, Trouble};
use super::gather::{Gatherer, NoView};
use super::plan::{MarkMemory, on_trouble, on_turn};
use super::text::{Seen, report};
use super::watch::PERIOD;
use super::{KeeperHost, postmaster};

/// Returns what is seen and what would be done.
pub async fn dry_run(host: &KeeperHost) -> Result<String, NoView> {
    let mut gatherer = Gatherer::new(host);
    let (node, view) = gatherer.view()?;
    let agent = gatherer.agent(&view.attributes);
    let found = postmaster::find(&view.parameters.datadir).await;
    let entry = match &found {
        Ok(Some(postmaster)) => {
            let asked = EntryQuestion::default().ask(postmaster, PERIOD).await;
            Some(asked)
        }
        Ok(None) | Err(_) => None,
    };
    let planned = |trouble, postmaster| {
        let local = LocalFacts {
            trouble,
            told: Told::NotYet,
            agent,
            postmaster,
        };
        on_trouble(&local, Some(&view.facts))
    };
    Ok(report(&Seen {
        node: &node,
        view: &view,
        postmaster: found
            .map(|found| found.map(|one| one.pid))
            .map_err(|error| error.to_string()),
        agent,
        entry,
        on_death: planned(Trouble::Died, PostmasterNow::None),
        on_hang: planned(Trouble::Hung, PostmasterNow::Watched),
        on_turn: on_turn(
            MarkMemory::None,
            Some(&view.facts),
            Instant::now(),
            Duration::ZERO,
        ),
    }))
}
