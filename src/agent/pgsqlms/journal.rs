//! Writes the agent's log to where OCF's shell functions and PAF write theirs (`ha_log` and `ocf_log` in
//! `ocf-shellfuncs` of resource-agents): one line for each event, `ERROR: …`. Knows no event.
//!
//! - [`places`]: the destinations.
//! - [`syslog`]: one of them.

mod places;
mod syslog;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use jiff::Zoned;
use jiff::fmt::strtime;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::base::regular_file;
use places::{DATE, Places};
use syslog::{Priority, Syslog};

/// The prefix by which Pacemaker recognizes an exit reason.
const PREFIX: &str = "OCF_EXIT_REASON_PREFIX";
const DEFAULT_PREFIX: &str = "ocf-exit-reason:";

/// Writes the log in a thread of its own, which keeps the privileges of this program: events also occur while
/// operations run as the server's user, who may write to none of Pacemaker's destinations.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    saying: Arc<Saying>,
    /// The channel to that thread; `None` if the thread could not be started.
    thread: Option<SyncSender<LogLine>>,
}

/// A line for the log.
#[derive(Debug)]
struct LogLine {
    priority: Priority,
    message: String,
    echo: Echo,
    /// Signals that the line is written: the program may end next.
    said: SyncSender<()>,
}

#[derive(Debug)]
struct Saying {
    places: Places,
    stderr: Stderr,
    syslog: Syslog,
    prefix: String,
}

/// What standard error is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stderr {
    /// A terminal: a person reads it now, and wants everything there.
    Terminal,
    /// A pipe to Pacemaker.
    Pipe,
}

/// Whether a line was already written to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Echo {
    /// It was not.
    Wanted,
    /// It was.
    Done,
}

impl Journal {
    /// Opens the destinations that the environment names, for all further events of this program.
    pub(super) fn open(variables: &BTreeMap<String, String>) -> Self {
        let places = Places::of(variables, process::id());
        let stderr = if io::stderr().is_terminal() {
            Stderr::Terminal
        } else {
            Stderr::Pipe
        };
        let journal = Self::at(places, stderr, Syslog::local(), variables);
        // A second journal, as in tests of one process, does not replace the first.
        drop(
            tracing_subscriber::registry()
                .with(journal.clone())
                .try_init(),
        );
        journal
    }

    fn at(
        places: Places,
        stderr: Stderr,
        syslog: Syslog,
        variables: &BTreeMap<String, String>,
    ) -> Self {
        let prefix = variables.get(PREFIX).filter(|prefix| !prefix.is_empty());
        let saying = Arc::new(Saying {
            places,
            stderr,
            syslog,
            prefix: prefix.map_or(DEFAULT_PREFIX, String::as_str).into(),
        });
        let (sender, lines) = mpsc::sync_channel::<LogLine>(1);
        let theirs = Arc::clone(&saying);
        let say_all = move || {
            for line in lines {
                theirs.say(line.priority, &line.message, line.echo);
                // The sender may have stopped waiting.
                line.said.send(()).ok();
            }
        };
        let started = thread::Builder::new().spawn(say_all);
        Self {
            saying,
            thread: started.is_ok().then_some(sender),
        }
    }

    fn say(&self, priority: Priority, message: String, echo: Echo) {
        let Some(thread) = &self.thread else {
            return self.saying.say(priority, &message, echo);
        };
        let (said, is_said) = mpsc::sync_channel(1);
        let line = LogLine {
            priority,
            message,
            echo,
            said,
        };
        // If that thread had panicked, the program would have ended.
        thread.send(line).ok();
        is_said.recv().ok();
    }

    /// Writes why an action failed. Pacemaker reads the sentence from standard error and shows it
    /// with the resource's state.
    pub(super) fn exit_reason(&self, sentence: &str) {
        let sentence = one_line(sentence);
        to_stderr(&format!("{}{sentence}", self.saying.prefix));
        self.say(Priority::Error, sentence, Echo::Done);
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if !metadata.target().starts_with(env!("CARGO_CRATE_NAME")) {
            return;
        }
        let priority = match *metadata.level() {
            Level::ERROR => Priority::Error,
            Level::WARN => Priority::Warning,
            Level::INFO => Priority::Info,
            Level::DEBUG | Level::TRACE => Priority::Debug,
        };
        let mut message = Message::default();
        event.record(&mut message);
        self.say(priority, one_line(&message.0), Echo::Wanted);
    }
}

/// An event's message, followed by its fields.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to memory cannot fail.
        if field.name() == "message" {
            self.0.insert_str(0, &format!("{value:?}"));
        } else {
            write!(self.0, " {}={value:?}", field.name()).ok();
        }
    }
}

impl Saying {
    /// Writes a line. Failures are ignored, since there is nowhere to report them.
    fn say(&self, priority: Priority, message: &str, echo: Echo) {
        let places = &self.places;
        let text = format!("{}: {message}", priority.word());
        let is_debug = priority == Priority::Debug;
        if is_debug && !places.debug {
            return;
        }
        if self.stderr == Stderr::Terminal {
            if echo == Echo::Wanted {
                to_stderr(&format!("{}{text}", places.terminal_tag));
            }
            return;
        }
        if let Some(facility) = places.facility {
            self.syslog.send(
                facility,
                priority,
                &format!("{} {}: {text}", date(syslog::DATE), places.tag),
            );
        }
        let dated = format!("{}{text}", date(&places.date_format));
        let line = format!("{}:\t{dated}\n", places.tag);
        if is_debug {
            if let Some(file) = places.debug_file.as_deref().filter(|file| file.is_file()) {
                append(file, &line);
            }
            if places.facility.is_none() && places.debug_file.is_none() {
                to_stderr(&format!("{}: {dated}", places.tag));
            }
            return;
        }
        if let Some(file) = &places.file {
            append(file, &line);
        }
        if places.facility.is_none() && places.file.is_none() && echo == Echo::Wanted {
            to_stderr(&dated);
        }
        if let Some(file) = places.debug_file.as_deref()
            && places.file.as_deref() != Some(file)
        {
            append(file, &line);
        }
    }
}

/// Returns the local time in a format; an invalid format is replaced by the default.
fn date(format: &str) -> String {
    let now = Zoned::now();
    let date = strtime::format(format, &now).or_else(|_| strtime::format(DATE, &now));
    date.unwrap_or_default()
}

fn append(file: &Path, line: &str) {
    let create = || {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true).open(file)
    };
    let opened = regular_file::open_end(file).or_else(|error| {
        if error.kind() == ErrorKind::NotFound {
            create()
        } else {
            Err(error)
        }
    });
    opened
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .ok();
}

fn to_stderr(line: &str) {
    io::stderr().write_all(format!("{line}\n").as_bytes()).ok();
}

/// Replaces control characters, which would end the line or send commands to a terminal.
fn one_line(text: &str) -> String {
    text.trim().replace(char::is_control, " ")
}

#[cfg(test)]
mod tests;
