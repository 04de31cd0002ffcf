//! Serves the agent-check port: waits briefly for the name of a view, and answers with one line. Does not
//! know what the line means.

use std::io;
use std::net;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::accepted::Accepted;
use super::closing;
use super::half_close::{self, Answered};
use crate::answer::agent_check::{NO_SUCH_VIEW, line, question};
use crate::answer::metrics::Meter;
use crate::daemon::observe::{ObservationRequest, Observer};
use crate::health::{Conditions, Depth, Share, View};

/// Time to wait for the name of a view. HAProxy sends `agent-send` with the connection's first packet; without
/// `agent-send` it sends nothing.
const VIEW_TIMEOUT: Duration = Duration::from_millis(50);

/// The settings for answers; a reload replaces them.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentCheckOptions {
    /// `agent_check.view`: for clients that do not name a view.
    pub view: View,
    /// The conditions whose limits reduce a standby's weight.
    pub conditions: Conditions,
    /// `answer.max_age`.
    pub max_age: Duration,
    /// `postgres.timeout`.
    pub timeout: Duration,
}

/// Answers connections to the agent-check port, each in a separate task.
#[derive(Debug)]
pub struct AgentPort {
    observer: Observer,
    options: watch::Receiver<Arc<AgentCheckOptions>>,
    under_way: TaskTracker,
    meter: Meter,
}

impl AgentPort {
    /// Creates the port. `under_way` tracks the connections.
    pub fn new(
        observer: Observer,
        options: watch::Receiver<Arc<AgentCheckOptions>>,
        under_way: TaskTracker,
        meter: Meter,
    ) -> Self {
        Self {
            observer,
            options,
            under_way,
            meter,
        }
    }

    /// Serves connections until the acceptor has ended.
    pub async fn serve(self, mut batches: mpsc::Receiver<Vec<Accepted>>) {
        self.observer.prepared().await;
        while let Some(batch) = batches.recv().await {
            for accepted in batch {
                let options = Arc::clone(&self.options.borrow());
                let exchange =
                    exchange(accepted, self.observer.clone(), options, self.meter.clone());
                self.under_way.spawn(exchange);
            }
        }
    }
}

async fn exchange(
    accepted: Accepted,
    mut observer: Observer,
    options: Arc<AgentCheckOptions>,
    meter: Meter,
) {
    let Accepted {
        socket,
        arrived,
        early,
        slot,
        pass: _,
    } = accepted;
    let Ok(stream) = TcpStream::from_std(net::TcpStream::from(socket)) else {
        return;
    };
    let leave = CancellationToken::new();
    slot.mark_silent(&leave);
    let requested = tokio::select! {
        biased;
        requested = view(&stream, early, options.view) => requested,
        () = leave.cancelled() => return,
    };
    slot.mark_active();
    let answer = if let Some(view) = requested {
        let wanted = ObservationRequest {
            arrived,
            max_age: options.max_age,
            timeout: options.timeout,
        };
        let seen = match view {
            View::ReadWrite | View::ReadOnly => observer.ask(wanted).await,
            View::ReadOnlySync => observer.ask_for(Depth::Sync, wanted).await,
        };
        meter.answered(seen.verdict, 1);
        let share = Share::of(seen.lag(), seen.delay, &options.conditions);
        line(view, seen.verdict, seen.ordered, share, seen.sync)
    } else {
        meter.refused("view");
        NO_SUCH_VIEW.into()
    };
    meter.waited(arrived.elapsed());
    let Ok(socket) = stream.into_std() else {
        return;
    };
    // An error only means that the client has disconnected before the answer.
    if half_close::send_and_finish(&socket, answer.as_bytes()).is_ok() {
        closing::until_ended(Answered::new(socket.into()), slot).await;
    }
}

/// The requested view; `default` if the client names none, `None` if it names one that does not exist.
async fn view(stream: &TcpStream, early: Vec<u8>, default: View) -> Option<View> {
    let mut line = early;
    // Whatever arrived in time counts; sending the answer reveals a broken connection.
    drop(time::timeout(VIEW_TIMEOUT, read_question(stream, &mut line)).await);
    question::asked(&line, default)
}

/// Reads until the end of a line or of the stream, or until [`question::MOST`] bytes were read.
async fn read_question(stream: &TcpStream, line: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; question::MOST];
    while !question::is_whole(line) {
        stream.readable().await?;
        match stream.try_read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => line.extend(buffer.iter().take(read)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
