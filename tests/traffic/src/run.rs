//! A run: the table is made, the clients are let go, and all stop when told to.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::{JoinSet, LocalSet};
use tokio_util::sync::CancellationToken;

use crate::client::visit::Visitor;
use crate::client::writer::{Numbers, write};
use crate::client::{Door, primary, reader::read};
use crate::error::Error;
use crate::place::Place;
use crate::plan::{Access, Keep, Plan, SynchronousCommit};
use crate::record::{Begin, Record, Who};
use crate::recorder::Recorder;
use crate::report::Report;
use crate::tally::tally;

/// A run whose clock ticks.
pub(crate) struct Run {
    plan: Plan,
    name: String,
    writers: Vec<Door>,
    readers: Vec<Door>,
    recorder: Arc<Recorder>,
}

impl Run {
    /// Makes the table through the first writer's door, unless it is there, and begins.
    pub(crate) async fn begin(plan: Plan) -> Result<Self, Error> {
        let doors = |places: &[Place]| -> Result<Vec<Door>, Error> {
            let door = |place| Door::of(place, &plan.access);
            places.iter().map(door).collect()
        };
        let (mut writers, readers) = (doors(&plan.write)?, doors(&plan.read)?);
        if let Some(level) = plan.synchronous_commit {
            writers = writers
                .into_iter()
                .map(|door| door.committing(level))
                .collect();
        }
        if let Some(door) = writers.first() {
            // Not for ever: a synchronous standby may be away, and the table is no row to be kept.
            let door = door.clone().committing(SynchronousCommit::Local);
            primary::prepare(&door, plan.access.patience).await?;
        }
        let at = time_of_day();
        let name = format!("{}-{}", at.as_micros(), std::process::id());
        let names = |places: &[Place]| places.iter().map(ToString::to_string).collect();
        let begin = Begin {
            run: name.clone(),
            at,
            writers: names(&plan.write),
            readers: names(&plan.read),
        };
        let recorder = Arc::new(Recorder::begin(begin, plan.record.as_deref())?);
        Ok(Self {
            plan,
            name,
            writers,
            readers,
            recorder,
        })
    }

    /// What its clients note.
    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Lets the clients go until `stop`, and ends with what they noted.
    pub(crate) async fn until(self, stop: CancellationToken) -> Result<Record, Error> {
        let clients = LocalSet::new();
        let ended = clients.run_until(self.let_go(&stop)).await;
        for client in ended {
            client?;
        }
        Ok(self.recorder.look(Record::clone))
    }

    async fn let_go(&self, stop: &CancellationToken) -> Vec<Result<(), Error>> {
        let mut tasks = JoinSet::new();
        let numbers = Numbers::default();
        let host_sql = || self.plan.access.host_sql.clone();
        for (index, door) in self.writers.iter().enumerate() {
            let visitor = self.visitor(Who::Writer(index), door, self.plan.write_session, stop);
            let numbers = numbers.clone();
            let name = self.name.clone();
            tasks.spawn_local(write(visitor, index, name, host_sql(), numbers));
        }
        for (index, door) in self.readers.iter().enumerate() {
            let visitor = self.visitor(Who::Reader(index), door, self.plan.read_session, stop);
            tasks.spawn_local(read(visitor, index, self.name.clone(), host_sql()));
        }
        let (recorder, stop) = (Arc::clone(&self.recorder), stop.clone());
        tasks.spawn_local(async move {
            stop.cancelled().await;
            recorder.end()
        });
        tasks.join_all().await
    }

    fn visitor(&self, who: Who, door: &Door, keep: Keep, stop: &CancellationToken) -> Visitor {
        Visitor {
            who,
            door: door.clone(),
            keep,
            every: self.plan.every,
            retry_after: self.plan.retry_after,
            recorder: Arc::clone(&self.recorder),
            stop: stop.clone(),
        }
    }
}

/// Looks for the rows of a record on the primary, and sums both up.
pub(crate) async fn look(
    record: &Record,
    place: &Place,
    access: &Access,
    threshold: Duration,
) -> Result<Report, Error> {
    let timelines = record.acknowledged().map(|(_, primary)| primary.timeline);
    let newest = timelines.max().unwrap_or_default();
    let door = Door::of(place, access)?;
    let found = primary::find(&door, access, &record.begin.run, newest).await?;
    Ok(tally(record, threshold, Some(&found)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one moment to which other hosts' journals can be held; everything else is counted from it"
)]
fn time_of_day() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.unwrap_or_default();
    // As it is written.
    Duration::new(since.as_secs(), since.subsec_micros() * 1_000)
}
