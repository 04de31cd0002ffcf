//! How a client comes and goes: it keeps its session or not, asks at its pace, and comes back after a
//! failure; knows not what it asks.

use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::session::{Door, Session};
use crate::error::Error;
use crate::failure::Failure;
use crate::plan::Keep;
use crate::record::{Note, Unreached, Who};
use crate::recorder::Recorder;

/// A client that comes and goes.
pub(crate) struct Visitor {
    pub(crate) who: Who,
    pub(crate) door: Door,
    pub(crate) keep: Keep,
    pub(crate) every: Duration,
    pub(crate) retry_after: Duration,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) stop: CancellationToken,
}

impl Visitor {
    /// Asks again and again until it is told to stop; a statement under way is waited for. If notes
    /// cannot be taken, everybody stops.
    pub(crate) async fn come_and_go(
        &self,
        ask: impl AsyncFnMut(&Session) -> Result<Result<(), Failure>, Error>,
    ) -> Result<(), Error> {
        let ended = self.until_stopped(ask).await;
        if ended.is_err() {
            self.stop.cancel();
        }
        ended
    }

    async fn until_stopped(
        &self,
        mut ask: impl AsyncFnMut(&Session) -> Result<Result<(), Failure>, Error>,
    ) -> Result<(), Error> {
        let mut pace = interval(self.every);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut kept = None;
        loop {
            select! {
                biased;
                () = self.stop.cancelled() => return Ok(()),
                _ = pace.tick() => {}
            }
            let session = match kept.take() {
                Some(session) => Some(session),
                None => self.come_in().await?,
            };
            let asked = match &session {
                Some(session) => ask(session).await?.is_ok(),
                None => false,
            };
            if !asked {
                self.rest().await;
            } else if self.keep == Keep::Kept {
                kept = session;
            }
        }
    }

    /// A session; none if it was not had, which is noted, or if it is time to stop.
    async fn come_in(&self) -> Result<Option<Session>, Error> {
        let began = self.recorder.now();
        let opened = select! {
            biased;
            () = self.stop.cancelled() => return Ok(None),
            opened = self.door.open() => opened,
        };
        match opened {
            Ok(session) => Ok(Some(session)),
            Err(why) => {
                let ended = self.recorder.now();
                let who = self.who;
                self.recorder.note(Note::Unreached(Unreached {
                    who,
                    began,
                    ended,
                    why,
                }))?;
                Ok(None)
            }
        }
    }

    async fn rest(&self) {
        select! {
            () = self.stop.cancelled() => {}
            () = sleep(self.retry_after) => {}
        }
    }
}
