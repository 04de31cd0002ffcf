//! A history, for a person: what happens, what Pacemaker does, and what the agent says in its log. Knows no meaning.

use std::cell::RefCell;
use std::fmt::{self, Display, Write};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What happened, if somebody wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    pub(crate) lines: Option<Vec<String>>,
}

impl Story {
    // What is said is formatted only if somebody wants to know.
    pub(crate) fn line(&mut self, now: Duration, text: impl Display) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:9.3} {text}", now.as_secs_f64()));
        }
    }

    pub(crate) fn pacemaker(&mut self, now: Duration, text: impl Display) {
        self.line(now, format_args!("pacemaker: {text}"));
    }

    pub(crate) fn agent(&mut self, now: Duration, node: usize, text: impl Display) {
        self.line(now, format_args!("srv{}: {text}", node + 1));
    }
}

thread_local! {
    static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What the agent has said in its log since this was last asked.
pub(crate) fn said() -> Vec<String> {
    SAID.with_borrow_mut(std::mem::take)
}

/// Keeps what the agent says in its log.
pub(crate) struct Log;

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a String cannot fail.
            write!(self.0, "{value:?}").ok();
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(format!("{}: ", event.metadata().level()));
        event.record(&mut text);
        SAID.with_borrow_mut(|said| said.push(text.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
